"""``gongkai corpus``: what cannot be read ends in one line and a documented exit status."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from gongkai.pipeline.cli.main import app

Folder = Callable[..., Path]
COMMANDS = ("compile", "validate", "stats", "convert", "labelling-interface", "diff", "probe")


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["compile", "nix"], 2, "input.not_found"),
        (["compile", "wrong"], 3, "x:1: the head is wrong"),
        (["validate", "nix"], 2, "train.jsonl does not exist"),
        (["validate", "wrong"], 3, "read.corrupt"),
        (["stats", "nix"], 2, "input.not_found"),
        (["stats", "wrong"], 3, "read.corrupt"),
        (["diff", "list.json", "nix"], 3, "read.corrupt"),
        (["diff", "nix", "list.json"], 2, "nix does not exist"),
        (["diff", "wrong", "wrong"], 2, "input.not_a_file"),
        (["diff", "binary", "binary"], 3, "'utf-8' codec"),
        (["convert", "nix", "--to", "bio"], 2, "input.not_found"),
        (["convert", "list.json", "--to", "bio"], 3, "not jsonl as Gongkai writes it"),
        (["convert", "list.json", "--from", "label-studio", "--to", "jsonl"], 3, "list.json"),
        (["convert", "deep.json", "--from", "doccano", "--to", "jsonl"], 3, "recursion"),
        (["convert", "binary", "--from", "docbin", "--to", "jsonl"], 3, "not docbin"),
    ],
)
def test_what_cannot_be_read(runner: CliRunner, folder: Folder, arguments: list[str], status: int, told: str) -> None:
    root = folder(
        {
            "wrong/train.jsonl": '{"report": 1}\n',
            "wrong/sources/train/x.txt": "id: x\n",
            "list.json": '[{"data": null, "annotations": [{"result": [{}]}]}]',
            "deep.json": "[" * 100_000,
        }
    )
    (root / "binary").write_bytes(b"\xff\x00\xfe" * 50)
    result = runner.invoke(app, ["corpus", *arguments])
    assert result.exit_code == status
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "pydantic" not in result.stderr


def test_tags_cannot_be_read_back(runner: CliRunner, folder: Folder) -> None:
    folder({"a.bio": "x"})
    result = runner.invoke(app, ["corpus", "convert", "a.bio", "--from", "bio", "--to", "jsonl"])
    assert result.exit_code == 2
    assert "--from" in result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_help(runner: CliRunner, command: str) -> None:
    short = runner.invoke(app, ["corpus", command, "-h"])
    assert short.exit_code == 0
    assert "<bool>" not in short.stdout
    assert short.stdout == runner.invoke(app, ["corpus", command, "--help"]).stdout


def test_labelling_interface_is_xml_with_both_facets(runner: CliRunner) -> None:
    result = runner.invoke(app, ["corpus", "labelling-interface"])
    assert result.exit_code == 0
    assert {c.get("name") for c in ElementTree.fromstring(result.stdout).iter("Choices")} == {"domains", "activities"}
