"""The laws, each with the ways to put it to the test and how far an answer moves when it must not.

Deviations are the largest differences of two answers that must be equal, in units of the root mean square of all
answers to the rows. An answer of another shape, one that is not finite and an error are infinitely far off.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, final

import numpy as np
import torch

from yeoul.verify.subject import LawName, Numbers, Subject

Row = TypeVar("Row")

TOLERANCE = 1e-5
_MATES = 6
_PADDINGS = (1, 7)
_SHRINKS = 200


@final
@dataclass(frozen=True)
class Trial(Generic[Row]):
    """One way to put a law to the test; the first row is the one watched."""

    rows: tuple[Row, ...]
    extra: int = 0
    """Steps of padding."""
    at: int = 0
    """The step from which on something changes."""
    seed: int = 0


@final
@dataclass(frozen=True)
class Example:
    """The smallest rows found with which a law does not hold."""

    subject: str
    rows: tuple[str, ...]
    lengths: tuple[int, ...]
    extra: int
    at: int
    deviation: float
    note: str = ""
    """The error that came, if one did."""


Measure = Callable[[Subject[Any], Trial[Any]], tuple[list[Numbers], list[Numbers]]]
"""From a trial to what was answered, and what should have been."""


@final
@dataclass(frozen=True)
class Law:
    """What must not change an answer."""

    trials: Callable[[Subject[Any]], Iterator[Trial[Any]]]
    measure: Measure
    exact: bool = False
    """Whether not a bit may differ."""


@final
@dataclass(frozen=True)
class Finding:
    """How far a subject is from a law."""

    deviation: float
    tolerance: float
    example: Example | None

    @property
    def holds(self) -> bool:
        return self.deviation <= self.tolerance


def find(subject: Subject[Any], name: LawName, tolerance: float, scale: float) -> Finding:
    """Put a subject to every trial of a law, and shrink the first that it does not stand."""
    law = LAWS[name]
    allowed = 0.0 if law.exact else tolerance
    worst = 0.0
    for trial in law.trials(subject):
        deviation, _ = _deviation(subject, law, trial, scale)
        worst = max(worst, deviation)
        if deviation > allowed:
            example = _shrunk(subject, law, trial, scale, allowed)
            return Finding(max(worst, example.deviation), allowed, example)
    return Finding(worst, allowed, None)


def scale_of(subject: Subject[Any]) -> float:
    """Return the root mean square of the answers to a subject's rows; 1 where there is none to tell."""
    together = np.concatenate([np.square(told).ravel() for told in subject.answers(subject.rows)])
    together = together[np.isfinite(together)]
    root = float(np.sqrt(together.mean())) if len(together) else 0.0
    return root or 1.0


def _deviation(subject: Subject[Any], law: Law, trial: Trial[Any], scale: float) -> tuple[float, str]:
    try:
        came, expected = law.measure(subject, trial)
    except Exception as error:  # noqa: BLE001  whatever a model may raise is told with the example
        return float("inf"), f"{type(error).__name__}: {error}"
    far = 0.0
    for one, other in zip(came, expected, strict=True):
        if one.shape != other.shape:
            return float("inf"), f"{one.shape} ≠ {other.shape}"
        same = (one == other) | (np.isnan(one) & np.isnan(other))
        gaps = np.abs(one - other)[~same]
        if not np.isfinite(gaps).all():
            return float("inf"), ""
        far = max(far, float(gaps.max(initial=0.0)))
    return far / scale, ""


def _shrunk(subject: Subject[Any], law: Law, trial: Trial[Any], scale: float, allowed: float) -> Example:
    """Make a trial smaller for as long as the law stays broken."""
    deviation, note = _deviation(subject, law, trial, scale)
    tried, going = 0, True
    while going and tried < _SHRINKS:
        going = False
        for smaller in _smaller(subject, trial):
            tried += 1
            found, told = _deviation(subject, law, smaller, scale)
            same_kind = bool(told) == bool(note)  # a row too short for the model is another story
            if found > allowed and same_kind:
                trial, deviation, note, going = smaller, found, told, True
                break
            if tried >= _SHRINKS:
                break
    return Example(
        subject.name,
        tuple(subject.show(row) for row in trial.rows),
        tuple(subject.length(row) for row in trial.rows),
        trial.extra,
        trial.at,
        deviation,
        note,
    )


