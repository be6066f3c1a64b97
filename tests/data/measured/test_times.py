"""Times are read in every usual form or refused with their row, and steps between them are exact."""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.data.measured.times import Every, find_every, looks_like_times, parse_times, span_rows
from yeoul.errors import DataError, RecipeError

MOMENT = np.datetime64("2020-03-04T13:05", "s")
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(
    lambda time: time.replace(microsecond=0)
)
EVERYS = st.one_of(
    st.integers(1, 10_000_000).map(lambda seconds: Every(seconds=seconds)),
    st.integers(1, 40).map(lambda months: Every(months=months)),
)


def column(*cells: str) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(cells, pa.string())])


def where(row: int) -> str:
    return f"측정.csv:{row + 2}"


def times(*cells: str, dates: str = "auto") -> np.ndarray:
    return parse_times(column(*cells), "날짜", where, dates).times


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "2020-03-04T13:05",
            "2020-03-04 13:05:00",
            "2020-03-04T13:05:00.250",
            "2020/3/4 13:05",
            "2020.03.04 13:05",
        ),
        *(
            "2020. 3. 4. 오후 1:05",
            "2020-03-04 오후 1:05:00",
            "2020-03-04 1:05 PM",
            "20200304 1305",
            "202003041305",
        ),
        *("20200304T130500", "04.03.2020 13:05", "4.3.2020 1:05 p.m."),
        *("2020년 3월 4일 오후 1시 5분", "2020년 3월 4일 13시 5분", "2020년 03월 04일 (수) 13:05:00"),
        *("2020년3월4일 오후1시5분", "20년 3월 4일 13시 5분 0초", "2020년 3월 4일 수요일 13:05"),
        *("1583327100", "1583327100.0", "1583327100000", "1583327100000000", "43894.54513888889"),
    ],
)
def test_one_moment_in_all_forms(cell: str) -> None:
    assert times(cell) == [MOMENT]
    assert times("  " + cell + " ", cell).tolist() == [MOMENT.item()] * 2


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        *(
            ("2020-03", "2020-03-01"),
            ("2020년 3월", "2020-03-01"),
            ("202003", "2020-03-01"),
            ("1949", "1949-01-01"),
        ),
        *(
            ("2020년", "2020-01-01"),
            ("2020Q2", "2020-04-01"),
            ("20200304", "2020-03-04"),
            ("2020년 3월 4일", "2020-03-04"),
        ),
        *(
            ("2020-03-04 24:00", "2020-03-05"),
            ("2020030424", "2020-03-05"),
            ("2020-03-04 12:00 AM", "2020-03-04"),
        ),
        *(
            ("43894", "2020-03-04"),
            ("2020-03-04 오후 12시", "2020-03-04T12:00"),
            ("2020030413", "2020-03-04T13:00"),
        ),
    ],
)
def test_shorter_forms(cell: str, expected: str) -> None:
    assert times(cell) == [np.datetime64(expected, "s")]


@settings(max_examples=50)
@given(
    st.lists(MOMENTS, min_size=1, max_size=5),
    st.sampled_from(
        [
            "%Y-%m-%dT%H:%M:%S",
            "%Y/%m/%d %I:%M:%S %p",
            "%d.%m.%Y %H:%M:%S",
            "%Y%m%d%H%M%S",
            "%Y년 %m월 %d일 %H시 %M분 %S초",
        ]
    ),
)
def test_what_is_written_is_read(moments: list[datetime], form: str) -> None:
    assert times(*(moment.strftime(form) for moment in moments)).tolist() == moments


@settings(max_examples=50)
@given(st.lists(MOMENTS, min_size=1, max_size=5), st.booleans())
def test_day_and_month_are_told_apart_by_a_number_above_12_or_asked_about(
    moments: list[datetime], day_first: bool
) -> None:
    form, dates = ("%d/%m/%Y %H:%M:%S", "day-first") if day_first else ("%m/%d/%Y %H:%M:%S", "month-first")
    cells = [moment.strftime(form) for moment in moments]
    assert times(*cells, dates=dates).tolist() == moments
    if any(moment.day > 12 for moment in moments):
        assert times(*cells).tolist() == moments
    else:
        with pytest.raises(DataError, match=r"측정\.csv:\d: .* in the column 날짜 may be .*forecast\.dates"):
            times(*cells)


def test_short_years_are_asked_about() -> None:
    with pytest.raises(DataError, match="may be read in several ways"):
        times("20/03/04")
    assert times("20/03/04", dates="year-first") == times("04/03/20", dates="day-first")
    assert times("3/4/99", dates="month-first") == [np.datetime64("1999-03-04")]


