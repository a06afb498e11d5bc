"""A batch: the best of the pool, no copies, nothing held out, nothing twice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gongkai.corpora.records import CorpusParagraph, CorpusReport
from gongkai.corpora.store import Corpus
from gongkai.models.store import scheme_labels
from gongkai.training.labelling.candidates import Candidate
from gongkai.training.labelling.held_out import HeldOut
from gongkai.training.labelling.ledger import Entry, Ledger
from gongkai.training.labelling.selection import Chosen, Policy, Pool, choose

Make = Callable[..., Candidate]
NOTHING = HeldOut([])
TEXTS = [
    "全年公开扶贫资金分配结果和受益农户名单。",
    "组织医院、学校举办政府开放日活动。",
    "推进政府网站集约化建设和适老化改造。",
    "办理依法申请公开的行政复议案件。",
    "修订主动公开基本目录和公开指南文本。",
    "邀请企业代表列席常务会议讨论政策。",
]


def run(policy: Policy, found: list[Candidate], labelled: list[str] | None = None, held: HeldOut = NOTHING) -> Chosen:
    pool = Pool(policy)
    for candidate in found:
        pool.add(candidate)
    return choose(pool, labelled or [], held)


def names(chosen: Chosen) -> list[str]:
    return [c.paragraph.paragraph for _, c in chosen.items]


@pytest.fixture
def graded(make_candidate: Make) -> list[Candidate]:
    """Return candidates whose first label has these probabilities."""
    probabilities = (0.02, 0.5, 0.3, 0.97, 0.8, 0.1)
    return [make_candidate([t], p, f"p{k}") for k, (t, p) in enumerate(zip(TEXTS, probabilities, strict=True))]


def test_uncertainty_takes_the_probabilities_nearest_to_a_half(graded: list[Candidate]) -> None:
    assert names(run(Policy("uncertainty", 3), graded)) == ["p1", "p2", "p4"]


def test_margin_takes_the_probabilities_nearest_to_the_threshold(graded: list[Candidate]) -> None:
    thresholds = np.full(len(scheme_labels()), 0.9)
    thresholds[0] = 0.12
    assert names(run(Policy("margin", 2, thresholds=thresholds), graded)) == ["p5", "p2"]


def test_random_is_drawn_by_seed_and_not_by_the_order_of_files(graded: list[Candidate]) -> None:
    first = names(run(Policy("random", 3, seed=1), graded))
    assert first == names(run(Policy("random", 3, seed=1), graded[::-1]))
    assert len({tuple(names(run(Policy("random", 3, seed=s), graded))) for s in range(20)}) > 5


def test_diversity_stays_away_from_what_is_labelled(graded: list[Candidate]) -> None:
    nearly = [t.replace("。", "情况总结与全面报告材料汇编。") for t in TEXTS[:5]]
    firsts = [names(run(Policy("diversity", 1, seed=s), graded, nearly))[0] for s in range(20)]
    assert firsts.count("p5") >= 10  # a sixth of 20 if the labelled did not count


def test_whole_paragraphs_fill_the_batch_and_never_overfill_it(make_candidate: Make) -> None:
    found = [make_candidate(TEXTS[:3], 0.5, "long"), make_candidate(TEXTS[3:5], 0.4, "middle")]
    found.append(make_candidate(TEXTS[5:], 0.3, "short"))
    chosen = run(Policy("uncertainty", 4), found)
    assert names(chosen) == ["long", "short"]
    assert chosen.sentences == 4


def test_near_copies_go_out_once_and_the_surer_copy_is_left(make_candidate: Make) -> None:
    found = [make_candidate([TEXTS[0]], 0.2, "sure"), make_candidate([TEXTS[0].replace("名单", "名录")], 0.5, "unsure")]
    chosen = run(Policy("uncertainty", 10), found)
    assert names(chosen) == ["unsure"]
    assert chosen.copies == 1


def test_one_known_formula_does_not_rule_out_a_paragraph(make_candidate: Make) -> None:
    mixed = make_candidate(TEXTS[:3], 0.5, "mixed")
    assert names(run(Policy("uncertainty", 10), [mixed], labelled=[TEXTS[0]])) == ["mixed"]
    assert names(run(Policy("uncertainty", 10), [mixed], labelled=TEXTS[:2])) == []


def test_the_same_text_with_other_figures_is_the_same(make_candidate: Make) -> None:
    pool = Pool(Policy("uncertainty", 5))
    for k, number in enumerate((12, 345)):
        pool.add(make_candidate([f"全年主动公开政府信息{number}条。"], name=f"p{k}"))
    assert (pool.seen, pool.repeated, len(pool.ranked())) == (2, 1, 1)


def test_the_pool_is_bounded_and_keeps_the_best(make_candidate: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gongkai.training.labelling.selection._LEAST_POOL", 10)
    monkeypatch.setattr("gongkai.training.labelling.selection._POOL_SHARE", 1)
    pool = Pool(Policy("uncertainty", 5))
    for k in (j * 37 % 100 for j in range(100)):  # neither rising nor falling
        pool.add(make_candidate(["".join(chr(0x4E00 + 50 * k + i) for i in range(12)) + "。"], k / 200, f"p{k}"))
    assert [c.paragraph.paragraph for _, c in pool.ranked()] == [f"p{k}" for k in range(99, 89, -1)]


@pytest.fixture
def held_corpus(make_paragraph: Callable[..., CorpusParagraph]) -> Corpus:
    report = CorpusReport(
        id="held", split="dev", authority="乙县人民政府", region="", level="county", trade="", year=2020, form="2019",
        style="", hand="",
    )  # fmt: skip
    stock = make_paragraph(TEXTS[1:2], "p2").model_copy(update={"report": "held"})
    stock.sentences[0].template = True
    dev = make_paragraph(TEXTS[:1]).model_copy(update={"report": "held"})
    return Corpus([report], {"train": [], "dev": [dev, stock], "test": []})


def test_what_stands_in_dev_is_never_chosen(make_candidate: Make, held_corpus: Corpus) -> None:
    found = [
        make_candidate([TEXTS[2], TEXTS[0].replace("名单", "名录")], 0.5, "copy"),
        make_candidate([TEXTS[1]], 0.5, "stock formula"),
        make_candidate([TEXTS[3]], 0.5, "of its authority", authority="乙县人民政府"),
        make_candidate([TEXTS[4]], 0.1, "free"),
    ]
    chosen = run(Policy("uncertainty", 10), found, held=HeldOut([held_corpus]))
    assert names(chosen) == ["stock formula", "free"]
    assert chosen.held_out == 2


def test_ledger(tmp_path, make_candidate: Make) -> None:
    ledger = Ledger(tmp_path)
    assert (ledger.next_batch, ledger.keys) == (1, frozenset())
    candidate = make_candidate(TEXTS[:1])
    ledger.add(
        [
            Entry(
                key=candidate.key,
                report="r",
                paragraph="p1",
                sentences=1,
                batch=1,
                strategy="random",
                score=0.5,
                model="m",
            )
        ]
    )
    again = Ledger(tmp_path)
    assert again.next_batch == 2
    pool = Pool(Policy("uncertainty", 5), again.keys)
    pool.add(make_candidate([TEXTS[0].replace("。", "！")]))
    assert pool.ranked() == []
    (tmp_path / "ledger.jsonl").write_text('{"key": 1}\n', encoding="utf-8")
    with pytest.raises(ValueError, match="key"):
        Ledger(tmp_path)
