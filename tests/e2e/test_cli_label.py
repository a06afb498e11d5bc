"""``gongkai label``: out, labelled by hand in the tool's own form, back, and compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gongkai.corpora.store import Corpus, default_folder, files_of, read_corpus
from gongkai.corpora.validate import validate
from gongkai.pipeline.cli.main import app

SAMPLES = str(Path(__file__).parents[2] / "corpora" / "samples")
Folder = Callable[..., Path]
EXPORT = ["label", "export", SAMPLES, "--strategy", "random", "-e", "rules"]


def exported(root: Path, runner: CliRunner, *arguments: str) -> Path:
    result = runner.invoke(app, [*EXPORT, "-p", str(root / "project"), *arguments])
    assert result.exit_code == 0, result.stderr
    return Path(result.stderr.splitlines()[-1])


def annotated(tasks: list[dict[str, Any]], user: int, when: str) -> list[dict[str, Any]]:
    """Return tasks as Label Studio exports them once a user has accepted every prediction."""
    for number, task in enumerate(tasks, 1):
        task["annotations"] = [
            {
                "id": number,
                "unique_id": f"{user}-{number}",
                "completed_by": user,
                "was_cancelled": False,
                "result": task["predictions"][0]["result"],
                "updated_at": when,
                "prediction": task["predictions"][0],
            }
        ]
    return tasks


@pytest.mark.parametrize(
    ("tool", "helps"), [("label-studio", ["interface.xml"]), ("doccano", ["category-types.json", "span-types.json"])]
)
def test_batches_do_not_repeat(runner: CliRunner, tmp_path: Path, tool: str, helps: list[str]) -> None:
    first = exported(tmp_path, runner, "--to", tool, "-n", "20")
    again = exported(tmp_path, runner, "--to", tool, "-n", "20")
    assert (first.stem, again.stem) == ("batch-001", "batch-002")
    assert all((tmp_path / "project" / name).is_file() for name in helps)

    def places(path: Path) -> set[tuple[str, str, int]]:
        text = path.read_text(encoding="utf-8")
        tasks = json.loads(text) if tool == "label-studio" else [json.loads(line) for line in text.splitlines()]
        data = [(task.get("data") or task)["gongkai"] for task in tasks]
        return {(d["report"], d["paragraph"], d["sentence"]) for d in data}

    assert len(places(first)) == len(places(again)) == 20
    assert not places(first) & places(again)


def test_the_same_seed_gives_the_same_batch(runner: CliRunner, tmp_path: Path) -> None:
    one, two, other = (
        exported(tmp_path / name, runner, "--to", "doccano", "-n", "10", "--seed", seed).read_bytes()
        for name, seed in (("a", "5"), ("b", "5"), ("c", "6"))
    )
    assert one == two != other


def test_round_trip_and_conflict(runner: CliRunner, tmp_path: Path, folder: Folder) -> None:
    root = folder({})
    batch = exported(tmp_path, runner, "--to", "label-studio", "-n", "30")
    tasks = annotated(json.loads(batch.read_text(encoding="utf-8")), 1, "2026-01-01T00:00:00Z")
    folder({"first.json": json.dumps(tasks)})
    call = ["label", "import", "first.json", "--corpus", "mine", "--annotator", "1=anna"]
    dry = runner.invoke(app, [*call, "--dry-run"])
    assert dry.exit_code == 0, dry.stderr
    assert not (root / "mine").exists()
    result = runner.invoke(app, call)
    assert result.exit_code == 0, result.stderr
    corpus = read_corpus(root / "mine")
    assert validate(corpus) == []
    assert sum(len(p.sentences) for p in corpus.paragraphs["train"]) == 30
    record = [
        json.loads(line) for line in (root / "mine" / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert {(r["annotator"], r["model"], r["changed"], r["stands"]) for r in record} == {
        ("anna", "phrases-1", False, True)
    }

    place = tasks[0]["data"]["gongkai"]
    annotated(tasks, 2, "2026-02-01T00:00:00Z")
    tasks[0]["annotations"][0]["result"] = []
    folder({"second.json": json.dumps(tasks)})
    result = runner.invoke(app, ["label", "import", "second.json", "--corpus", "mine", "--take", "existing"])
    assert result.exit_code == 1
    assert read_corpus(root / "mine") == corpus
    report = json.loads((root / "mine" / "import-report.json").read_text(encoding="utf-8"))
    assert [c["place"] for c in report["conflicts"]] == [f"{place['report']}/{place['paragraph']}.1"]
    assert [v["by"] for v in report["conflicts"][0]["votes"]] == ["2", "anna"]

    result = runner.invoke(app, ["label", "agreement", "first.json", "second.json", "--json"])
    assert result.exit_code == (1 if any(r["type"] == "choices" for r in tasks[0]["predictions"][0]["result"]) else 0)
    assert json.loads(result.stdout)[0]["sentences"] == 30


def test_what_is_labelled_or_held_out_is_not_offered(runner: CliRunner, tmp_path: Path) -> None:
    """A report made of sentences of dev, of train and of none gives out only the last."""
    shipped = read_corpus(default_folder())

    def long(split: str) -> str:
        return next(
            p.text
            for p in shipped.paragraphs[split]
            if len(p.sentences) == 1 and len(p.text) > 30 and "\n" not in p.text  # type: ignore[index]
        )

    fresh = "县图书馆把盲文读物目录送到三所特教学校的走廊里。"
    text = f"甲乙县2022年政府信息公开工作年度报告\n一、总体情况\n{long('dev')}\n{long('train')}\n{fresh}\n"
    (tmp_path / "r-2022.txt").write_text(text, encoding="utf-8")
    call = ["label", "export", str(tmp_path / "r-2022.txt"), "--strategy", "random", "-e", "rules", "--to", "doccano"]
    result = runner.invoke(app, [*call, "-p", str(tmp_path / "p")])
    assert result.exit_code == 0, result.stderr
    lines = [json.loads(line) for line in (tmp_path / "p" / "batch-001.jsonl").read_text(encoding="utf-8").splitlines()]
    given = "".join(line["text"] for line in lines)
    assert fresh in given
    assert long("dev") not in given
    assert long("train") not in given


def test_a_corpus_with_sources_is_not_imported_into(runner: CliRunner, folder: Folder) -> None:
    root = folder({"a.json": "[]", "mine/sources/train/x.txt": ""})
    result = runner.invoke(app, ["label", "import", "a.json", "--corpus", "mine"])
    assert result.exit_code == 2
    assert "compiled from its sources" in " ".join(result.stderr.replace("│", " ").split())
    assert not (root / "mine" / "train.jsonl").exists()


def test_import_into_a_copy_leaves_dev_and_test_as_they_are(runner: CliRunner, tmp_path: Path, folder: Folder) -> None:
    shipped = read_corpus(default_folder())
    root = folder({f"mine/{name}": text for name, text in files_of(shipped).items()})
    tasks = json.loads(exported(tmp_path, runner, "--to", "label-studio", "-n", "5").read_text(encoding="utf-8"))
    folder({"a.json": json.dumps(annotated(tasks, 1, "2026-01-01T00:00:00Z"))})
    assert runner.invoke(app, ["label", "import", "a.json", "--corpus", "mine"]).exit_code == 0
    for split in ("dev", "test"):
        assert (root / "mine" / f"{split}.jsonl").read_bytes() == (default_folder() / f"{split}.jsonl").read_bytes()
    after: Corpus = read_corpus(root / "mine")
    assert len(after.paragraphs["train"]) > len(shipped.paragraphs["train"])


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        ([*EXPORT, "--to", "paper"], 2, "none of label-studio, doccano"),
        (["label", "export", SAMPLES, "--to", "doccano", "-e", "rules"], 2, "needs probabilities"),
        (["label", "export", SAMPLES, "--to", "doccano", "--strategy", "guess"], 2, "--strategy"),
        (
            ["label", "export", "nix.txt", "--to", "doccano", "-e", "rules", "--strategy", "random"],
            1,
            "input.not_found",
        ),
        ([*EXPORT, "--to", "doccano", "-p", "damaged"], 3, "read.corrupt"),
        (["label", "import", "nix.json", "--corpus", "c"], 2, "input.not_found"),
        (["label", "import", "empty.json", "--corpus", "c", "--take", "best"], 2, "--take"),
        (["label", "import", "bad.json", "--corpus", "c"], 3, "read.corrupt"),
        (["label", "import", "empty.json", "--corpus", "c", "--annotator", "1"], 2, "ID=NAME"),
        (["label", "agreement", "bad.json"], 3, "read.corrupt"),
        (["label", "agreement", "empty.json"], 2, "no two of them"),
    ],
)
def test_wrong_calls(runner: CliRunner, folder: Folder, arguments: list[str], status: int, told: str) -> None:
    root = folder(
        {"bad.json": '[{"annotations": [{"result": [{}]}]}]', "empty.json": "[]", "damaged/ledger.jsonl": "{}\n"}
    )
    result = runner.invoke(app, arguments)
    assert result.exit_code == status, result.stderr
    assert told in result.stderr
    assert not (root / "c").exists()


@pytest.mark.parametrize("command", ["export", "import", "agreement"])
def test_help(runner: CliRunner, command: str) -> None:
    result = runner.invoke(app, ["label", command, "-h"])
    assert result.exit_code == 0
    assert "退出码" in result.stdout
    assert "<bool>" not in result.stdout
