"""Evaluations as text for the terminal: the main figures, then whatever is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gongkai.models.store import FACETS
from gongkai.pipeline.config import taxonomy


def main_figures(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return (Chinese, English, figure) lines of an evaluation."""
    lines = []
    for facet, zh in (("domains", "领域"), ("activities", "环节")):
        micro = result[facet]["micro"]
        shown = f"{micro['f1']:.3f}  (P {micro['precision']:.3f}  R {micro['recall']:.3f})"
        lines.append((f"{zh} 微平均 F1", f"{facet}, micro-F1", shown))
        lines.append((f"{zh} 宏平均 F1", f"{facet}, macro-F1", f"{result[facet]['macro_f1']:.3f}"))
    metrics = result["metrics"]
    for name, zh in (("detection", "发现"), ("value", "数值与单位"), ("full", "全部要素")):
        if name in metrics:
            lines.append((f"指标 {zh} F1", f"metrics, {name}, F1", f"{metrics[name]['f1']:.3f}"))
    for name, zh in (("comparator", "比较词"), ("indicator", "指标名"), ("period", "时期"), ("scope", "范围")):
        if name in metrics:
            lines.append((f"指标 {zh} 正确率", f"metrics, {name}, share right", f"{metrics[name]:.3f}"))
    if "all" in result.get("entities", {}):
        lines.append(("实体 F1", "entities, F1", f"{result['entities']['all']['f1']:.3f}"))
    if "tables" in result:
        lines.append(("表格单元格", "table cells", f"{result['tables']['right']}/{result['tables']['cells']}"))
    return lines


def label_rows(result: dict[str, Any]) -> Iterator[tuple[str, str, str, dict[str, float]]]:
    """Yield (facet, label, Chinese, scores) of all labels."""
    for facet in FACETS:
        for label, scores in result[facet]["labels"].items():
            yield facet, label, taxonomy()[facet][label]["zh"], scores
