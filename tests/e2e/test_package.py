"""A trained model as a user sends it: packaged, installed by pip, chosen by name, refused where it was changed."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from gongkai.models.store import save_config, shipped
from gongkai.pipeline.cli.main import app

pytest.importorskip("build")
pytest.importorskip("flit_core")
pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "corpora" / "samples" / "zhuxi-2022.txt"
Run = Callable[..., Result]


def pip_install(package: Path, target: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-deps", "--no-index", "--no-build-isolation", "--target", str(target)]
    subprocess.run([*command, *offline, str(package)], check=True, timeout=280)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped fast models packaged by the command line."""
    folder = tmp_path_factory.mktemp("package") / "dist"
    models = [str(shipped(name)) for name in ("fast-metrics", "fast-tagger")]
    done = CliRunner().invoke(app, ["package", *models, "-o", str(folder), "--name", "Our_Fast", "--version", "7.1"])
    assert done.exit_code == 0, done.output
    built = [folder / "our_fast-7.1-py3-none-any.whl", folder / "our_fast-7.1.tar.gz"]
    assert done.stdout.split() == [str(path) for path in built]
    assert all(path.is_file() for path in built)
    return folder


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that pip installed the wheel into."""
    target = tmp_path_factory.mktemp("site")
    pip_install(next(dist.glob("*.whl")), target)
    return target


@pytest.fixture
def run(installed: Path, runner: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder, in an interpreter that has the installed model or those of another folder."""
    monkeypatch.chdir(tmp_path)
    runner.env["COLUMNS"] = "200"

    def invoke(*arguments: str, site: Path = installed) -> Result:
        with monkeypatch.context() as patch:
            patch.syspath_prepend(str(site))
            importlib.invalidate_caches()
            return runner.invoke(app, arguments)

    return invoke


def test_an_installed_model_gives_what_the_engine_of_the_same_models_gives(installed: Path, run: Run) -> None:
    command = [str(Path(sys.executable).parent / "gongkai"), "annotate", str(SAMPLE), "--model", "our-fast"]
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(command, env=environment, capture_output=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr.decode()
    ours, theirs = json.loads(done.stdout), json.loads(run("annotate", str(SAMPLE), "--engine", "fast").stdout)
    assert ours["pipeline"].pop("config_sha256") != theirs["pipeline"].pop("config_sha256")
    assert ours == theirs, "models are quoted by their own name and hash, wherever they come from"


def test_the_list_of_installed_models(run: Run, tmp_path: Path) -> None:
    told = run("models").stdout
    for words in ("our-fast", "7.1", "reports", "可用 ok", "gongkai-fast-tagger", "(linear, 41 labels)"):
        assert words in told
    assert "our_fast" not in sys.modules, "a model is not imported to be listed"
    (told,) = json.loads(run("models", "--json").stdout)
    assert (told["name"], told["problem"]) == ("our-fast", None)
    assert "No model is installed" in run("models", site=tmp_path).stdout


def test_a_changed_model_is_refused_with_advice(installed: Path, run: Run, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(installed, site)
    with (site / "our_fast" / "model" / "fast-tagger" / "weights.npz").open("ab") as file:
        file.write(b"!")
    done = run("annotate", str(SAMPLE), "--model", "our-fast", "-o", "out", site=site)
    assert done.exit_code == 2
    for words in ("[model.incompatible]", "was changed", "gongkai train"):
        assert words in done.stderr
    assert not list((tmp_path / "out").glob("*.json"))
    assert "model.incompatible" in run("models", site=site).stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["annotate", str(SAMPLE), "--model", "their-fast"], "[model.unavailable]"),
        (["annotate", str(SAMPLE), "--model", "our-fast", "--engine", "fast"], "--engine"),
        (["annotate", str(SAMPLE), "--model", "news"], "[model.incompatible]"),
        (["package", "news", "--name", "numpy"], "[package.invalid]"),
        (["package", "news", "--version", "latest"], "[package.invalid]"),
        (["package", "news", "--build", "egg"], "--build"),
        (["package", "nowhere"], "[model.unavailable]"),
    ],
)
def test_wrong_calls(arguments: list[str], told: str, run: Run, tmp_path: Path) -> None:
    news = tmp_path / "news"
    news.mkdir()
    save_config(news, {"name": "news", "version": "1", "family": "sklearn", "labels": ["体育", "财经"]}, [])
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "dist").exists()


def test_another_model_makes_a_run_over_reports_anew(installed: Path, run: Run, tmp_path: Path) -> None:
    shutil.copy(SAMPLE, tmp_path / "a.txt")

    def annotate(model: str) -> str:
        done = run("annotate", "a.txt", "-o", "out", "--model", model)
        assert done.exit_code == 0, done.output
        return done.stderr

    mine = tmp_path / "mine"
    shutil.copytree(installed / "our_fast" / "model", mine)
    assert "1 成功" in annotate("our-fast")
    assert "1 保留" in annotate("our-fast")
    assert "1 成功" in annotate("mine"), "another name may be another model"
    assert "1 保留" in annotate("mine")
    config = mine / "fast-tagger" / "config.json"
    settings = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps(settings | {"version": "9"}), encoding="utf-8")
    assert "1 成功" in annotate("mine"), "the folder holds another model now"
    assert "gongkai-fast-tagger-9+" in (tmp_path / "out" / "a.json").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_source_archive_installs_too(dist: Path, run: Run, tmp_path: Path) -> None:
    pip_install(next(dist.glob("*.tar.gz")), tmp_path / "site")
    assert "可用 ok" in run("models", site=tmp_path / "site").stdout
