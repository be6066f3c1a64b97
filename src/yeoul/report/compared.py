"""Several runs side by side: scores, groups of seeds, and paired tests on the rows that two runs share.

Runs of the same recipe that differ only in their seed form a group. Two runs are tested against each other when
their `predictions.csv` of the test split hold the same rows: see `yeoul.report.answered`.
"""

import itertools
import re
import statistics
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tomlkit

from yeoul.metrics.intervals import Verdict, judge
from yeoul.metrics.slices import holm
from yeoul.recipefile import leaves
from yeoul.report.answered import Answered, read_answers
from yeoul.report.contents import Contents, read_contents
from yeoul.report.records import AnswerKind, Baseline, Judgment, Score
from yeoul.runs.folder import RunFolder


@dataclass(frozen=True)
class Point:
    """The validation score at the end of an epoch."""

    epoch: int
    seconds: float | None
    value: float


@dataclass(frozen=True)
class ComparedRun:
    """One run, with what a comparison tells; `settings` are its recipe's values by dotted key, the seed apart."""

    id: str
    path: Path
    recipe: str
    description: str
    seed: int | None
    status: str
    kind: AnswerKind
    metric: str
    scores: Mapping[str, Score]
    rows: int | None
    verdict: Judgment | None
    baselines: tuple[Baseline, ...]
    seconds: float | None
    memory_mb: float | None
    parameters: int | None
    points: tuple[Point, ...]
    settings: Mapping[str, str]
    fingerprint: str

    @property
    def score(self) -> Score | None:
        """The score that decides, on the test rows; None before there is one."""
        found = self.scores.get(self.metric)
        return found if found is not None and found.value is not None else None


@dataclass(frozen=True)
class Group:
    """Runs of one recipe with different seeds: mean, standard deviation (None for one run) and ends of their scores."""

    name: str
    runs: tuple[str, ...]
    metric: str
    mean: float
    deviation: float | None
    low: float
    high: float

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "runs": list(self.runs),
            "metric": self.metric,
            "mean": self.mean,
            "deviation": self.deviation,
            "min": self.low,
            "max": self.high,
        }


@dataclass(frozen=True)
class Paired:
    """Run `ours` less run `theirs` on the same test rows.

    `chance` is McNemar's exact p, None for numbers and forecasts; `corrected` is the same after Holm's correction for
    all pairs.
    """

    ours: str
    theirs: str
    rows: int
    verdict: Verdict
    chance: float | None
    corrected: float | None

    def turned(self) -> "Paired":
        """Return the same test as the other run sees it."""
        seen = judge(self.verdict.difference.turned(), metric=self.verdict.metric, against=self.ours)
        return replace(self, ours=self.theirs, theirs=self.ours, verdict=seen)

    def to_json(self) -> dict[str, Any]:
        return {
            "run": self.ours,
            "against": self.theirs,
            "rows": self.rows,
            "metric": self.verdict.metric,
            "difference": self.verdict.difference.to_json(),
            "outcome": self.verdict.outcome,
            "mcnemar_p": self.chance,
            "mcnemar_p_holm": self.corrected,
        }


