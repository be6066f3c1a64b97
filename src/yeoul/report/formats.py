"""Numbers as a reader wants them: percentages, intervals, points, durations, sizes and times."""

import math
from datetime import datetime

from yeoul.report.records import Score
from yeoul.report.words import Phrase, say

NOTHING = "–"
TEXT_CHARACTERS = 400
LABEL_CHARACTERS = 80
_MINUS = "\N{MINUS SIGN}"
_SPACE = "\N{NO-BREAK SPACE}"
_SHARES = (
    "accuracy",
    "micro_f1",
    "macro_f1",
    "exact_match",
    "mean_average_precision",
    "calibration_error",
    "coverage_80",
    "coverage_90",
    *("chrf", "bleu", "rouge_1", "rouge_2", "rouge_l", "character_error_rate", "word_error_rate"),
    *("cider", "bleu_1", "bleu_2", "bleu_3"),
    *("span_f1", "span_f1_relaxed", "unseen_accuracy", "sentences_right"),
    *("roc_area", "average_precision", "spearman", "pearson", "mrr", "recall_1", "recall_5", "recall_10"),
    *("order", "whole"),
)
_UNSIGNED = (
    *("chrf", "bleu", "bleu_1", "bleu_2", "bleu_3", "rouge_1", "rouge_2", "rouge_l", "cider"),
    *("roc_area", "average_precision", "spearman", "pearson", "mrr"),
)
"""Shares that are written without a sign for percent, as is the custom."""
FORECAST_DIGITS = 3
"""Of the scores of forecasts: models differ by far less than blocks of hours do."""
ERRORS = (
    *("mae", "rmse", "median_absolute_error"),
    *("mase", "mae_scaled", "mse_scaled", "smape", "pinball", "width_80", "width_90"),
    *("perplexity", "bits_per_byte", "bits_per_character", "nats_per_token"),
)


def percent(share: float | None) -> str:
    """Write a share as a percentage.

    >>> percent(0.861) == "86.1\\N{NO-BREAK SPACE}%"
    True
    """
    if share is None or not math.isfinite(share):
        return NOTHING
    return f"{_signed(100 * share, 'z.1f')}{_SPACE}%"


def score(metric: str, found: Score | None, digits: int = 0) -> str:
    """Write a score with its interval where it has one: shares as percentages, errors in the target's unit.

    Errors have the digits that the width of the interval calls for, and of their value no fewer than `digits`.
    """
    if found is None or found.value is None or not math.isfinite(found.value):
        return NOTHING
    if found.low is None or found.high is None:
        return level(metric, found.value)
    numbers = (found.value, found.low, found.high)
    if metric in _SHARES:
        value, low, high = level(metric, found.value), *(_signed(100 * end, "z.1f") for end in numbers[1:])
    else:
        style = _style(found.high - found.low, found.value, digits) if metric in ERRORS else "z.3f"
        value, low, high = (_signed(number, style) for number in numbers)
    return f"{value} ({low}–{high})" if found.low >= 0 else f"{value} ({low} … {high})"


def level(metric: str, value: float | None) -> str:
    """Write the value of a score: a share as a percentage, an error with four digits, a loss with three decimals."""
    if metric in _SHARES:
        return percent(value).removesuffix(f"{_SPACE}%") if metric in _UNSIGNED else percent(value)
    if value is None or not math.isfinite(value):
        return NOTHING
    return amount(value) if metric in ERRORS else _signed(value, "z.3f")


def is_share(metric: str) -> bool:
    """Say whether a score is a share, and so shown as a percentage."""
    return metric in _SHARES


def amount(number: float | None) -> str:
    """Write a number in the unit of the data with four digits.

    >>> amount(12345.6), amount(0.0123456), amount(3.0)
    ('12,346', '0.01235', '3')
    """
    if number is None or not math.isfinite(number):
        return NOTHING
    return _signed(number, ",.0f" if abs(number) >= 1000 else ".4g")


def lead(metric: str, difference: Score) -> Phrase:
    """Write how far a model is ahead: shares in percentage points, errors in the target's unit, always signed."""
    if metric not in ERRORS:
        return points(difference)
    if difference.value is None:
        return Phrase(NOTHING, NOTHING)
    if difference.low is None or difference.high is None:
        text = _signed(difference.value, "+,.4g")
        return Phrase(text, text)
    style = "+" + _style(difference.high - difference.low)
    texts = [_signed(number, style) for number in (difference.value, difference.low, difference.high)]
    return say("number.interval", dict(zip(("value", "low", "high"), texts, strict=True)))


