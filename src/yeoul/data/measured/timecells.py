"""Read times as tables write them: ISO, dotted, slashed, Korean, compact, counted in seconds or in Excel's days."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.numbers import MISSING
from yeoul.errors import DataError

Times = npt.NDArray[np.datetime64]
Ints = npt.NDArray[np.int64]
Where = Callable[[int], str]
Dates = Literal["auto", "year-first", "month-first", "day-first"]

_HALF = r"[AaPp]\.?[Mm]\.?"
_CLOCK = (
    rf"(?:(?P<half>{_HALF})\s*)?(?P<hour>\d{{1,2}})(?::(?P<minute>\d{{1,2}})(?::(?P<second>\d{{1,2}})(?:[.,]\d+)?)?)?"
    rf"(?:\s*(?P<half_after>{_HALF}))?"
)
_ZONE = r"\s*(?P<zone>Z|z|UTC|GMT|KST|[+-]\d{2}(?::?\d{2})?)?"
_YEAR_FIRST = (
    rf"^(?P<year>\d{{4}})[-./](?P<month>\d{{1,2}})(?:[-./](?P<day>\d{{1,2}})(?:[T ,.]\s*{_CLOCK}{_ZONE})?)?$"
)
_COMPACT = (
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    rf"(?:[T ]?(?P<hour>\d{{2}})(?::?(?P<minute>\d{{2}})(?::?(?P<second>\d{{2}})(?:\.\d+)?)?)?{_ZONE})?$"
)
_DAY_OR_MONTH_FIRST = (
    rf"^(?P<first>\d{{1,2}})(?P<mark>[-./])(?P<middle>\d{{1,2}})[-./](?P<last>\d{{4}}|\d{{2}})"
    rf"(?:[T ,]\s*{_CLOCK}{_ZONE})?$"
)
_FORMS: Mapping[str, str] = {
    "year-first": _YEAR_FIRST,
    "compact": _COMPACT,
    "month": r"^(?P<year>\d{4})(?P<month>\d{2})$",
    "year": r"^(?P<year>\d{4})$",
    "quarter": r"^(?P<year>\d{4})[- ]?Q(?P<quarter>[1-4])$",
    "parted": _DAY_OR_MONTH_FIRST,
    "counted": r"^(?P<counted>\d{9,10}(?:\.\d+)?|\d{12,13}|\d{16}|\d{19})$",
    "excel": r"^(?P<excel>[2-7]\d{4}(?:\.\d+)?)$",
}
_SURE = ("year-first", "compact", "quarter", "parted")
"""Forms that nothing else is written in."""
_KOREAN = (
    (r"\([월화수목금토일](?:요일)?\)|[월화수목금토일]요일", " "),
    (r"^(\d{2})\s*년", r"20\1년"),
    (r"(\d)\s*[년월]\s*", r"\1-"),
    (r"(\d)\s*일\s*", r"\1 "),
    (r"(\d)\s*[시분]\s*", r"\1:"),
    (r"(\d)\s*초", r"\1"),
    (r"오전\s*", "AM "),
    (r"오후\s*", "PM "),
)
_SAMPLE = 200
_MOST_YEARS = {"compact": (1900, 2100), "month": (1900, 2100)}
_YEARS = (1000, 2999)
_CENTURY = 70  # two digits below it are of the years from 2000
_SECONDS_OF = {9: 1, 10: 1, 12: 1000, 13: 1000, 16: 10**6, 19: 10**9}
_EXCEL_DAY_0 = np.datetime64("1899-12-30", "s")
_FIELDS = ("year", "month", "day", "hour", "minute", "second")


@dataclass(frozen=True, eq=False)
class TimeColumn:
    """The times of a column by the clock that they were written for."""

    times: Times  # (N,) datetime64[s]
    zone: str
    """Offset that all of them name, such as +09:00 or UTC; "" where they name none."""
    form: str


def parse_times(cells: pa.ChunkedArray, name: str, where: Where, dates: Dates = "auto") -> TimeColumn:
    """Read a column of times, all in one form; parts of a second are cut off.

    Forms: year first with any of - . /, with or without T, seconds and offset; without marks (20200304,
    202003041305); months (2020-03, 202003), quarters (2020Q1) and years; day or month first, with AM or PM; Korean
    (2020년 3월 4일 오후 1시 5분, and shorter); seconds, milli-, micro- or nanoseconds since 1970; days as Excel counts
    them. A dot between day and month says that the day is first; with other marks a number above 12 does, or `dates`.
    An hour of 24 is 0 of the next day.

    Raises `DataError`, with the row that `where` names, for a cell that is missing, unreadable or no time of the
    calendar, for offsets that differ, and where the column leaves open what is day and what month.
    """
    plain = _plain(cells)
    absent = _absent(plain)
    if absent.any():
        raise DataError(
            "the time in the column {column} is missing",
            "fill it in, or remove the row",
            where=where(int(np.flatnonzero(absent)[0])),
            values={"column": name},
        )
    form = _form_of(plain)
    matched = pc.extract_regex(plain, _FORMS[form]) if form else pa.nulls(len(plain))
    unread = matched.is_null().to_numpy(zero_copy_only=False)
    if unread.any():
        row = int(np.flatnonzero(unread)[0])
        example = (
            plain[int(np.flatnonzero(~unread)[0])].as_py()
            if form and not unread.all()
            else "2020-03-04 13:05"
        )
        raise DataError(
            "{cell} in the column {column} is no time as in {example}",
            "write all times in one form, or name another column with forecast.time",
            where=where(row),
            values={"cell": _shown(cells[row].as_py()), "column": name, "example": example},
        )
    column = _Column(cells, name, where, dates, form)
    if form in ("counted", "excel"):
        return TimeColumn(_counted(plain, form), "UTC" if form == "counted" else "", form)
    return TimeColumn(column.times(matched), column.zone(matched), form)


def time_form(cells: pa.ChunkedArray) -> str:
    """Return the form of times that most cells at the beginning of a column are in, "" when they are none."""
    plain = _plain(cells.slice(0, 20 * _SAMPLE))
    return _form_of(plain.filter(pa.array(~_absent(plain))))


def looks_like_times(cells: pa.ChunkedArray) -> bool:
    """Tell whether a column that nobody named holds times: in a form that nothing else is written in."""
    if time_form(cells) not in _SURE:
        return False
    sample = pc.utf8_trim_whitespace(cells.slice(0, _SAMPLE))
    return not pc.all(pc.match_substring_regex(sample, r"^\d{0,7}(\.\d*)?$")).as_py()


@dataclass(frozen=True, eq=False)
class _Column:
    """A column of times in one form, with all that an error has to name."""

    cells: pa.ChunkedArray
    name: str
    where: Where
    dates: Dates
    form: str

    def times(self, matched: pa.Array) -> Times:
        parts = {field: _part(matched, field, int(field in ("month", "day"))) for field in _FIELDS}
        if self.form == "quarter":
            parts["month"] = 3 * _part(matched, "quarter", 1) - 2
        if self.form == "parted":
            parts |= self._parted(matched)
        parts["hour"], halves = _whole_day(matched, parts["hour"])
        times, fits = _composed(parts)
        if not (fits & halves).all():
            row = int(np.flatnonzero(~(fits & halves))[0])
            raise DataError(
                "{cell} in the column {column} is no time of the calendar",
                "correct it, or say forecast.dates where the day is meant for the month",
                where=self.where(row),
                values={"cell": _shown(self.cells[row].as_py()), "column": self.name},
            )
        return times

    def zone(self, matched: pa.Array) -> str:
        """Return the offset that all times name."""
        if matched.type.get_field_index("zone") < 0:
            return ""
        zones = pc.struct_field(matched, "zone").dictionary_encode()
        names = [_zone_name(zone) for zone in zones.dictionary.to_pylist()]
        if len(set(names)) > 1:
            each = np.array(names)[zones.indices.to_numpy(zero_copy_only=False)]
            row = int(np.flatnonzero(each != each[0])[0])
            raise DataError(
                "the times of the column {column} are of different zones: first {first}, here {here}",
                "write all of them in one zone, such as UTC",
                where=self.where(row),
                values={"column": self.name, "first": each[0] or "–", "here": each[row] or "–"},
            )
        return names[0]

    def _parted(self, matched: pa.Array) -> dict[str, Ints]:
        """Tell day, month and year apart."""
        first, middle, last = (_part(matched, part, 0) for part in ("first", "middle", "last"))
        short = pc.equal(pc.utf8_length(pc.struct_field(matched, "last")), 2).to_numpy(zero_copy_only=False)
        dates = self._order(matched, first, middle, bool(short.any()))
        day, month, year = {
            "day-first": (first, middle, last),
            "month-first": (middle, first, last),
            "year-first": (last, middle, first),
        }[dates]
        of_century = short | (dates == "year-first")
        return {"day": day, "month": month, "year": np.where(of_century, year + _century(year), year)}

    def _order(self, matched: pa.Array, first: Ints, middle: Ints, short: bool) -> str:
        if self.dates != "auto" and not (self.dates == "year-first" and not short):
            return self.dates
        if short:
            raise DataError(
                "{cell} in the column {column} may be read in several ways",
                'say which with forecast.dates = "year-first", "month-first" or "day-first"',
                where=self.where(0),
                values={"cell": _shown(self.cells[0].as_py()), "column": self.name},
            )
        if (first > 12).any():
            return "day-first"
        if (middle > 12).any():
            return "month-first"
        if pc.all(pc.equal(pc.struct_field(matched, "mark"), ".")).as_py():
            return "day-first"
        row = int(np.argmax(first != middle))  # one that the two readings tell apart
        year = _part(matched, "last", 0)[row]
        raise DataError(
            "{cell} in the column {column} may be {one} or {other}",
            'say which with forecast.dates = "month-first" or "day-first"',
            where=self.where(row),
            values={
                "cell": _shown(self.cells[row].as_py()),
                "column": self.name,
                "one": f"{year:04}-{first[row]:02}-{middle[row]:02}",
                "other": f"{year:04}-{middle[row]:02}-{first[row]:02}",
            },
        )


def _plain(cells: pa.ChunkedArray) -> pa.Array:
    """Return the cells without spaces around them, Korean words turned into marks."""
    whole = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
    trimmed = pc.utf8_trim_whitespace(whole)
    if not pc.all(pc.string_is_ascii(trimmed)).as_py():
        trimmed = pc.utf8_normalize(trimmed, form="NFC")
        for pattern, replacement in _KOREAN:
            trimmed = pc.replace_substring_regex(trimmed, pattern, replacement)
    if pc.any(pc.match_substring_regex(trimmed, r"[-./:]\s|[-./:\s]$")).as_py():
        trimmed = pc.replace_substring_regex(trimmed, r"([-./:])\s+", r"\1")
        trimmed = pc.utf8_rtrim(trimmed, characters="-./: ")
    return trimmed


def _absent(plain: pa.Array) -> npt.NDArray[np.bool_]:
    words = pa.array(sorted({*MISSING, "nat"}), pa.string())
    absent: npt.NDArray[np.bool_] = pc.is_in(pc.utf8_lower(plain), words).to_numpy(zero_copy_only=False)
    return absent


def _form_of(plain: pa.Array) -> str:
    """Return the form of most cells of a sample, "" when there is none."""
    step = max(1, len(plain) // _SAMPLE)
    sample = plain.take(pa.array(np.arange(0, len(plain), step), pa.int64())) if len(plain) else plain
    best, most = "", max(0.0, (len(sample) - 1) / 2)
    for form, pattern in _FORMS.items():
        matched = pc.extract_regex(sample, pattern)
        fits = ~matched.is_null().to_numpy(zero_copy_only=False)
        if fits.any() and matched.type.get_field_index("year") >= 0:
            least, latest = _MOST_YEARS.get(form, _YEARS)
            year, month = _part(matched, "year", 0), _part(matched, "month", 1)
            fits &= (year >= least) & (year <= latest) & (month >= 1) & (month <= 12)
            fits &= (_part(matched, "day", 1) <= 31) & (_part(matched, "hour", 0) <= 24)
        if fits.sum() > most:
            best, most = form, int(fits.sum())
    return best


def _part(matched: pa.Array, name: str, default: int) -> Ints:
    """Return the numbers of one group (N,), `default` where it is not there."""
    if matched.type.get_field_index(name) < 0:
        return np.full(len(matched), default, np.int64)
    cells = pc.struct_field(matched, name)
    filled = pc.if_else(pc.equal(pc.fill_null(cells, ""), ""), str(default), cells)
    numbers: Ints = pc.cast(filled, pa.int64()).to_numpy(zero_copy_only=False)
    return numbers


def _whole_day(matched: pa.Array, hour: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return the hours of the whole day (N,), and where halves of a day and hours agree."""
    fits = np.ones(len(hour), np.bool_)
    if matched.type.get_field_index("half") < 0:
        return hour, fits
    halves = pc.binary_join_element_wise(
        pc.struct_field(matched, "half"), pc.struct_field(matched, "half_after"), ""
    )
    initials = pc.utf8_lower(pc.utf8_slice_codeunits(halves, 0, 1))
    morning = pc.equal(initials, "a").to_numpy(zero_copy_only=False)
    evening = pc.equal(initials, "p").to_numpy(zero_copy_only=False)
    fits = ~morning | (hour <= 12)  # 오후 13시 is written, 오전 13시 is a slip
    hour = np.where(morning & (hour == 12), 0, hour)
    return np.where(evening & (hour < 12), hour + 12, hour), fits


