"""One HTML page of an evaluation: figures, bars, confusions, reliability, groups; without network or script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from gongkai.models.store import FACETS
from gongkai.pipeline.config import taxonomy
from gongkai.training.evaluation.tables import main_figures

_ZH = {"domains": "领域 Domains", "activities": "环节 Activities"}
_PLOT = 260  # pixels of a reliability plot's side
_EDGE = 28


def page(result: dict[str, Any]) -> str:
    """Return the page.

    Args:
        result: of :func:`gongkai.training.evaluation.run.evaluate_split` or of an evaluation on gold.
    """
    style = files("gongkai.training.evaluation").joinpath("page.css").read_text(encoding="utf-8")
    where = result.get("report") or result["split"]
    title = f"评测 Evaluation: {where}, {result['engine']}"
    models = "; ".join(f"{kind}: {name}" for kind, name in result["models"].items())
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{result['sentences']} 句 sentences. {escape(models)}</p>",
        _table(("指标", "Figure", "值 Value"), main_figures(result)),
    ]
    for facet in FACETS:
        parts.append(f"<h2>{_ZH[facet]}</h2>")
        parts.append(_bars(facet, result[facet]["labels"]))
        parts.append(_confusions(facet, result[facet]["confusions"]))
        if "calibration" in result[facet]:
            parts.append(_reliability(result[facet]["calibration"]))
    parts.append("<h2>指标 Metrics</h2>")
    parts.append(_linking(result["metrics"].get("linking", {})))
    if "entities" in result:
        rows = [(kind, *_prf(scores)) for kind, scores in result["entities"].items()]
        parts += ["<h2>实体 Entities</h2>", _table(("类型 Type", "P", "R", "F1", "数 Support"), rows)]
    for kind, members in result.get("groups", {}).items():
        names = list(next(iter(members.values())))
        rows = [(value, *(str(figures[name]) for name in names)) for value, figures in members.items()]
        parts += [f"<h2>分组 By {escape(kind)}</h2>", _table((kind, *names), rows)]
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="zh"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{style}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    lines = "\n".join("<tr>" + "".join(f"<td>{escape(str(x))}</td>" for x in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{lines}\n</tbody></table>"


def _prf(scores: dict[str, float]) -> tuple[str, ...]:
    return (*(f"{scores[k]:.3f}" for k in ("precision", "recall", "f1")), str(scores["support"]))


def _bars(facet: str, labels: dict[str, dict[str, float]]) -> str:
    """A table of the labels with a bar as long as the F1."""
    rows = []
    for label, scores in sorted(labels.items(), key=lambda item: -item[1]["f1"]):
        cells = [escape(label), escape(taxonomy()[facet][label]["zh"]), *_prf(scores)]
        bar = f'<span class="bar" style="width:{100 * scores["f1"]:.0f}%"></span>'
        rows.append("<tr>" + "".join(f"<td>{c}</td>" for c in cells) + f'<td class="bars">{bar}</td></tr>')
    head = "".join(f"<th>{h}</th>" for h in ("标签 Label", "中文", "P", "R", "F1", "句 Support", ""))
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n" + "\n".join(rows) + "\n</tbody></table>"


def _confusions(facet: str, confusions: Sequence[Sequence[Any]]) -> str:
    names = taxonomy()[facet]

    def name(label: str) -> str:
        return f"{names[label]['zh']} {label}" if label else "（无 none）"

    rows = [(name(missed), name(found), str(count)) for missed, found, count in confusions[:12]]
    heads = ("漏标 Missed", "误标 Found in its place", "次数 Count")
    return "<h3>最常见的混淆 Most frequent confusions</h3>" + _table(heads, rows)


def _reliability(calibration: dict[str, Any]) -> str:
    """A reliability plot: mean score against the share that holds; on the line scores are probabilities."""
    span = _PLOT - 2 * _EDGE

    def at(x: float, y: float) -> tuple[float, float]:
        return _EDGE + span * x, _PLOT - _EDGE - span * y

    points = [at(b["score"], b["share"]) for b in calibration["bins"]]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)
    (x0, y0), (x1, y1) = at(0, 0), at(1, 1)
    return (
        f"<h3>校准 Calibration: ECE {calibration['ece']:.4f}, of scores from 0.1 {calibration['ece_told']:.4f}</h3>"
        f'<svg class="plot" width="{_PLOT}" height="{_PLOT}" role="img">'
        f'<rect x="{x0}" y="{y1}" width="{span}" height="{span}"/>'
        f'<line x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}"/>'
        f'<polyline points="{line}"/>{dots}'
        f'<text x="{x0}" y="{_PLOT - 8}">分数 score →</text>'
        f'<text x="{x0 + 4}" y="{y1 - 8}">成立比例 share that holds ↑</text></svg>'
    )


def _linking(cases: dict[str, dict[str, float]]) -> str:
    if not cases:
        return ""
    rows = [
        (case, str(c["metrics"]), *(f"{c[k]:.3f}" for k in ("indicator", "period", "scope")))
        for case, c in cases.items()
    ]
    heads = ("情形 Case", "指标数 Metrics", "指标名 Indicator", "时期 Period", "范围 Scope")
    return "<h3>关联 Linking, by what makes it hard</h3>" + _table(heads, rows)
