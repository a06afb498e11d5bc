"""Plots: what is drawn is what was recorded, in characters that the fonts have."""

import warnings
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongkai.pipeline.errors import GongkaiError
from gongkai.training.runs import curves, drawing
from gongkai.training.runs.curves import by_pass, draw_passes, draw_runs, draw_shares
from gongkai.training.runs.figures import spread
from gongkai.training.runs.record import read_run


@pytest.fixture(autouse=True)
def glyphs_must_be_there():
    """Matplotlib warns where it draws a box in the place of a character."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def latin_only(monkeypatch):
    monkeypatch.setattr(drawing, "chinese_font", lambda: None)


@pytest.fixture
def figures(monkeypatch):
    """The figures by the name of their file, instead of files."""
    kept = {}
    monkeypatch.setattr(curves, "save", lambda figure, path: kept.setdefault(path.stem, figure))
    return kept


def tick_labels(figure):
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


def test_a_training_gets_its_plots_as_svg(tmp_path, left):
    run = read_run(left(tmp_path, labels=("教育", "医疗")))
    written = draw_runs([run], tmp_path)
    assert [path.name for path in written] == ["learning.svg", "labels-dev.svg", "labels-test.svg"]
    for path in written:
        assert ElementTree.parse(path).getroot().tag.endswith("svg")
    first = written[0].read_bytes()
    draw_runs([run], tmp_path)
    assert written[0].read_bytes() == first  # the same figures, the same file


def test_lines_are_the_mean_of_the_seeds_and_bands_their_range(tmp_path, left, figures):
    runs = [read_run(left(tmp_path / str(seed), f1=f1, seed=seed)) for seed, f1 in ((1, 0.6), (2, 0.9))]
    draw_runs(runs, tmp_path)
    losses, scores = figures["learning"].axes
    (line,) = scores.get_lines()
    assert list(line.get_xdata()) == [1, 2, 3]
    assert list(line.get_ydata()) == pytest.approx([0.25, 0.5, 0.75])
    (band,) = scores.collections
    last = [y for x, y in band.get_paths()[0].vertices if x == 3]
    assert (min(last), max(last)) == pytest.approx((0.6, 0.9))
    assert [text.get_text() for text in losses.get_legend().get_texts()] == ["train_loss"]


def test_bars_tell_precision_recall_and_f1_with_the_support(tmp_path, left, figures):
    draw_runs([read_run(left(tmp_path, f1=0.7, labels=("education", "农业")))], tmp_path)
    axes = figures["labels-dev"].axes[0]
    assert [bar.get_width() for bar in axes.patches] == [0.7] * 6
    assert tick_labels(figures["labels-dev"]) == ["教育 education  (3)", "农业  (4)"]


def test_seeds_that_agree_have_whiskers_of_no_length(tmp_path, left, figures):
    # The mean of three times 0.8 is a little more than 0.8.
    runs = [read_run(left(tmp_path / str(seed), f1=0.8, seed=seed, labels=("教育",))) for seed in (1, 2, 3)]
    draw_runs(runs, tmp_path)
    assert "labels-dev" in figures


def test_without_a_chinese_font_labels_are_drawn_by_name_or_number(tmp_path, left, figures, latin_only):
    draw_runs([read_run(left(tmp_path, labels=("education", "农业")))], tmp_path)
    assert tick_labels(figures["labels-dev"]) == ["education  (3)", "#2  (4)"]
    for figure in figures.values():
        figure.canvas.draw()  # warns where a glyph is missing
        assert "损失" not in figure.axes[0].get_title()


_ODD = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_ODD | st.sampled_from(["$x^{", "_hidden", "a\x1b[31m", "\\frac", "x" * 200]), min_size=1, unique=True))
def test_any_label_can_be_drawn(tmp_path, left, labels):
    draw_runs([read_run(left(tmp_path, labels=labels, passes=0))], tmp_path)


def test_only_the_most_frequent_of_very_many_labels_are_drawn(tmp_path, left, figures):
    draw_runs([read_run(left(tmp_path, labels=[f"l{i}" for i in range(150)], passes=0))], tmp_path)
    shown = tick_labels(figures["labels-dev"])
    assert len(shown) == 100
    assert "l149  (152)" in shown
    assert "l0  (3)" not in shown
    assert "learning" not in figures


def test_a_loss_that_ran_away_is_left_out(make_run):
    run = make_run(history=[{"step": 1, "train_loss": 1.0}, {"step": 2, "train_loss": float("nan")}, {"step": 3}])
    assert by_pass([run], "train_loss") == [(1, spread([1.0]))]


@pytest.mark.parametrize(("suffix", "magic"), [(".png", b"\x89PNG"), (".pdf", b"%PDF"), (".svg", b"<?xml")])
def test_curves_over_shares_in_each_form(tmp_path, suffix, magic):
    lines = {"sklearn 新闻": [(1.0, spread([0.8, 0.7])), (0.1, spread([0.5]))], "crf $x": [(0.1, spread([0.4]))]}
    path = draw_shares(lines, "dev.micro_f1", tmp_path / "deep" / f"shares{suffix}")
    assert path.read_bytes().startswith(magic)


def test_shares_are_drawn_in_order(figures, tmp_path):
    draw_shares({"a": [(1.0, spread([0.8])), (0.1, spread([0.5]))]}, "dev.micro_f1", tmp_path / "s.svg")
    (line,) = figures["s"].axes[0].get_lines()
    assert (list(line.get_xdata()), list(line.get_ydata())) == ([0.1, 1.0], [0.5, 0.8])


def test_trainings_side_by_side_by_pass(figures, tmp_path, left):
    runs = {name: [read_run(left(tmp_path / name, f1=f1))] for name, f1 in (("_a", 0.3), ("b", 0.6))}
    draw_passes(runs, "dev_micro_f1", tmp_path / "p.svg")
    axes = figures["p"].axes[0]
    assert [line.get_ydata()[-1] for line in axes.get_lines()] == pytest.approx([0.3, 0.6])
    assert [text.get_text().strip() for text in axes.get_legend().get_texts()] == ["_a", "b"]


def test_a_folder_that_cannot_be_written_is_an_error_with_a_code(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(GongkaiError) as error:
        draw_shares({"a": [(1.0, spread([0.8]))]}, "m", tmp_path / "file" / "s.svg")
    assert error.value.code == "output.unwritable"