def _composed(parts: Mapping[str, Ints]) -> tuple[Times, npt.NDArray[np.bool_]]:
    """Return the times (N,), and which of them are of the calendar."""
    year, month, day, hour, minute, second = (parts[field] for field in _FIELDS)
    fits = (year >= _YEARS[0]) & (year <= _YEARS[1]) & (month >= 1) & (month <= 12)
    months = (np.where(fits, year, 1970) - 1970) * 12 + np.where(fits, month, 1) - 1
    first = months.astype("M8[M]")
    length = ((first + 1).astype("M8[D]") - first.astype("M8[D]")).astype(np.int64)
    fits &= (day >= 1) & (day <= length) & (minute < 60) & (second < 60)
    fits &= (hour < 24) | ((hour == 24) & (minute == 0) & (second == 0))
    seconds = (day - 1) * 86_400 + hour * 3600 + minute * 60 + second
    return first.astype("M8[s]") + seconds.astype("m8[s]"), fits


def _counted(plain: pa.Array, form: str) -> Times:
    """Return the times of what is counted since 1970, or in Excel's days."""
    times: Times
    if form == "excel":
        days = pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False)
        times = _EXCEL_DAY_0 + np.rint(days * 86_400).astype("m8[s]")
        return times
    whole = pc.replace_substring_regex(plain, r"\..*", "")
    digits = pc.utf8_length(whole).to_numpy(zero_copy_only=False)
    numbers: Ints = pc.cast(whole, pa.int64()).to_numpy(zero_copy_only=False)
    units = np.array([_SECONDS_OF.get(count, 1) for count in range(20)])[digits]
    times = (numbers // units).astype("M8[s]")
    return times


def _century(years: Ints) -> Ints:
    return np.where(years < _CENTURY, 2000, 1900)


def _zone_name(zone: str) -> str:
    if zone in ("Z", "z", "UTC", "GMT") or (zone and not zone.strip("+-0:")):
        return "UTC"
    if zone == "KST":
        return "+09:00"
    digits = zone.replace(":", "")
    return f"{digits[:3]}:{digits[3:] or '00'}" if digits else ""


def _shown(cell: str) -> str:
    plain = " ".join(cell.split())
    return plain if len(plain) <= 40 else plain[:39] + "…"