SMALLER_ERROR = ("number.smaller", "number.larger", "number.smaller_interval", "number.larger_interval")
LOWER_FIGURE = ("number.lower", "number.higher", "number.lower_interval", "number.higher_interval")


def gain(found: Score, sentences: tuple[str, str, str, str] = SMALLER_ERROR) -> Phrase:
    """Write by how many percent an error is smaller than another, or larger, with its interval.

    The sentences are those for less and for more, then the same with an interval.
    """
    if found.value is None:
        return Phrase(NOTHING, NOTHING)
    less, more, less_between, more_between = sentences
    smaller = found.value >= 0
    if found.low is None or found.high is None:
        return say(less if smaller else more, {"value": _signed(abs(found.value), ".1f")})
    ends = (found.low, found.high) if smaller else (-found.high, -found.low)
    texts = [_signed(number, "z.1f") for number in (abs(found.value), *ends)]
    key = less_between if smaller else more_between
    return say(key, dict(zip(("value", "low", "high"), texts, strict=True)))


def points(difference: Score) -> Phrase:
    """Write a difference of shares in percentage points, with its interval and always with a sign."""
    if difference.value is None:
        return Phrase(NOTHING, NOTHING)
    numbers = [number for number in (difference.value, difference.low, difference.high) if number is not None]
    style = "+z.2f" if any(0 < abs(number) < 0.0005 for number in numbers) else "+z.1f"
    texts = [_signed(100 * number, style) for number in numbers]
    if len(texts) < 3:
        return say("number.points", {"value": texts[0]})
    return say("number.points_interval", dict(zip(("value", "low", "high"), texts)))


def count(number: float | None) -> str:
    """Write a whole number with thousands separators."""
    return NOTHING if number is None or not math.isfinite(number) else _signed(number, ",.0f")


def decimal(number: float | None) -> str:
    """Write a loss or rate with as many digits as say something."""
    if number is None or not math.isfinite(number):
        return NOTHING
    return _signed(number, ".4f" if number == 0 or abs(number) >= 0.01 else ".1e")


def duration(seconds: float | None) -> Phrase:
    """Write a length of time in the two largest units that matter."""
    if seconds is None or not math.isfinite(seconds):
        return Phrase(NOTHING, NOTHING)
    if seconds < 59.95:
        return say("number.seconds", {"seconds": f"{seconds:.1f}"})
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return say("number.minutes", {"minutes": minutes, "seconds": rest})
    return say("number.hours", {"hours": count(minutes // 60), "minutes": minutes % 60})


def size(number: float | None) -> str:
    """Write a number of bytes in decimal units."""
    if number is None or not math.isfinite(number):
        return NOTHING
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= scale:
            return f"{number / scale:,.1f}{_SPACE}{unit}"
    return f"{number:,.0f}{_SPACE}B"


def moment(written: str | None) -> str:
    """Write an ISO 8601 time for people, down to the minute; anything else stays as it is."""
    if not written:
        return NOTHING
    try:
        time = datetime.fromisoformat(written)
    except ValueError:
        return cut(written, 40)
    return f"{time:%Y-%m-%d %H:%M}{_SPACE}{time.tzname() or ''}".rstrip()


def cut(text: str, characters: int) -> str:
    """Shorten a text to at most so many characters; an ellipsis takes the place of the rest."""
    return text if len(text) <= characters else text[: characters - 1].rstrip() + "…"


def _signed(number: float, style: str) -> str:
    return format(number, style).replace("-", _MINUS)


def _style(width: float, value: float = 0.0, least: int = 0) -> str:
    """Return the format that shows an interval of that width with two digits, and a value with at least so many.

    >>> format(10.0617, _style(0.41)), format(1234.5, _style(380.0)), format(2.1931, _style(1.06, 2.1931, 3))
    ('10.06', '1,234', '2.19')
    """
    digits = 1 - math.floor(math.log10(width)) if width > 0 else 3
    if least and value:
        digits = max(digits, least - 1 - math.floor(math.log10(abs(value))))
    return f"z,.{min(max(digits, 0), 9)}f"
