"""The CRF family: features as the template says, layers for overlaps, tags there and back, passes reported."""

import json

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from gongkai.training.config import checked_training
from gongkai.training.families.crf import CrfFamily, _flat, _tags, label_layers
from gongkai.training.families.crf_config import template
from gongkai.training.families.crf_features import CharacterFeatures
from gongkai.training.tasks.conll import tag_spans
from gongkai.training.tasks.dataset import Dataset, Item, Span
from gongkai.training.tasks.score import score


def chosen(**keys):
    data = {"task": "spans", "form": "jsonl", "train": "t"}
    return checked_training({"family": "crf", "name": "n", "version": "1", "data": data, **keys}, "c")


def fit(tmp_path, items, **keys):
    labels = tuple(sorted({s.label for item in items for s in item.spans}))
    told, passes = [], []
    data = Dataset("spans", labels, tuple(items), tuple(items), (), "0")
    CrfFamily().fit(chosen(**keys), data, tmp_path, 1, told.append, passes.append)
    return CrfFamily().open(tmp_path), told, passes


def items(number=12):
    """Return texts in which a place stands before 的 and a count before 件."""
    places = ["石桥镇", "柳树屯", "河东区", "白塔村"]
    out = []
    for k in range(number):
        place, count = places[k % 4], str(10 + 7 * k)
        text = f"在{place}的窗口办理{count}件"
        at = text.index(count)
        out.append(Item(str(k), text, spans=(Span(1, 1 + len(place), "place"), Span(at, at + len(count) + 1, "count"))))
    return out


@pytest.mark.parametrize("scheme", ["bioes", "bio"])
def test_it_learns_what_stands_there(scheme, tmp_path):
    model, told, passes = fit(tmp_path, items(40), scheme=scheme)
    unseen = [Item("x", "在柳树屯的窗口办理211件", spans=(Span(1, 4, "place"), Span(9, 13, "count")))]
    assert score("spans", unseen, model.predict(unseen))["micro"]["f1"] == 1
    assert model.predict([Item("e", "")])[0].spans == ()
    assert [p["step"] for p in passes] == list(range(1, len(passes) + 1))
    assert passes[-1]["train_loss"] < passes[0]["train_loss"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["crf.json", "layer-1.crfsuite"]
    assert any("pass 10" in line for line in told)


def test_what_interrupts_a_pass_ends_the_training_and_leaves_no_half_model(tmp_path):
    class StopError(Exception):
        pass

    def stop(figures):
        if figures["step"] == 3:
            raise StopError

    data = Dataset("spans", ("count", "place"), tuple(items()), tuple(items()), (), "0")
    with pytest.raises(StopError):
        CrfFamily().fit(chosen(), data, tmp_path, 1, lambda _: None, stop)
    assert not (tmp_path / "layer-1.crfsuite").exists()


def test_one_model_whatever_the_seed(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        fit(tmp_path / name, items())
    first, second = ((tmp_path / name / "layer-1.crfsuite").read_bytes() for name in ("a", "b"))
    assert first == second


def test_overlapping_labels_are_learnt_in_layers(tmp_path):
    nested = []
    for item in items():
        place = next(s for s in item.spans if s.label == "place")
        nested.append(Item(item.id, item.text, spans=tuple(sorted({*item.spans, Span(0, place.end + 1, "phrase")}))))
    model, told, passes = fit(tmp_path, nested)
    assert any("2 layers: count, phrase | place" in line for line in told)
    assert score("spans", nested, model.predict(nested))["micro"]["f1"] == 1
    assert [p["step"] for p in passes] == list(range(1, len(passes) + 1))
    assert json.loads((tmp_path / "crf.json").read_text())["layer_labels"] == [["count", "phrase"], ["place"]]


def test_a_seldom_overlap_makes_no_layer_and_the_longer_span_is_learnt(tmp_path):
    many = [Item(str(k), "甲乙丙", spans=(Span(0, 1, "a"), Span(2, 3, "b"))) for k in range(200)]
    odd = Item("odd", "甲乙丙", spans=(Span(0, 3, "a"), Span(2, 3, "b")))
    assert label_layers(("a", "b"), [*many, odd]) == [["a", "b"]]
    assert label_layers(("a", "b"), [*many[:20], odd]) == [["a"], ["b"]]
    assert _flat(odd.spans, ["a", "b"]) == ([Span(0, 3, "a")], 1)
    _, told, _ = fit(tmp_path, [*many, odd], max_iterations=3)
    assert any("1 spans of train overlap a longer one" in line for line in told)


spans = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4), st.sampled_from(["a", "b-c", "丙"])), max_size=6)


@settings(deadline=None)
@given(spans, st.sampled_from(["bioes", "bio"]))
def test_tags_lead_back_to_the_spans(drawn, scheme):
    given_spans = {Span(start, start + length, label) for start, length, label in drawn}
    kept, lost = _flat(given_spans, ["a", "b-c", "丙"])
    assert len(kept) + lost == len(given_spans)
    back = [Span(*found) for found in tag_spans(_tags(14, kept, scheme), lambda: None)]
    assert back == sorted(kept)


def features(layer, places, **keys):
    options = {"words": layer == "word", "lexicon": {}, **keys}
    return CharacterFeatures({layer: places}, template()["types"], options["words"], options["lexicon"])


def test_features_are_those_of_the_template():
    assert features("character", ((0,), (-1, 1)))("甲乙丙") == [
        ["c[0]=甲", "c[-1,1]=<|乙"],
        ["c[0]=乙", "c[-1,1]=甲|丙"],
        ["c[0]=丙", "c[-1,1]=乙|>"],
    ]
    types = [f[0] for f in features("type", ((0,),))("1三件A区（。 ☆")]
    assert types == [
        f"t[0]={x}" for x in ("digit", "numeral", "measure", "latin", "han", "opening", "stop", "space", "other")
    ]
    assert [f[0] for f in features("word", ((0,),))("政府信息 的")] == [
        f"w[0]={x}" for x in ("B", "E", "B", "E", "_", "S")
    ]
    lexicon = {"石桥": "place", "石桥镇": "place", "镇": "unit"}
    assert [f[0] for f in features("lexicon", ((0,),), lexicon=lexicon)("去石桥镇镇石桥")] == [
        f"l[0]={x}" for x in ("_", "B-place", "M-place", "E-place", "S-unit", "B-place", "E-place")
    ]


def test_a_lexicon_travels_with_the_model(tmp_path):
    (tmp_path / "words.txt").write_text("石桥镇\tplace\n柳树屯\n", encoding="utf-8")
    (tmp_path / "model").mkdir()
    only = {"lexicon": [[0]]}
    model, _, _ = fit(tmp_path / "model", items(), lexicon=str(tmp_path / "words.txt"), features=only)
    (tmp_path / "words.txt").unlink()
    held = json.loads((tmp_path / "model" / "crf.json").read_text(encoding="utf-8"))
    assert held["lexicon"] == {"石桥镇": "place", "柳树屯": "phrase"}
    assert (
        model.predict([Item("x", "石桥镇")])[0].spans
        == CrfFamily().open(tmp_path / "model").predict([Item("x", "石桥镇")])[0].spans
    )