def test_an_offset_is_named_and_the_clock_stays() -> None:
    read = parse_times(column("2020-03-04T13:05+09:00", "2020-03-04 13:05:00+0900"), "t", where)
    assert (read.times == MOMENT).all()
    assert read.zone == "+09:00"
    assert parse_times(column("2020-03-04T13:05Z"), "t", where).zone == "UTC"
    with pytest.raises(DataError, match=r"측정\.csv:3: .*different zones: first \+09:00, here UTC"):
        times("2020-03-04T13:05+09:00", "2020-03-04T13:05Z")
    with pytest.raises(DataError, match="different zones"):
        times("2020-03-04T13:05+09:00", "2020-03-04T13:05")


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (("2020-03-04", ""), r"측정\.csv:3: the time in the column 날짜 is missing"),
        (
            ("2020-03-04", "모름", "2020-03-05"),
            r"측정\.csv:3: 모름 in the column 날짜 is no time as in 2020-03-04",
        ),
        (("2020-02-30",), "is no time of the calendar"),
        (("2020-03-04 24:01",), "is no time of the calendar"),
        (("2020-03-04 오전 13:00",), "is no time of the calendar"),
        (("14/03/2020", "03/14/2020"), r"측정\.csv:3: .*is no time of the calendar"),
        (("서울", "부산"), "is no time as in"),
        (("1", "2", "3"), "is no time as in"),
        (("12:05",), "is no time as in"),
    ],
)
def test_bad_times_are_refused_with_their_row(cells: tuple[str, ...], problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        times(*cells)


def test_a_column_of_times_is_known_by_sight() -> None:
    for cells in (("2020-03-04",), ("03/04/2020",), ("2020년 3월 4일",), ("20200304", "20200305")):
        assert looks_like_times(column(*cells))
    for cells in (("1949",), ("1583327100",), ("43894",), ("12.5",), ("a",), ("20209999",), ()):
        assert not looks_like_times(column(*cells))


@given(EVERYS)
def test_a_step_is_written_and_read(every: Every) -> None:
    assert Every.parse(str(every)) == every


@given(EVERYS, MOMENTS, st.integers(-500, 500))
def test_counting_steps_undoes_adding_them(every: Every, start: datetime, steps: int) -> None:
    first, count = np.array([start], "M8[s]"), np.array([steps])
    found, beside = every.between(first, every.after(first, count))
    assert found == count
    assert beside == 0 or every.months  # where a month has no such day
    assert span_rows(str(every), every, "x") == 1


def test_months_keep_their_day_or_end() -> None:
    start, steps = np.array(["2020-01-31T06:00"], "M8[s]"), np.arange(3)
    kept = Every(months=1).after(start, steps)
    assert [str(time)[:10] for time in kept] == ["2020-01-31", "2020-02-29", "2020-03-31"]
    start = np.array(["2020-02-29"], "M8[s]")
    assert [str(time)[:10] for time in Every(months=1, ends=True).after(start, steps)][1:] == [
        "2020-03-31",
        "2020-04-30",
    ]


def test_spans_are_whole_numbers_of_rows() -> None:
    ten = Every.parse("10min")
    assert [ten.rows(span, "x") for span in (7, "10min", "24h", "1d", "1w")] == [7, 1, 144, 144, 1008]
    assert Every.parse("1mo").rows("2y", "x") == 24
    for every, span in (("10min", "25min"), ("1d", "1mo"), ("1mo", "30d"), ("1h", "30min")):
        with pytest.raises(
            RecipeError, match=rf"forecast\.horizon: {span} is no whole number of rows of {every}"
        ):
            Every.parse(every).rows(span, "forecast.horizon")
    with pytest.raises(RecipeError, match="the rows have no times"):
        span_rows("1h", None, "forecast.horizon")
    with pytest.raises(RecipeError, match="more than"):
        Every(seconds=1).rows("999999999d", "x")
    for text in ("", "10", "h", "1.5h", "-1h", "0h", "1 fortnight"):
        with pytest.raises(RecipeError, match="is no span of time"):
            Every.parse(text)


@given(
    st.sampled_from(["1s", "10min", "1h", "1d", "1w", "1mo", "3mo", "1y"]),
    MOMENTS,
    st.sets(st.integers(1, 58), max_size=15),
)
def test_the_step_is_found_in_spite_of_gaps(step: str, start: datetime, gaps: set[int]) -> None:
    every = Every.parse(step)
    first = np.array([start.replace(day=1)], "M8[s]")
    kept = np.array([row for row in range(60) if row not in gaps])
    own = every.after(first, kept)
    found, share = find_every(np.concatenate([own, own]), np.array([0, len(kept), 2 * len(kept)]), where)
    assert found == every
    assert share == pytest.approx((np.diff(kept) == 1).mean())


def test_times_a_little_off_still_have_a_step() -> None:
    start = datetime(2020, 3, 4)
    own = [start + timedelta(minutes=10 * row, seconds=row * 7919 % 41) for row in range(200)]
    assert find_every(np.array(own, "M8[s]"), np.array([0, 200]), where)[0] == Every(seconds=600)
    wild = np.cumsum(np.random.default_rng(0).integers(1, 100_000, 50)).astype("M8[s]")
    with pytest.raises(DataError, match="follow no regular step"):
        find_every(wild, np.array([0, 50]), where)
    with pytest.raises(DataError, match="one row does not tell"):
        find_every(wild[:1], np.array([0, 1]), where)
