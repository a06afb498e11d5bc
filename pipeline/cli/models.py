"""``gongkai models``: the models that packages brought."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from gongkai.pipeline.cli.options import flag
from gongkai.pipeline.cli.terminal import console, guarded, safe, write_stdout

if TYPE_CHECKING:  # heavy, see annotate
    from gongkai.models.installed import InstalledModel


@guarded
def models(
    as_json: Annotated[bool, flag("--json", help="Print them as JSON, with scores and hashes. 输出JSON")] = False,
) -> None:
    """List the installed models, checked whole. 列出已安装的模型

    A model is installed as a package (gongkai package makes one) and chosen by its name. Those that come with Gongkai
    are chosen by --engine: accurate, fast or rules (no model).

    [bold]Examples 示例[/bold]

      gongkai models
      gongkai models --json | jq '.[].parts[].scores'
      gongkai annotate report.pdf --model NAME    [dim]# a model for reports[/dim]
      gongkai predict NAME FILE                   [dim]# a model for another task[/dim]

    [bold]Exit status 退出码[/bold]

      0 also where one cannot be used; why is told beside it
    """
    from gongkai.models.installed import installed

    found = [_described(model) for model in installed()]
    if as_json:
        write_stdout(json.dumps(found, ensure_ascii=False, indent=1).encode() + b"\n")
    else:
        _print(found)


def _described(model: InstalledModel) -> dict[str, Any]:
    from gongkai.models.store import open_folder
    from gongkai.pipeline.errors import GongkaiError

    told: dict[str, Any] = {"name": model.name, "version": model.version, "needs": model.needs, "problem": None}
    try:
        told |= {"folder": str(model.folder), "for": "reports" if model.reads_reports else "tasks"}
        told["parts"] = model.meta["parts"]
        model.check()
        for part in model.meta["parts"]:
            open_folder(model.folder / part["folder"], part["family"])
    except GongkaiError as error:
        told["problem"] = {"code": error.code, "message": error.message}
    return told


def _print(found: list[dict[str, Any]]) -> None:
    from rich import box
    from rich.table import Table

    terminal = console()
    if not found:
        terminal.print("没有已安装的模型 No model is installed. `gongkai package` makes one of a trained folder.")
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for title in ("名称 Name", "版本 Version", "用于 For", "模型 Models", "状态 State"):
        table.add_column(title, overflow="fold")
    for told in found:
        parts = "\n".join(f"{p['model']} ({p['family']}, {p['labels']} labels)" for p in told.get("parts", []))
        problem = told["problem"]
        state = (
            safe("可用 ok", "green") if problem is None else safe(f"{problem['message']} [{problem['code']}]", "red")
        )
        table.add_row(safe(told["name"]), safe(told["version"]), safe(told.get("for", "")), safe(parts), state)
    terminal.print(table)
