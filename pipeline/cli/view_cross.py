"""What ``gongkai cross`` found, on the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gongkai.pipeline import names
from gongkai.pipeline.cli.terminal import safe
from gongkai.pipeline.cli.textflow import flow, hanging
from gongkai.pipeline.cli.view_text import FAILED, FAINT
from gongkai.pipeline.cross.pairing import Index
from gongkai.pipeline.cross.schema import Pair, Reason, Unpaired
from gongkai.pipeline.schema import Check

SHOWN_FAILURES = 20
_SHOWN_UNPAIRED = 10
_AUTHORITY_CELLS = 30
_YEARS_CELLS = 11
_PADDING = 6  # what rich puts between three columns
# The first report of an authority has no year before it: that is no matter for the reader to look into.
_EXPECTED: Reason = "no_previous_year"


@dataclass(slots=True)
class Findings:
    """Counts of all checks, and the failed ones up to a limit.

    Attributes:
        limit: how many failed checks are kept to be shown, ``None`` keeps all.
        pairs: pairs of reports compared.
        counts: checks by rule and status.
        failures: how many checks failed.
        shown: the failed checks kept, each with its pair.
    """

    limit: int | None
    pairs: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: int = 0
    shown: list[tuple[Pair, Check]] = field(default_factory=list)

    def counting(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """Pass the pairs on and count what their checks say."""
        for pair in pairs:
            self.pairs += 1
            for check in pair.checks:
                self.counts[check.rule, check.status] += 1
                if check.status == "failed":
                    self.failures += 1
                    if self.limit is None or len(self.shown) < self.limit:
                        self.shown.append((pair, check))
            yield pair


def findings_view(findings: Findings, index: Index, where: str, width: int) -> Group:
    """Return the closing tables.

    Args:
        findings: the counts.
        index: the summaries of the set, with those that were not paired.
        where: the file with the whole result.
        width: cells of a line.
    """
    unpaired = index.unpaired
    head = Text.assemble(
        (f"{index.summaries}", "bold"), " 份摘要 summaries   ", (f"{findings.pairs}", "bold"), " 对 pairs compared"
    )
    parts: list[RenderableType] = [head]
    if findings.pairs:
        parts += [Text(), _counts(findings)]
    else:
        parts.append(Text("没有同一机关相邻两年的报告 no two reports of one authority on consecutive years", "yellow"))
    if findings.shown:
        parts += [Text(), _failures(findings, width)]
        left = findings.failures - len(findings.shown)
        if left:
            parts.append(Text(f"  … 另有 {left} 项未列出 more, list them with --all", FAINT))
    parts += _unpaired(unpaired, width)
    parts += [Text(), Text("结果 Results  ").append_text(safe(where, "bold"))]
    return Group(*parts)


def _counts(findings: Findings) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("规则 Rule", overflow="fold")
    for title, style in (("✗ 未通过 failed", FAILED), ("✓ 通过 passed", "green"), ("– 不适用 n/a", FAINT)):
        table.add_column(Text(title, style), justify="right", no_wrap=True)
    for rule in dict.fromkeys(rule for rule, _ in findings.counts):
        failed, passed, other = (findings.counts[rule, status] for status in ("failed", "passed", "not_applicable"))
        table.add_row(
            Text.assemble(safe(names.zh("rules", rule)), " ", safe(rule, FAINT)),
            Text(f"{failed:,}", FAILED if failed else FAINT),
            Text(f"{passed:,}"),
            Text(f"{other:,}", FAINT),
        )
    return table


def _failures(findings: Findings, width: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    authority = min(_AUTHORITY_CELLS, width // 3)
    table.add_column("机关 Authority", width=authority)
    table.add_column("年度 Years", width=_YEARS_CELLS, no_wrap=True)
    message = max(width - authority - _YEARS_CELLS - _PADDING, 20)
    table.add_column("未通过 Failed", width=message)
    last: Pair | None = None
    for pair, check in findings.shown:
        same = pair is last
        name = Text() if same else _wrapped(_named(pair), authority)
        years = Text() if same else safe(f"{pair.previous.year} → {pair.current.year}")
        told = Text.assemble(safe(check.rule, FAINT), "\n", _wrapped(safe(check.message, "red"), message))
        if check.rule == "duplicate.text" and check.evidence:
            told.append("\n").append_text(_wrapped(safe(f"“{check.evidence}”", "italic"), message))
        table.add_row(name, years, told)
        last = pair
    return table


def _named(pair: Pair) -> Text:
    return Text.assemble(safe(pair.current.authority or "", "bold"), " ", safe(pair.authority.code or "", FAINT))


def _wrapped(text: Text, width: int) -> Text:
    return Text("\n").join(flow(text, width))


@cache
def _reasons() -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load(Path(__file__).with_name("cross_reasons.yaml").read_text(encoding="utf-8"))
    return loaded


def _unpaired(unpaired: list[Unpaired], width: int) -> Iterator[Text]:
    """Yield how many reports were compared with none, by reason, and the first of those that should have been."""
    if not unpaired:
        return
    counts = Counter(one.reason for one in unpaired)
    yield Text()
    yield Text("未与上一年比较 Not compared with the year before", "bold")
    for reason, count in sorted(counts.items(), key=lambda item: (item[0] == _EXPECTED, -item[1], item[0])):
        yield Text.assemble("  ", (f"{count} ", "bold"), safe(f"{_reasons()[reason]} "), safe(reason, FAINT))
        if reason == _EXPECTED:
            continue
        those = [one for one in unpaired if one.reason == reason]
        for one in those[:_SHOWN_UNPAIRED]:
            yield hanging(Text.assemble(safe(one.report.file), "  ", safe(one.message, FAINT)), Text(), 4, width)
        if len(those) > _SHOWN_UNPAIRED:
            yield Text(f"    … {len(those) - _SHOWN_UNPAIRED} more", FAINT)
