"""What is printed cannot steer a terminal, and its columns stand below each other."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from yeoul.cli import output
from yeoul.cli.durations import parse_duration
from yeoul.cli.figures import clock, interval, percent, points

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT)
def test_printable_text_has_no_control_characters_and_can_be_encoded(text: str) -> None:
    shown = output.printable(text)
    assert {unicodedata.category(character) for character in shown.replace("\t", "")}.isdisjoint({"Cc", "Cs"})
    shown.encode("utf-8")
    assert output.printable(shown) == shown


@given(ANY_TEXT, st.integers(1, 60))
def test_one_line_fits_into_its_columns(text: str, columns: int) -> None:
    line = output.one_line(text, columns)
    assert output.width(line) <= columns
    assert "\n" not in line


@given(st.lists(st.tuples(*[st.text("ab 리뷰漢é", max_size=8)] * 3), min_size=1))
def test_table_columns_are_aligned(rows: list[tuple[str, str, str]]) -> None:
    lines = output.table(rows)
    starts = [max(output.width(row[column]) for row in rows) for column in (0, 1)]
    for row, line in zip(rows, lines, strict=True):
        first = output.padded(row[0], starts[0] + 2)
        both = first + output.padded(row[1], starts[1] + 2)
        assert (both + row[2]).rstrip() == line


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59))
def test_durations_are_read_as_they_are_written(hours: int, minutes: int, seconds: int) -> None:
    total = 3600 * hours + 60 * minutes + seconds
    if total:
        assert parse_duration(f"{hours}h{minutes}m{seconds}s", where="") == total
        assert parse_duration(str(total), where="") == total
    parts = [int(part) for part in clock(total).split(":")]
    assert sum(part * 60**place for place, part in enumerate(reversed(parts))) == total


def test_numbers_are_written_as_designed() -> None:
    assert percent(0.8614) == "86.1 %"
    assert interval({"value": 0.861, "low": 0.858, "high": 0.864}) == "86.1 % (85.8–86.4)"
    assert points({"value": -0.019, "low": -0.022, "high": -0.016}) == ("1.9", "1.6–2.2")
    assert points({"value": 0.0004, "low": 0.0001, "high": 0.0007}) == ("0.04", "0.01–0.07")
    assert interval({"value": 0.5}) == "50.0 %"
