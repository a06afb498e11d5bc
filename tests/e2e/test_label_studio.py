"""The labelling loop through a real Label Studio: predictions in, annotations by two users out, merged.

Label Studio pins much of what it needs and stands in an environment of its own:
``python -m venv lsenv && lsenv/bin/pip install label-studio``, then ``GONGKAI_LABEL_STUDIO=lsenv/bin/label-studio``.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gongkai.corpora.store import read_corpus
from gongkai.corpora.validate import validate

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]

SAMPLES = str(Path(__file__).parents[2] / "corpora" / "samples")
COMMAND = str(Path(sys.executable).with_name("gongkai"))
EXECUTABLE = os.environ.get("GONGKAI_LABEL_STUDIO") or shutil.which("label-studio")
TOKEN = "0123456789abcdef0123456789abcdef01234567"
START_S = 300


@dataclass(frozen=True)
class Server:
    """A running server, as its first user sees it."""

    url: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Token {TOKEN}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if EXECUTABLE is None:
        pytest.skip(
            "no Label Studio: python -m venv lsenv && lsenv/bin/pip install label-studio, "
            "then set GONGKAI_LABEL_STUDIO=lsenv/bin/label-studio"
        )
    home = tmp_path_factory.mktemp("label-studio")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["start", "--no-browser", "--data-dir", str(home), "-db", str(home / "ls.sqlite3"), "-p", str(port)]
    arguments += ["--internal-host", "127.0.0.1", "--enable-legacy-api-token", "--user-token", TOKEN]
    arguments += ["--username", "anna@example.org", "--password", "a long password"]
    settings = {"HOME": str(home), "LABEL_STUDIO_BASE_DATA_DIR": str(home), "COLLECT_ANALYTICS": "0"}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [EXECUTABLE, *arguments], env={**os.environ, **settings}, stdout=log, stderr=log, start_new_session=True
        )
    url = f"http://127.0.0.1:{port}"
    try:
        ends = time.monotonic() + START_S
        while not _ready(url):
            told = (home / "log").read_text(encoding="utf-8", errors="replace")[-2000:]
            assert process.poll() is None, told
            assert time.monotonic() < ends, told
            time.sleep(0.5)
        yield Server(url)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def gongkai(*arguments: str, expect: int = 0) -> str:
    done = subprocess.run([COMMAND, *arguments], capture_output=True, timeout=300, check=False)
    assert done.returncode == expect, done.stderr.decode()
    return done.stdout.decode()


def choices(facet: str, *labels: str) -> dict[str, Any]:
    return {"id": facet, "from_name": facet, "to_name": "text", "type": "choices", "value": {"choices": list(labels)}}


def test_the_whole_loop(server: Server, tmp_path: Path) -> None:
    project = tmp_path / "project"
    gongkai("label", "export", SAMPLES, "--to", "label-studio", "-n", "16", "--strategy", "random", "-e", "rules",
            "-p", str(project))  # fmt: skip
    tasks = json.loads((project / "batch-001.json").read_text(encoding="utf-8"))
    interface = (project / "interface.xml").read_text(encoding="utf-8")
    number = server.call("POST", "/api/projects", {"title": "gongkai", "label_config": interface})["id"]
    told = server.call("POST", f"/api/projects/{number}/import?return_task_ids=true", tasks)
    assert (told["task_count"], told["prediction_count"]) == (16, 16)

    # What was predicted is what a user sees, with its model and scores.
    shown = {}
    for task, at in zip(tasks, told["task_ids"], strict=True):
        found = server.call("GET", f"/api/tasks/{at}")
        (shown[at],) = found["predictions"]
        assert found["data"] == task["data"]
        assert shown[at]["model_version"] == "phrases-1"
        assert shown[at]["score"] == task["predictions"][0]["score"]
        assert shown[at]["result"] == task["predictions"][0]["result"]

    second = server.call(
        "POST", "/api/users/", {"email": "bo@example.org", "username": "bo", "password": "another long password"}
    )["id"]
    first = tasks[0]["data"]["gongkai"]
    # Of a paragraph of several sentences one is skipped, so that the paragraph has to wait.
    waits = next(
        k
        for k, data in enumerate(task["data"]["gongkai"] for task in tasks)
        if data["sentences"] > 1 and (data["report"], data["paragraph"]) != (first["report"], first["paragraph"])
    )
    changed, skipped = told["task_ids"][0], told["task_ids"][waits]
    mine = [
        *(r for r in shown[changed]["result"] if r["type"] == "labels"),
        choices("domains", "environment", "education"),
    ]
    for at in told["task_ids"]:
        body: dict[str, Any] = {"result": shown[at]["result"], "parent_prediction": shown[at]["id"], "lead_time": 2.5}
        if at == changed:
            body["result"] = mine
        server.call("POST", f"/api/tasks/{at}/annotations", body | {"was_cancelled": at == skipped})
    other = [choices("domains", "environment"), choices("activities", "training")]
    server.call("POST", f"/api/tasks/{changed}/annotations", {"result": other, "completed_by": second})

    export = tmp_path / "export.json"
    found = server.call("GET", f"/api/projects/{number}/export?exportType=JSON")
    export.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    corpus = tmp_path / "corpus"
    names = ["--annotator", "1=anna", "--annotator", f"{second}=bo"]
    gongkai("label", "import", str(export), "--corpus", str(corpus), "--take", "majority", *names, expect=1)

    merged = read_corpus(corpus)
    assert validate(merged) == []
    held = {p.id: p for p in merged.paragraphs["train"]}
    waiting = f"{tasks[waits]['data']['gongkai']['report']}/{tasks[waits]['data']['gongkai']['paragraph']}"
    for task in tasks:
        data = task["data"]["gongkai"]
        name = f"{data['report']}/{data['paragraph']}"
        if name == waiting:
            assert name not in held  # one of its sentences was skipped
            continue
        sentence = held[name].sentences[data["sentence"]]
        assert held[name].text[sentence.start : sentence.end] == task["data"]["text"]
        if task is tasks[0]:
            # Both gave environment; of what one gave alone, the last word (bo's) decides.
            assert (sentence.domains, sentence.activities) == (["environment"], ["training"])
            continue
        results = task["predictions"][0]["result"]
        labels = {r["from_name"]: r["value"]["choices"] for r in results if r["type"] == "choices"}
        assert set(sentence.domains) == set(labels.get("domains", ()))
        assert set(sentence.activities) == set(labels.get("activities", ()))
        spans = [(r["value"]["start"] + sentence.start, r["value"]["end"] + sentence.start, r["value"]["text"])
                 for r in results if r["type"] == "labels"]  # fmt: skip
        inside = [m for m in held[name].mentions if sentence.start <= m.start and m.end <= sentence.end]
        assert sorted((m.start, m.end, m.text) for m in inside) == sorted(spans)

    report = json.loads((corpus / "import-report.json").read_text(encoding="utf-8"))
    assert list(report["unfinished"]) == [waiting]
    assert report["refused"] == {}
    (conflict,) = report["conflicts"]
    assert (conflict["kind"], [v["by"] for v in conflict["votes"]]) == ("annotators", ["bo", "anna"])
    record = [json.loads(line) for line in (corpus / "annotations.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(record) == 16  # 15 of anna's, for one was skipped, and one of bo's
    assert {r["tool"] for r in record} == {"label-studio"}
    assert {r["model"] for r in record if r["annotator"] == "anna"} == {"phrases-1"}
    assert [r["changed"] for r in record if r["annotator"] == "anna"].count(True) == 1
    assert all(r["updated"] and r["updated"] <= r["imported"][:10] + "T99" for r in record)

    agreement = json.loads(gongkai("label", "agreement", str(export), *names, "--json", expect=1))
    assert [(a["first"], a["second"], a["sentences"]) for a in agreement] == [("anna", "bo", 1)]
    assert agreement[0]["domains"]["f1"] == pytest.approx(2 / 3, abs=1e-3)
