"""What ``gongkai label`` tells on the terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import typer

from gongkai.pipeline.cli.terminal import console, safe
from gongkai.training.labelling.compare import Pair
from gongkai.training.labelling.export import Batch
from gongkai.training.labelling.imports import Outcome


def tell_batch(batch: Batch) -> None:
    """Tell what was chosen, and what was passed over."""
    chosen = batch.chosen
    lines = [
        f"报告 reports {batch.reports}   失败 failed {batch.failed}   段 paragraphs {batch.paragraphs}",
        f"已发 given out or repeated {batch.given_out}   "
        f"保留集 held out {chosen.held_out}   近似 copies {chosen.copies}",
    ]
    if batch.path is None:
        lines.append("没有可选的内容 nothing is left to choose")
    else:
        lines.append(f"第{batch.number}批 batch: {len(chosen.items)} 段 paragraphs, {chosen.sentences} 句 sentences")
        lines.append(str(batch.path))
    for line in lines:
        console(stderr=True).print(safe(line), soft_wrap=True)


def tell_import(outcome: Outcome, target: Path | None) -> None:
    """Tell what was merged, each conflict with its voices (→ is what was taken), and where the report is."""
    terminal = console(stderr=True)
    for name, reason in outcome.refused.items():
        terminal.print(safe(f"✗ {name}: {reason}"), soft_wrap=True)
    for name, reason in outcome.unfinished.items():
        terminal.print(safe(f"… {name}: {reason}"), soft_wrap=True)
    for conflict in outcome.conflicts:
        terminal.print(safe(f"≠ {conflict.place} {conflict.kind}: {conflict.text}"), soft_wrap=True)
        for vote in conflict.votes:
            mark = "→" if vote.say == conflict.taken else " "
            spans = [f"{conflict.text[start:end]}:{label}" for start, end, label in sorted(vote.say[1])]
            terminal.print(
                safe(f"  {mark} {vote.by}: {' '.join([*sorted(vote.say[0]), *spans]) or '-'}"), soft_wrap=True
            )
    figures = (
        ("标注 annotations", outcome.annotations),
        ("新增段 added", len(outcome.added)),
        ("改动段 changed", len(outcome.changed)),
        ("未变段 same", len(outcome.same)),
        ("冲突句 conflicts", len(outcome.conflicts)),
        ("拒收段 refused", len(outcome.refused)),
        ("未标完段 unfinished", len(outcome.unfinished)),
    )
    terminal.print(safe("   ".join(f"{title} {number}" for title, number in figures)), soft_wrap=True)
    if target is not None:
        terminal.print(safe(f"报告 report {target}"), soft_wrap=True)


def tell_agreement(found: Sequence[Pair]) -> None:
    """Print the sentences that differ and the figures of each pair."""
    for pair in found:
        for place, sentence, left, right in pair.differences:
            for name, a, b in zip(("domains", "activities"), left, right, strict=True):
                if a != b:
                    told = f"{place} {name}: {sorted(a - b)} against {sorted(b - a)}  {sentence}"
                    typer.echo(safe(told).plain)
        typer.echo(safe(f"{pair.first} – {pair.second}: {json.dumps(pair.figures, ensure_ascii=False)}").plain)
