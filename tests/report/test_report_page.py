"""The report is one lawful page: offline, escaped, complete in two languages, equal for equal runs."""

import base64
import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from PIL import Image

from yeoul.errors import RunError
from yeoul.report import views, write_report
from yeoul.report.contents import read_contents
from yeoul.report.records import WeakSpots
from yeoul.report.weak_spots import short_line

WriteRun = Callable[..., Path]
CHARTS = ("balance", "calibration", "confusion", "curves", "lengths", "precision", "slices")
SECTIONS = (
    "scores",
    "data",
    "curves",
    "classes",
    "calibration",
    "mistakes",
    "weak",
    "slices",
    "cost",
    "reproduce",
)
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "--><svg onload=alert(1)>",
    "</style></title></textarea><iframe src=//evil.example>",
    "{{ 7*7 }}{% raw %}${7*7}",
    "]]>&lt;b&gt;&#x3c;",
    "$\\frac{$ %s {0} \\u2028",
    "=cmd|' /C calc'!A0",
)
VOID = {"meta", "path", "use", "image", "br", "img", "input", "link"}


class Page(HTMLParser):
    """What a browser would see in a page: its elements, and the text inside of each kind of element."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.raw = {"script": "", "style": ""}
        self.text = ""
        self.source = path.read_text("utf-8")
        self._inside = ""
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        self._inside = tag if tag in self.raw else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.raw[self._inside] += data
        else:
            self.text += data

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for found, attributes in self.elements if found == tag]


@pytest.fixture(scope="module")
def page(finished: Path) -> Page:
    return Page(finished / "report.html")


def assert_shut(page: Page) -> None:
    """Hold that nothing in a page can reach outside or run, but its own script."""
    assert {tag for tag, _ in page.elements}.isdisjoint(
        {"img", "iframe", "link", "object", "embed", "base", "form"}
    )
    assert len(page.of("script")) == len(page.of("style")) == len(page.of("title")) == 1
    for tag, attributes in page.elements:
        for key, value in attributes.items():
            assert not key.startswith("on"), (tag, key)
            assert key != "style", tag
            if key in ("src", "href", "xlink:href", "action", "srcset", "data", "poster"):
                assert value.startswith(("#", "data:image/png;base64,")), (tag, value)
    assert set(re.findall(r"url\((\w+:|#|.)", page.raw["style"])) <= {"data:"}
    assert "@import" not in page.raw["style"]
    policy = page.of("meta")[1]["content"]
    for kind in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(page.raw[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert page.source.index("Content-Security-Policy") < page.source.index("<style")


def test_nothing_reaches_outside(page: Page) -> None:
    assert_shut(page)
    assert "://" not in page.source


def test_it_is_small_and_whole(finished: Path, page: Page) -> None:
    assert len(page.source.encode()) < 700_000
    assert page.source.rstrip().endswith("</html>")
    assert sorted(path.name for path in (finished / "plots").iterdir()) == [f"{name}.png" for name in CHARTS]
    for name in CHARTS:
        with Image.open(finished / "plots" / f"{name}.png") as image:
            assert image.info["dpi"] == pytest.approx((150, 150), abs=0.1)
    assert not [path for path in finished.rglob("*") if path.suffix == ".part"]


def test_the_verdict_comes_first(page: Page) -> None:
    body = page.text
    order = [
        "The model does not beat the linear model",
        "−1.9 points (−2.2 to −1.6)",
        "86.1\u00a0% (85.8–86.4)",
        "Scores",
        "1,571",
    ]
    places = [body.index(part) for part in order]
    assert places == sorted(places)
    model, beat, majority = (
        body.index(part) for part in ("this model", "number to beat", "the most frequent class")
    )
    assert model < beat < majority


def test_headings_are_in_order(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in itertools.pairwise(levels))


def test_references_meet(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    used = [
        attributes["href"][1:]
        for _, attributes in page.elements
        if attributes.get("href", "").startswith("#")
    ]
    used += [
        attributes["aria-labelledby"] for _, attributes in page.elements if "aria-labelledby" in attributes
    ]
    used += re.findall(r"url\(#([^)]+)\)", page.source)
    assert len(used) > 50
    assert set(used) <= set(ids)


def test_charts_and_tables_are_described(page: Page) -> None:
    drawings = [attributes for attributes in page.of("svg") if attributes.get("aria-hidden") != "true"]
    assert len(drawings) == 2 * len(CHARTS)
    assert all(one["role"] == "img" and len(one["aria-label"]) > 10 for one in drawings)
    assert all(attributes.get("scope") in ("col", "row") for attributes in page.of("th"))
    assert page.of("th")


def test_both_languages_are_on_the_page(
    page: Page, finished: Path, run_writer: WriteRun, tmp_path: Path
) -> None:
    words = [attributes["lang"] for tag, attributes in page.elements if attributes.get("class") == "w"]
    assert words.count("en") == words.count("ko") > 100
    assert page.of("html") == [{"lang": "en", "class": "show-en"}]
    for hidden, shown in (("ko", "en"), ("en", "ko")):
        assert f'html.show-{shown} .w[lang="{hidden}"]' in page.raw["style"]
    korean = Page(write_report(run_writer(tmp_path / "run"), "ko"))
    assert korean.of("html") == [{"lang": "ko", "class": "show-ko"}]
    assert korean.text == page.text
    chart = Path("plots", "curves.png")
    assert (tmp_path / "run" / chart).read_bytes() != (finished / chart).read_bytes()


UNFIT = "a\x00\x08\x1b[31m\x85\ud800\uffff\u202e b"


@pytest.mark.parametrize(
    "payload",
    [" ".join((*PAYLOADS[:3], UNFIT)), *(pytest.param(one, marks=pytest.mark.slow) for one in PAYLOADS)],
)
def test_payloads_stay_text(payload: str, run_writer: WriteRun, tmp_path: Path) -> None:
    labels = (payload[:70], payload[:70] + "2")
    page = Page(write_report(run_writer(tmp_path / "run", labels, texts=(payload,), word=payload)))
    assert_shut(page)
    unfit = "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\uffff]"
    assert not re.search(unfit, page.source)
    assert page.text.count(re.sub(unfit, "\ufffd", payload[:70])) > 20
    assert all(f"h-{section}" in page.source for section in SECTIONS)
    assert len([one for one in page.of("svg") if "role" in one]) == 2 * len(CHARTS)


def test_equal_runs_give_equal_reports(run_writer: WriteRun, finished: Path, tmp_path: Path) -> None:
    """Whatever the folder, the hash seed and the person's own matplotlib style; and without torch or pyplot."""
    (tmp_path / "matplotlibrc").write_text("font.size: 30\naxes.grid: True\n")
    folder = run_writer(tmp_path / "elsewhere")
    code = (
        "import sys; from pathlib import Path; from yeoul.report import write_report\n"
        "write_report(Path(sys.argv[1]))\n"
        "assert not {'torch', 'matplotlib.pyplot', 'koreanize_matplotlib'} & sys.modules.keys()"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "MATPLOTLIBRC": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    for file in ("report.html", *(f"plots/{name}.png" for name in CHARTS)):
        assert (folder / file).read_bytes() == (finished / file).read_bytes(), file


def test_a_second_report_is_the_same(finished: Path) -> None:
    before = dict(matplotlib.rcParams)
    first = (finished / "report.html").read_bytes()
    assert write_report(finished).read_bytes() == first
    assert dict(matplotlib.rcParams) == before


def test_a_bare_run_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"schema_version": 1, "status": "running"}))
    page = Page(write_report(tmp_path))
    assert_shut(page)
    assert "There is no verdict yet." in page.text
    assert page.source.count('class="missing"') == len(set(SECTIONS) - {"weak", "reproduce"})
    assert "members" not in [attributes["href"][3:] for attributes in page.of("a")]
    assert not list((tmp_path / "plots").iterdir())


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("created", "Training has not begun"),
        ("running", "still training; make the report again"),
        ("paused", "is paused; resume"),
        ("interrupted", "was interrupted; resume"),
        ("failed", "failed before it was evaluated"),
        ("done", "has not been evaluated"),
    ],
)
def test_each_status_says_why_there_is_no_verdict(status: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"schema_version": 1, "status": status}))
    assert sentence in views.verdict(read_contents(tmp_path)).sentences[0].en


