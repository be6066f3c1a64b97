"""`yeoul evaluate RUN --risk`: how honest the confidences are, and which answers to leave out."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from yeoul.cli.figures import count, percent
from yeoul.cli.output import tell, tell_json
from yeoul.errors import RunError, UsageError
from yeoul.language import say
from yeoul.spreadsheets import plain

if TYPE_CHECKING:
    from yeoul.metrics.abstaining import Abstaining, Honesty

_SPLITS = ("validation", "test")


def show_abstaining(run: Path, risk: float, as_json: bool) -> None:
    """Choose a limit on the validation answers of a run, try it on its test answers, and tell of both."""
    from yeoul.metrics.abstaining import Honesty, abstain, confidence_limit

    if not 0.0 < risk < 1.0:
        raise UsageError(
            "{came} is no share", "write a share such as 0.05", where="--risk", values={"came": risk}
        )
    (sure, right), (test_sure, test_right) = (_answers(run, split) for split in _SPLITS)
    honesty = Honesty.of(sure, right, test_sure, test_right)
    found = abstain(confidence_limit(sure, right, risk), test_sure, test_right, risk)
    if as_json:
        told: Mapping[str, Any] = {"abstaining": found.to_json(), "honesty": honesty.to_json()}
        tell_json({"run": str(run), **told})
        return
    for line in _lines(found, honesty):
        tell(line)


def _answers(run: Path, split: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return how sure each answer of a split is and whether it is right, (N,) each."""
    path = run / "evaluation" / split / "predictions.csv"
    if not path.is_file():
        raise RunError(
            "the run has no answers to rows of {split}",
            "train on with --resume",
            where=run.name,
            values={"split": split},
        )
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    if not rows or not all(row.get("confidence") for row in rows):
        raise UsageError(
            "these answers tell no confidence", "ask a run of classes or of texts", where=run.name
        )
    sure = np.array([float(row["confidence"]) for row in rows])
    right = np.array([plain(row["predicted"]) == plain(row["target"]) for row in rows], np.bool_)
    return sure, right


def _lines(found: "Abstaining", honesty: "Honesty") -> Iterator[str]:
    values = {
        "risk": percent(found.risk),
        "limit": "" if found.limit is None else f"{found.limit:.3f}",
        "coverage": percent(found.coverage),
        "wrong": percent(found.wrong.value),
        "low": percent(found.wrong.low),
        "high": percent(found.wrong.high),
        "all": percent(found.wrong_of_all),
        "rows": count(found.rows),
    }
    if found.limit is None:
        yield say(
            "no limit keeps the wrong answers below {risk}: even the surest are wrong more often, or too few",
            values,
        )
    else:
        yield say(
            "answer only from a confidence of {limit} on, and at most {risk} of the answers are wrong", values
        )
        yield say(
            "on {rows} test rows: {coverage} answered, of these {wrong} ({low}–{high}) wrong; {all} of all rows",
            values,
        )
    yield ""
    told = {"before": f"{honesty.before.error:.4f}", "after": f"{honesty.after.error:.4f}"}
    yield say(
        "calibration error on the test rows: {before}; with a curve through the validation rows {after}", told
    )