@dataclass(frozen=True)
class Comparison:
    """Everything about several runs; `differing` are the keys in which their recipes differ."""

    runs: tuple[ComparedRun, ...]
    groups: tuple[Group, ...]
    pairs: tuple[Paired, ...]
    differing: tuple[str, ...]
    same_rows: bool
    """Whether all runs that have test scores were tested on the same rows."""

    def between(self, ours: str, theirs: str) -> Paired | None:
        """Return the test of one run against another, as the first one sees it."""
        for one in self.pairs:
            if (one.ours, one.theirs) == (ours, theirs):
                return one
            if (one.theirs, one.ours) == (ours, theirs):
                return one.turned()
        return None

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain values."""
        return {
            "runs": [_told(run) for run in self.runs],
            "groups": [group.to_json() for group in self.groups],
            "pairs": [pair.to_json() for pair in self.pairs],
            "settings": {key: {run.id: run.settings.get(key) for run in self.runs} for key in self.differing},
            "same_test_rows": self.same_rows,
        }


def compare_runs(folders: Sequence[RunFolder]) -> Comparison:
    """Read and compare runs, in the order given; raise `RunError` for a damaged one."""
    runs = tuple(_read(folder) for folder in folders)
    answers = {run.id: read_answers(folder, run.kind) for run, folder in zip(runs, folders, strict=True)}
    scored = [answers[run.id] for run in runs if run.score is not None]
    known = [one for one in scored if one is not None]
    same = len(known) == len(scored) and all(known[0].has_rows_of(one) for one in known[1:])
    keys = dict.fromkeys(key for run in runs for key in run.settings)
    differing = tuple(key for key in keys if len({run.settings.get(key) for run in runs}) > 1)
    return Comparison(runs, _groups(runs), _pairs(runs, answers), differing, same)


def recipe_values(path: Path) -> dict[str, str]:
    """Return the values of a recipe file by their dotted keys, as one writes them; nothing if it cannot be read."""
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {
        key: value if isinstance(value, str) else tomlkit.item(value).as_string()
        for key, value in leaves(tree)
    }


def _read(folder: RunFolder) -> ComparedRun:
    contents = read_contents(folder.path)
    run, found = contents.run, contents.evaluations.get("test")
    metric = found.verdict.metric if found and found.verdict else (found.metric if found else "accuracy")
    settings = recipe_values(folder.path / "resolved.toml")
    return ComparedRun(
        id=folder.id,
        path=folder.path,
        recipe=run.recipe or re.sub(r"-\d{4,}$", "", folder.id),
        description=run.model.description or "",
        seed=run.seed,
        status=run.status,
        kind=found.target_kind if found else "class",
        metric=metric,
        scores=found.scores if found else {},
        rows=found.rows if found else None,
        verdict=found.verdict if found else None,
        baselines=found.baselines if found else (),
        seconds=run.cost.train_seconds if run.cost else None,
        memory_mb=run.cost.peak_memory_mb if run.cost else None,
        parameters=run.model.parameters,
        points=tuple(_points(contents, metric)),
        settings={key: value for key, value in settings.items() if key != "seed"},
        fingerprint=run.data.fingerprint or "",
    )


def _points(contents: Contents, metric: str) -> Iterator[Point]:
    for one in contents.epochs:
        value = one.validation.get(metric)
        if value is not None:
            yield Point(one.epoch, one.elapsed_seconds, value)


def _told(run: ComparedRun) -> dict[str, Any]:
    return {
        "run": run.id,
        "path": str(run.path),
        "recipe": run.recipe,
        "model": run.description,
        "status": run.status,
        "seed": run.seed,
        "metric": run.metric,
        "scores": {name: score.model_dump(exclude_none=True) for name, score in run.scores.items()},
        "rows": run.rows,
        "verdict": run.verdict.model_dump() if run.verdict else None,
        "train_seconds": run.seconds,
        "peak_memory_mb": run.memory_mb,
        "parameters": run.parameters,
        "data": run.fingerprint,
    }


def _groups(runs: Sequence[ComparedRun]) -> tuple[Group, ...]:
    """Put runs together whose recipes differ in the seed alone, in the order of their first run.

    A seed occurs once in a group: two runs of the same seed say nothing about chance.
    """
    together: list[list[ComparedRun]] = []
    for run in runs:
        if run.score is None:
            continue
        for members in together:
            alike = _recipe_key(members[0]) == _recipe_key(run)
            if alike and run.seed not in [member.seed for member in members]:
                members.append(run)
                break
        else:
            together.append([run])
    names = [members[0].recipe for members in together]
    groups = []
    for members in together:
        values = [float(run.score.value) for run in members if run.score and run.score.value is not None]
        unique = names.count(members[0].recipe) == 1
        groups.append(
            Group(
                members[0].recipe if unique else members[0].id,
                tuple(run.id for run in members),
                members[0].metric,
                statistics.fmean(values),
                statistics.stdev(values) if len(values) > 1 else None,
                min(values),
                max(values),
            )
        )
    return tuple(groups)


def _recipe_key(run: ComparedRun) -> tuple[object, ...]:
    """Return what runs of one recipe have in common; steps that a time budget was turned into are no setting."""
    measured = {"training.max_steps"} if run.settings.get("training.budget_seconds") else set()
    values = tuple((key, value) for key, value in sorted(run.settings.items()) if key not in measured)
    return run.metric, values or run.id


def _pairs(runs: Sequence[ComparedRun], answers: Mapping[str, Answered | None]) -> tuple[Paired, ...]:
    """Test every run against every later one on the same rows."""
    found = []
    for run, other in itertools.combinations(runs, 2):
        ours, theirs = answers[run.id], answers[other.id]
        if ours is None or theirs is None or run.kind != other.kind or not ours.has_rows_of(theirs):
            continue
        found.append((run, other, ours.rows, *ours.tested(theirs, other.id)))
    chances = [chance for _, _, _, _, chance in found if chance is not None]
    corrected = iter(holm(chances))
    return tuple(
        Paired(
            run.id,
            other.id,
            rows,
            verdict,
            chance,
            None if chance is None else next(corrected),
        )
        for run, other, rows, verdict, chance in found
    )