def test_a_run_still_training_shows_its_curves(run_writer: WriteRun, tmp_path: Path) -> None:
    folder = run_writer(tmp_path / "run", splits=())
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(
        json.dumps({**record, "status": "running", "finished": None, "cost": None})
    )
    page = Page(write_report(folder))
    assert "still training" in page.text
    assert sorted(path.stem for path in (folder / "plots").iterdir()) == ["balance", "curves", "lengths"]


def test_slices_say_how_chance_is_guarded_against(
    page: Page, run_writer: WriteRun, slices_of: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    assert "worse than the rest, beyond what chance explains: 1." in page.text
    assert "Of 5 parts that were looked at, some look bad by chance." in page.text
    assert "Not sliced, for too many values or too few rows: nsmc." in page.text
    assert "0.0\u00a0% – 50.0\u00a0%" in page.text
    assert "2008" in page.text
    folder = run_writer(tmp_path / "run")
    path = folder / "evaluation" / "test" / "slices.json"
    path.write_text(json.dumps(slices_of("x", weak=False)))
    assert "No part of the rows is scored worse" in Page(write_report(folder)).text


def test_weak_spots_are_named_in_words(
    page: Page, run_writer: WriteRun, slices_of: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    assert "beyond what chance explains: 8." in page.text
    for part in ("nsmc: 10 – 14", "with a question mark", "without a Korean letter", "with the word “nsmc”"):
        assert part in page.text
    assert "“nsmc”로 시작하는 낱말 있음" in page.text
    assert "4,332 kinds of rows" in page.text
    folder = run_writer(tmp_path / "run")
    path = folder / "evaluation" / "test" / "slices.json"
    path.write_text(json.dumps(slices_of("x", weak=False)))
    assert "No kind of row was found" in Page(write_report(folder)).text
    line = short_line(WeakSpots.model_validate(slices_of("환불")["weak_spots"]))
    assert line is not None
    scores = "accuracy 80.0\u00a0%, on all others 90.0\u00a0%"
    wanted = f"weak spot: 환불: 10 – 14 (1,090 rows): {scores}; 7 more in the report"
    assert line.en == wanted


def test_confused_pairs_come_with_rows(page: Page, run_writer: WriteRun, tmp_path: Path) -> None:
    assert "surest of these mistakes" in page.text
    pairs = page.text[page.text.index("surest of these mistakes") :]
    assert "너무재밓었다그래서" in pairs
    folder = run_writer(tmp_path / "run")
    (folder / "evaluation" / "test" / "confused.json").unlink()
    old = Page(write_report(folder)).text
    assert "너무재밓었다그래서" not in old[old.index("surest of these mistakes") :]


def test_a_mixture_shows_its_members_and_the_best_network(
    run_writer: WriteRun, members_of: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    folder = run_writer(tmp_path / "run")
    (folder / "members.json").write_text(json.dumps(members_of("<b>선형")))
    page = Page(write_report(folder))
    assert_shut(page)
    assert "h-members" in page.source
    begin = page.text.index("accuracy, validation")
    table = page.text[begin : page.text.index("Data card", begin)]
    assert table.count("best single network") == 1
    assert table.index("lstm") < table.index("best single network") < table.index("cnn")
    assert "<b>선형" in table
    assert "0.60" in table


@pytest.mark.parametrize(
    ("kind", "sentences"),
    [
        ("labels", ("Micro-F1 70.0\u00a0% (68.0–72.0)", "+5.0 points", "−0.3", "wrong labels", "Labels")),
        (
            "number",
            (
                "Mean absolute error 0.700 (0.680–0.720)",
                "the baseline's error less the model's",
                "−30.5",
                "Largest errors",
            ),
        ),
    ],
)
def test_other_targets_have_panels_of_their_own(
    kind: str,
    sentences: tuple[str, ...],
    run_writer: WriteRun,
    other_evaluation_of: Callable[..., dict[str, Any]],
    tmp_path: Path,
) -> None:
    folder = run_writer(tmp_path / "run", splits=("test",))
    place = folder / "evaluation" / "test"
    (place / "metrics.json").write_text(json.dumps(other_evaluation_of(kind, ("연기", "음악"))))
    (place / "confused.json").unlink()
    column = {"labels": "wrong_labels", "number": "error"}[kind]
    (place / "worst.csv").write_text(
        f"where,text,target,predicted,{column}\na:1,글,1,2,'-3\n".replace("'-", "")
    )
    page = Page(write_report(folder))
    assert_shut(page)
    for sentence in sentences:
        assert sentence in page.text, sentence
    assert "h-calibration" not in page.source
    assert "Confusion matrix" not in page.text
    drawn = {path.stem for path in (folder / "plots").iterdir()}
    assert drawn >= ({"precision"} if kind == "labels" else {"numbers", "residuals"})
    assert ("h-numbers" in page.source) == (kind == "number")


@pytest.mark.slow
def test_fifty_classes_stay_readable(run_writer: WriteRun, tmp_path: Path) -> None:
    labels = [f"클래스 {number:02d}" for number in range(50)]
    page = Page(write_report(run_writer(tmp_path / "run", labels)))
    assert_shut(page)
    assert len(page.source.encode()) < 1_000_000
    assert "The 30 most frequent of 50 classes" in page.text
    assert page.text.count("클래스 49") > 3


@pytest.mark.slow
def test_the_worst_page_stays_below_two_megabytes(run_writer: WriteRun, tmp_path: Path) -> None:
    syllables = [chr(code) for code in range(0xAC00, 0xD7A4)]
    labels = ["".join(syllables[14 * number :: 997][:14]) for number in range(50)]
    texts = ["'" * 100 + "".join(syllables[200 * row : 200 * row + 300]) * 50 for row in range(60)]
    folder = run_writer(tmp_path / "run", labels, texts=texts)
    for name in ("resolved.toml", "recipe.toml"):
        (folder / name).write_text("<'한'>" * 20_000 + "".join(map(chr, range(0x4E00, 0x9FFF))))
    place = folder / "evaluation" / "test"
    part = json.loads((place / "slices.json").read_text())
    wide = [part["slices"][3] | {"by": label, "value": label} for label in labels]
    (place / "slices.json").write_text(json.dumps({**part, "slices": wide}))
    row = {"where": "a:1", "text": texts[0], "confidence": 0.9}
    pairs = [
        {"target": one, "predicted": labels[0], "rows": 9, "share": 0.1, "examples": [row] * 3}
        for one in labels
    ]
    (place / "confused.json").write_text(json.dumps({"pairs": pairs}))
    line = json.loads((folder / "metrics.jsonl").read_text().splitlines()[1])
    epochs = [line | {"epoch": number, "loss": number % 7 / 7} for number in range(1, 3000)]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(epoch) + "\n" for epoch in epochs))
    page = Page(write_report(folder))
    assert_shut(page)
    assert 500_000 < len(page.source.encode()) < 2_000_000
    assert "of 2,999 epochs" not in page.text
    assert "of 2999 epochs are listed" in page.text
    assert "The file is longer and was cut here." in page.text


@pytest.mark.parametrize(
    ("file", "content", "place"),
    [
        ("data.json", b"{", "data.json"),
        ("data.json", b'{"rows": "many"}', "data.json"),
        ("evaluation/test/metrics.json", b'{"labels": ["a", "b"], "confusion": [[1, 2]]}', "metrics.json"),
        (
            "evaluation/test/metrics.json",
            b'{"verdict": {"outcome": "wins", "metric": "m", "against": "a"}}',
            "metrics.json",
        ),
        ("evaluation/test/worst.csv", b"where,text\na,b\n", "worst.csv"),
        ("evaluation/test/slices.json", b'{"metric": "accuracy"}', "slices.json"),
        ("evaluation/test/confused.json", b'{"pairs": [{"target": "a"}]}', "confused.json"),
        ("members.json", b'{"members": [{}]}', "members.json"),
        (
            "evaluation/test/metrics.json",
            b'{"precision_recall": [{"label": "a", "average_precision": 1, "recall": [1], "precision": []}]}',
            "metrics.json",
        ),
        ("metrics.jsonl", b'{"event": "start"}\n{"event": "epoch", "epoch": "x"}\n', "metrics.jsonl:2"),
    ],
)
def test_damage_is_named(file: str, content: bytes, place: str, run_writer: WriteRun, tmp_path: Path) -> None:
    folder = run_writer(tmp_path / "run")
    (folder / file).write_bytes(content)
    with pytest.raises(RunError) as caught:
        write_report(folder)
    assert caught.value.where.endswith(place)
    assert not (folder / "report.html").exists()


@pytest.mark.parametrize(
    ("outcome", "first", "second", "third"),
    [
        ("beats", "The model beats the linear model", "+1.9 points (+1.6 to +2.2)", "beaten"),
        ("cannot tell", "It cannot be told whether the model beats the linear", "holds zero", "cannot tell"),
        ("does not beat", "does not beat the linear", "−1.9 points", "not beaten"),
    ],
)
def test_each_outcome_is_said(
    outcome: str, first: str, second: str, third: str, run_writer: WriteRun, tmp_path: Path
) -> None:
    contents = read_contents(run_writer(tmp_path / "run", outcome=outcome))
    found = views.verdict(contents)
    assert first in found.headline.en
    assert second in " ".join(phrase.en for phrase in (found.difference, *found.sentences) if phrase)
    assert "also chose the best epoch" not in found.sentences[-1].en
    assert [row.outcome.en for row in views.scoreboard(contents.evaluations["test"]).rows] == [
        "",
        third,
        "beaten",
    ]


def test_validation_rows_alone_are_a_caveat(
    run_writer: WriteRun, evaluation_of: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    folder = run_writer(tmp_path / "run", splits=("validation",))
    alone = {**evaluation_of("validation", ("부정", "긍정")), "verdict": None, "baselines": []}
    (folder / "evaluation" / "validation" / "metrics.json").write_text(json.dumps(alone))
    found = views.verdict(read_contents(folder))
    assert "compared with no baseline" in found.headline.en
    assert "also chose the best epoch; the test rows have not been scored" in found.sentences[-1].en
