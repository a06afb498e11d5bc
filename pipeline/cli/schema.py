"""``gongkai schema`` and ``gongkai labels``: what a summary may hold."""

from __future__ import annotations

import json
from typing import Annotated, Any

from gongkai.pipeline.cli.options import flag
from gongkai.pipeline.cli.terminal import console, guarded, write_stdout

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(*, failure: bool = False) -> dict[str, Any]:
    """Return the JSON Schema of a summary, or of the record of a failure, as files on disk have them."""
    from gongkai.pipeline.schema import SCHEMA_VERSION, Failure, Report

    model, name = (Failure, "failure") if failure else (Report, "summary")
    schema = model.model_json_schema(mode="serialization")
    return {"$schema": _DIALECT, "$id": f"urn:gongkai:{name}:{SCHEMA_VERSION}", **schema}


@guarded
def schema(
    failure: Annotated[bool, flag("--failure", help="That of a .failure.json instead. 失败记录的结构")] = False,
) -> None:
    """Print the JSON Schema of the summaries. 输出摘要的 JSON Schema

    [bold]Examples 示例[/bold]

      gongkai schema > summary.schema.json
      gongkai schema --failure | jq .properties
    """
    write_stdout(json.dumps(json_schema(failure=failure), ensure_ascii=False, indent=2).encode() + b"\n")


@guarded
def labels() -> None:
    """List the labels: domains and activities, with what each covers. 列出全部标签

    [bold]Example 示例[/bold]

      gongkai labels | grep 教育
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from gongkai.pipeline.cli.terminal import safe
    from gongkai.pipeline.config import taxonomy

    terminal = console()
    for facet, title, style in (
        ("domains", "领域 Domains: the field of public affairs a sentence is about", "cyan"),
        ("activities", "环节 Activities: the part of the disclosure work it describes", "magenta"),
    ):
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
        table.add_column("标签 Label", style="dim", no_wrap=True)
        table.add_column("中文 Chinese", style=style, no_wrap=True)
        table.add_column("包括 Covers", overflow="fold")
        for label, entry in taxonomy()[facet].items():
            table.add_row(safe(label), safe(entry["zh"]), safe(entry["covers"]))
        terminal.print(Text(title, "bold"))
        terminal.print(table, end="\n\n")
