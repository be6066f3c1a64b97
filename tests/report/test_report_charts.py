"""Hangul is drawn and embedded, nothing that a chart is given makes it fail, and words come in both languages."""

import base64
import io
import re
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from yeoul.report import charts, fonts, formats, panels, sentences
from yeoul.report.drawing import Chart, draw
from yeoul.report.records import Curve, Epoch, Lengths, Score, Slices, SomeLengths
from yeoul.report.svg import _relative
from yeoul.report.words import Phrase, say

ROOM = Path(sentences.__file__).parent
ANY_TEXT = st.text(st.characters(), max_size=30)


def drawn(*labels: str) -> Chart:
    rows = {label: {"train": 5 - place} for place, label in enumerate(labels)}
    return draw("x", Phrase("x", "x"), "en", lambda language: charts.balance(rows, language))


def embedded_fonts(page: str) -> list[bytes]:
    """Return the WOFF files that a page embeds."""
    found = re.findall(r"url\(data:font/woff;base64,([A-Za-z0-9+/=]+)\)", page)
    return [base64.b64decode(one) for one in found]


@pytest.mark.parametrize("weight", [0, 1])
def test_the_page_embeds_every_hangul_letter_it_shows(finished: Path, weight: int) -> None:
    page = (finished / "report.html").read_text("utf-8")
    shown = {letter for letter in page if "가" <= letter <= "힣" or "ㄱ" <= letter <= "ㅣ"}
    assert {"밓", "긍", "판"} <= shown
    embedded = embedded_fonts(page)
    assert len(embedded) == 2
    with TTFont(io.BytesIO(embedded[weight])) as font:
        assert font.flavor == "woff"
        cmap = font.getBestCmap()
        assert shown <= {chr(code) for code in cmap}
        assert len(cmap) < 2 * len(shown)
        assert all(font["glyf"][cmap[ord(letter)]].numberOfContours != 0 for letter in shown)
        assert {record.nameID for record in font["name"].names} <= {0, 13, 14}


def test_a_page_without_hangul_needs_no_font() -> None:
    assert fonts.font_faces("plain text, 1 × 2", 10**6) == ""


def test_decomposed_hangul_is_embedded_composed() -> None:
    faces = fonts.font_faces("\u1112\u1161\u11ab", 10**6)
    with TTFont(io.BytesIO(embedded_fonts(faces)[0])) as font:
        assert ord("한") in font.getBestCmap()


def test_fonts_keep_to_their_budget() -> None:
    text = "".join(map(chr, range(0xAC00, 0xAC00 + 500))) + "".join(map(chr, range(0x4E00, 0x5E00)))
    sizes = {}
    for budget in (10**6, 300_000, 50_000, 1_000):
        faces = fonts.font_faces(text, budget)
        assert len(faces) <= budget
        sizes[budget] = [len(TTFont(io.BytesIO(one)).getBestCmap()) for one in embedded_fonts(faces)]
    full = sizes[10**6][0]
    assert full > 1500
    assert sizes == {10**6: [full, full], 300_000: [full], 50_000: [500], 1_000: []}


def test_each_syllable_is_drawn_as_itself() -> None:
    """The letters of a chart are the outlines of NanumGothic, and an unknown one is a box."""
    outlines = [set(drawn(label).glyphs.values()) for label in ("가", "나", "\U0001faa8", "□")]
    assert outlines[0] != outlines[1]
    assert outlines[2] == outlines[3]
    assert "NanumGothic-" in "".join(drawn("가").glyphs)
    assert drawn("\u1112\u1161\u11ab").png == drawn("한").png
    assert drawn("a\\b").png != drawn("a₩b").png
    assert "₩" not in fonts.chart_text("a\\b", 9)


@settings(max_examples=5, deadline=None)
@given(ANY_TEXT, ANY_TEXT)
def test_any_label_can_be_drawn(one: str, other: str) -> None:
    chart = drawn(one, other)
    assert "<script" not in chart.svg
    assert chart.svg.count("<svg") == 2
    assert chart.svg.count("<image") == 0


@settings(max_examples=300)
@given(ANY_TEXT, st.integers(2, 20))
def test_chart_text_is_drawable_and_short(text: str, characters: int) -> None:
    found = fonts.chart_text(text, characters)
    assert len(found) <= characters
    assert set(found) <= fonts.drawable()


@given(
    st.lists(st.tuples(st.sampled_from("MLQ"), st.lists(st.integers(-4000, 4000), min_size=4, max_size=4)))
)
def test_relative_outlines_are_the_absolute_ones(steps: list[tuple[str, list[int]]]) -> None:
    size = {"M": 2, "L": 2, "Q": 4}
    wanted = [(command, numbers[: size[command]]) for command, numbers in steps]
    path = _relative(
        " ".join(f"{command} {' '.join(map(str, numbers))} " for command, numbers in wanted) + " z"
    )
    x, y, found = 0, 0, []
    for command, text in re.findall(r"([MlqZz])([^MlqZz]*)", path):
        numbers = list(map(int, re.findall(r"-?\d+", text)))
        if command != "M":
            numbers = [number + (y if place % 2 else x) for place, number in enumerate(numbers)]
        if numbers:
            x, y = numbers[-2:]
            found.append((command.upper(), numbers))
    assert found == wanted