def _smaller(subject: Subject[Any], trial: Trial[Any]) -> Iterator[Trial[Any]]:
    """Yield trials with fewer mates, less padding and shorter rows, the boldest first."""
    rows = trial.rows
    if len(rows) > 2:
        half = (len(rows) + 1) // 2
        yield replace(trial, rows=rows[:half])
        for place in range(1, len(rows)):
            yield replace(trial, rows=rows[:place] + rows[place + 1 :])
    if trial.extra > 1:
        yield replace(trial, extra=1)
        yield replace(trial, extra=trial.extra - 1)
    for place, row in enumerate(rows):
        if subject.exempt.get("padding") == "fixed":
            continue
        length = subject.length(row)
        for first, last in ((0, length // 2), (length // 2, length), (0, length - 1), (1, length)):
            fewest = 2 if trial.at else 1
            if not fewest <= last - first < length:
                continue
            at = min(max(1, trial.at - first), last - first - 1) if trial.at else 0
            cut = subject.cut(row, first, last)
            yield replace(trial, rows=(*rows[:place], cut, *rows[place + 1 :]), at=at)


def _alone(subject: Subject[Any]) -> Iterator[Trial[Any]]:
    yield from (Trial((row,)) for row in subject.rows)


def _together(subject: Subject[Any]) -> Iterator[Trial[Any]]:
    """Yield every row with its neighbours, in batches of a few and of all."""
    rows = subject.rows
    for place in range(len(rows)):
        turned = rows[place:] + rows[:place]
        yield Trial(turned[:_MATES], seed=place)
    if len(rows) > _MATES:
        yield Trial(rows)


def _padded(subject: Subject[Any]) -> Iterator[Trial[Any]]:
    for place, row in enumerate(subject.rows):
        for extra in _PADDINGS:
            yield Trial((row,), extra=extra, seed=place)


def _places(subject: Subject[Any]) -> Iterator[Trial[Any]]:
    """Yield every row with places where the rest may change: near its begin, its middle and its end."""
    for seed, row in enumerate(subject.rows):
        seen, length = subject.seen(row), subject.length(row)
        marks = {seen} if seen is not None else {1, length // 2, length - 1}
        yield from (Trial((row,), at=at, seed=seed) for at in sorted(marks) if 0 < at < length)


def _repeat(subject: Subject[Any], trial: Trial[Any]) -> tuple[list[Numbers], list[Numbers]]:
    return subject.answers(trial.rows), subject.answers(trial.rows)


def _finite(subject: Subject[Any], trial: Trial[Any]) -> tuple[list[Numbers], list[Numbers]]:
    told = subject.answers(trial.rows)
    return told, [np.where(np.isnan(one), 0.0, one) for one in told]


def _padding(subject: Subject[Any], trial: Trial[Any]) -> tuple[list[Numbers], list[Numbers]]:
    first = subject.answers(trial.rows, trial.extra, trial.seed)
    other = subject.answers(trial.rows, trial.extra, trial.seed + 1)
    plain = subject.answers(trial.rows)
    return [*first, *other], [*plain, *plain]


def _mates(subject: Subject[Any], trial: Trial[Any]) -> tuple[list[Numbers], list[Numbers]]:
    watched, *mates = trial.rows
    others = [subject.changed(mate, 0, trial.seed) for mate in mates]
    return subject.answers([watched, *others])[:1], subject.answers(trial.rows)[:1]


def _order(subject: Subject[Any], trial: Trial[Any]) -> tuple[list[Numbers], list[Numbers]]:
    turned = subject.answers(trial.rows[::-1])
    return turned[::-1], subject.answers(trial.rows)


def _single(subject: Subject[Any], trial: Trial[Any]) -> tuple[list[Numbers], list[Numbers]]:
    return subject.answers(trial.rows)[:1], subject.answers(trial.rows[:1])


def _future(subject: Subject[Any], trial: Trial[Any]) -> tuple[list[Numbers], list[Numbers]]:
    (row,) = trial.rows
    told = subject.answers([row])[0]
    changed = subject.answers([subject.changed(row, trial.at, trial.seed)])[0]
    if subject.seen(row) is not None:
        return [changed], [told]
    return [changed[: trial.at]], [told[: trial.at]]


def _chunks(subject: Subject[Any], trial: Trial[Any]) -> tuple[list[Numbers], list[Numbers]]:
    (row,) = trial.rows
    told = subject.answers([row])[0]
    steps = list(range(1, min(subject.length(row), 2 * trial.at)))
    in_two, by_step = subject.pieces(row, [trial.at]), subject.pieces(row, steps)
    return [in_two, by_step], [told, told]


def _threads(subject: Subject[Any], trial: Trial[Any]) -> tuple[list[Numbers], list[Numbers]]:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = subject.answers(trial.rows)
        torch.set_num_threads(2)
        two = subject.answers(trial.rows)
    finally:
        torch.set_num_threads(before)
    return two, one


def _saved(subject: Subject[Any], trial: Trial[Any]) -> tuple[list[Numbers], list[Numbers]]:
    return subject.reloaded().answers(trial.rows), subject.answers(trial.rows)


def _whole(subject: Subject[Any]) -> Iterator[Trial[Any]]:
    yield Trial(subject.rows)


LAWS: Mapping[LawName, Law] = {
    "repeat": Law(_alone, _repeat),
    "finite": Law(_alone, _finite),
    "padding": Law(_padded, _padding),
    "mates": Law(_together, _mates),
    "order": Law(_together, _order),
    "single": Law(_together, _single),
    "future": Law(_places, _future),
    "chunks": Law(_places, _chunks),
    "threads": Law(_whole, _threads),
    "saved": Law(_whole, _saved, exact=True),
}
"""In the order in which they are told: a model that does not repeat itself breaks the others too."""