def test_curves_mark_the_best_epoch_and_survive_gaps() -> None:
    epochs = [
        Epoch(epoch=place, loss=loss, validation={"loss": loss, "accuracy": 0.5}, best=place == 2)
        for place, loss in enumerate((1.0, float("nan"), None, float("inf")), 1)
    ]
    line = charts.Line(Phrase("linear", "선형"), 0.88)
    for some, beat in ((epochs, line), (epochs[:1], None)):
        drawing = charts.curves(some, "accuracy", beat, "en")
        scores = drawing.axes[1]
        assert [mark.get_xdata()[0] for mark in scores.lines if mark.get_label() == "best epoch"] == [2] * (
            len(some) > 1
        )
        levels = [one for one in scores.lines if list(one.get_ydata()) == [0.88, 0.88]]
        assert len(levels) == (beat is not None)


def test_thinning_keeps_first_best_and_last() -> None:
    epochs = [Epoch(epoch=number, best=number == 777) for number in range(1, 2001)]
    kept = [one.epoch for one in charts.thinned(epochs, 60)]
    assert len(kept) <= 60
    assert {1, 777, 2000} <= set(kept)
    assert kept == sorted(kept)


def test_confusion_shows_the_share_of_each_true_class() -> None:
    drawing = charts.confusion(["a", "b"], [[3, 1], [0, 0]], "en")
    opacity = drawing.axes[0].images[0].get_array()[..., 3]
    assert opacity[0, 0] == pytest.approx(3 * opacity[0, 1])
    assert opacity[1].tolist() == [0, 0]
    assert [text.get_text() for text in drawing.axes[0].texts] == [
        "3\n75.0 %",
        "1\n25.0 %",
        "0\n0.0 %",
        "0\n0.0 %",
    ]


def test_many_classes_have_no_cell_numbers() -> None:
    counts = np.eye(50, dtype=int).tolist()
    drawing = charts.confusion([str(number) for number in range(50)], counts, "ko")
    assert not drawing.axes[0].texts
    assert len(drawing.axes[0].get_xticklabels()) == 50
    assert charts.largest_classes([[0, 1], [5, 5], [1, 1]], 2) == [1, 2]


@pytest.mark.parametrize("longest", [0.0, 158.0, 1e6])
def test_lengths_of_any_spread_are_drawn(longest: float) -> None:
    spread = {name: min(longest, value) for name, value in (("min", 0), ("p5", 2), ("p25", 5), ("p50", 9))}
    tail = {name: min(longest, value) for name, value in (("p75", 20), ("p95", 80), ("max", 1e6))}
    found = Lengths(**spread, **tail)
    tokens = SomeLengths(p50=min(longest, 9), p95=min(longest, 70), max=longest)
    chart = draw(
        "lengths",
        Phrase("x", "x"),
        "en",
        lambda language: charts.lengths([(Phrase("x", "x"), found), (Phrase("y", "y"), tokens)], language),
    )
    with Image.open(io.BytesIO(chart.png)) as image:
        assert image.width > 500


WORDLESS = (
    *(
        "chrF++",
        *("BLEU", "BLEU-1", "BLEU-2", "BLEU-3"),
        *("CoNLL-U", "CIDEr-D"),
        "ROUGE-1",
        "ROUGE-2",
        "ROUGE-L",
        "“{text}” → “{predicted}”",
        "{source} → {target}",
    ),
    *("F1", "{value}%p", "{value}%p ({low} ~ {high})"),
    *("{value} ({low} ~ {high})", "{metric}, {split}", "{span}({rows})"),
)


def test_every_sentence_exists_in_both_languages() -> None:
    for key, (english, korean) in sentences.SENTENCES.items():
        fields = [
            sorted(field for _, field, _, _ in string.Formatter().parse(text) if field)
            for text in (english, korean)
        ]
        assert fields[0] == fields[1], key
        assert english.strip() == english, key
        assert re.search("[가-힣]", korean) or korean in WORDLESS, key
        assert not re.search("[가-힣]", english), key


def test_every_sentence_is_used_and_every_used_one_exists() -> None:
    source = "".join(
        path.read_text("utf-8")
        for path in ROOM.iterdir()
        if path.suffix in (".py", ".html") and not path.name.endswith("sentences.py")
    )
    named = set(re.findall(r'"([a-z_]+\.[a-z_A-Z0-9.]+)"', source))
    named = {key for key in named if not key.endswith((".", ".html", ".css", ".js", ".json", ".csv"))}
    found_by_name = ("metric", "baseline", "split", "status", "verdict", "section", "scores", "reproduce")
    found_by_name += ("member", "numbers", "mistakes", "table", "clock", "span", "reach")
    found_by_name += (
        "helped",
        "unit",
        "data.how",
        "data.together",
        "data.truth",
        "data.form",
        "variety",
        "spans.error",
        "method",
        "explain",
        "weak.part",
        "writing",
    )
    for key in sentences.SENTENCES:
        assert key in named or key.startswith(tuple(f"{name}." for name in found_by_name)), key
    kinds = {key.split(".")[0] for key in sentences.SENTENCES}
    used = {key for key in named if key.split(".")[0] in kinds} - {"verdict.because", *found_by_name}
    assert len(used) > 80
    assert used <= sentences.SENTENCES.keys()


def test_numbers_are_written_for_people() -> None:
    half = 0.0015
    assert formats.percent(0.86149) == "86.1\u00a0%"
    assert formats.percent(-0.0001) == "0.0\u00a0%"
    assert formats.score("accuracy", Score(value=0.861, low=0.858, high=0.864)) == "86.1\u00a0% (85.8–86.4)"
    assert formats.score("log_loss", Score(value=0.3314)) == "0.331"
    assert formats.score("log_loss", Score(value=None)) == formats.score("accuracy", None) == "–"
    loss = formats.points(Score(value=-0.019, low=-0.022, high=-0.016))
    assert (loss.en, loss.ko) == ("−1.9 points (−2.2 to −1.6)", "−1.9%p (−2.2 ~ −1.6)")
    assert formats.points(Score(value=half, low=0.0002, high=0.0028)).en == "+0.15 points (+0.02 to +0.28)"
    assert formats.points(Score(value=0.01)).en == "+1.0 points"
    assert formats.count(1310000) == "1,310,000"
    assert [formats.duration(seconds).en for seconds in (3.14, 59.97, 210, 3725)] == [
        "3.1 s",
        "1 min 0 s",
        "3 min 30 s",
        "1 h 2 min",
    ]
    assert formats.size(5_240_000) == "5.2\u00a0MB"
    assert formats.decimal(0.001) == "1.0e−03"
    assert formats.moment("2026-11-21T09:00:00+00:00") == "2026-11-21 09:00\u00a0UTC"
    assert formats.moment("<b>") == "<b>"


def test_phrases_escape_and_join_languages() -> None:
    phrase = say("data.guessed", {"value": "<b>{value}"})
    assert phrase.__html__() == (
        '<span class="w" lang="en">&lt;b&gt;{value} (guessed)</span>'
        '<span class="w" lang="ko">&lt;b&gt;{value} (추정)</span>'
    )
    inner = say("verdict.beats", {"against": say("baseline.linear")})
    assert "linear model" in inner.en
    assert "선형" in inner.ko


def test_every_label_has_its_own_line_of_precision_and_recall() -> None:
    found = [
        Curve(label=f"c{n}", average_precision=n / 10, recall=(0.5, 1.0), precision=(1.0, 0.5))
        for n in range(9)
    ]
    assert [curve.label for curve in panels.least_precise(found)] == ["c0", "c1", "c2", "c3", "c4", "c5"]
    assert panels.least_precise(found[:2]) == found[:2]
    drawing = panels.precision_recall(panels.least_precise(found), "ko")
    lines = drawing.axes[0].lines
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 6


def test_slices_mark_the_weak_ones(slices_of: Callable[..., dict[str, Any]]) -> None:
    found = Slices.model_validate(slices_of("nsmc"))
    names = [str(place) for place in range(len(found.slices))]
    axes = panels.slices(found, names, "en").axes[0]
    diamonds = [line for line in axes.lines if line.get_marker() == "D"]
    assert [list(line.get_ydata()) for line in diamonds] == [[0]]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == names


@pytest.mark.parametrize("points", [((1.0, 1.0),), ((0.0, 5.0), (10.0, 4.0))])
def test_numbers_of_any_spread_are_drawn(points: tuple[tuple[float, float], ...]) -> None:
    box = {"p5": 0.0, "p25": 0.0, "p50": 0.0, "p75": 0.0, "p95": 0.0}
    for paint in (
        lambda language: panels.predicted_against_true(points, language),
        lambda language: panels.residuals(box, language),
    ):
        chart = draw("numbers", Phrase("x", "x"), "en", paint)
        assert chart.svg.count("<svg") == 2


def test_errors_keep_their_unit_and_the_digits_of_their_interval() -> None:
    assert formats.score("mae", Score(value=10.0617, low=9.861, high=10.27)) == "10.06 (9.86–10.27)"
    assert formats.score("rmse", Score(value=12345.6, low=12000.0, high=13000.0)) == "12,346 (12,000–13,000)"
    assert formats.score("mae", Score(value=3.0)) == "3"
    assert formats.lead("mae", Score(value=2.05, low=-1.716, high=2.377)).en == "+2.0 (−1.7 to +2.4)"
    assert formats.lead("mae", Score(value=0.0, low=0.0, high=0.0)).en == "+0.000 (+0.000 to +0.000)"
    assert formats.lead("accuracy", Score(value=0.0124)).en == "+1.2 points"
    assert formats.amount(float("nan")) == "–"
