"""What the first parts of the page say, worked out from the contents: verdict and scoreboard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yeoul.report.charts import Line
from yeoul.report.contents import Contents
from yeoul.report.formats import ERRORS, LABEL_CHARACTERS, count, cut, lead, score
from yeoul.report.records import Evaluation, Judgment, Score
from yeoul.report.words import Phrase, name, say

METRICS = (
    "accuracy",
    "micro_f1",
    "macro_f1",
    "exact_match",
    "mean_average_precision",
    "mae",
    "rmse",
    "median_absolute_error",
    "r2",
    "log_loss",
    "calibration_error",
    "mase",
)
_NO_MEANING = Phrase("", "")
_TONES = {"beats": "good", "does not beat": "bad", "cannot tell": "open"}


@dataclass(frozen=True)
class VerdictView:
    """The first lines of the page."""

    tone: str
    headline: Phrase
    difference: Phrase | None
    meaning: Phrase
    sentences: tuple[Phrase, ...]


@dataclass(frozen=True)
class ScoreRow:
    """One line of the scoreboard: the model or a baseline."""

    name: Phrase
    note: Phrase | None
    scores: tuple[str, ...]
    difference: Phrase
    outcome: Phrase
    tone: str


@dataclass(frozen=True)
class Scoreboard:
    """Model and baselines on one split."""

    caption: Phrase
    metrics: tuple[Phrase, ...]
    difference: Phrase | None
    rows: tuple[ScoreRow, ...]


def verdict(contents: Contents) -> VerdictView:
    """Say first whether the model beats the number to beat, or why that is not known."""
    found = contents.evaluation
    if found is None:
        reason = name("verdict.because", contents.run.status or "created")
        return VerdictView("open", say("verdict.none"), None, _NO_MEANING, (reason,))
    caveat = (say("verdict.validation"),) if found.split == "validation" else ()
    judged = found.verdict
    metric = judged.metric if judged else found.metric
    values: dict[str, object] = {
        "rows": count(found.rows),
        "split": name("split", found.split),
        "metric": _title(metric),
        "model": score(metric, found.scores.get(metric)),
    }
    if judged is None:
        sentences = (say("verdict.alone", values), *caveat)
        return VerdictView("open", say("verdict.uncompared"), None, _NO_MEANING, sentences)
    baseline = found.baseline(judged.against)
    values["baseline"] = score(metric, baseline.scores.get(metric) if baseline else None)
    against = name("baseline", cut(judged.against, LABEL_CHARACTERS))
    return VerdictView(
        tone=_TONES[judged.outcome],
        headline=say(f"verdict.{judged.outcome}", {"against": against}),
        difference=lead(metric, judged.difference),
        meaning=say("verdict.smaller" if metric in ERRORS else "verdict.difference"),
        sentences=(
            say("verdict.numbers", values),
            *undecided(judged),
            *caveat,
        ),
    )


def undecided(judged: Judgment) -> tuple[Phrase, ...]:
    """Say why it cannot be told which of two is better, where it cannot."""
    if judged.outcome != "cannot tell":
        return ()
    return (say("verdict.zero" if judged.difference.low is not None else "verdict.no_interval"),)


def scoreboard(
    found: Evaluation, known: Sequence[str] = METRICS, caption: str = "scores.caption", digits: int = 0
) -> Scoreboard:
    """Lay out the scores of the model, then of the number to beat, then of the other baselines.

    Of the `known` scores those are shown that there are, errors with no fewer than `digits`; the key `caption` names
    the split and its size.
    """
    metrics = [
        metric
        for metric in known
        if metric in found.scores or any(metric in one.scores for one in found.baselines)
    ]
    against = found.verdict.against if found.verdict else ""
    order = sorted(found.baselines, key=lambda one: one.name != against)
    judgments = [one.verdict for one in order if one.verdict] + ([found.verdict] if found.verdict else [])
    rows = [_row(say("scores.model"), None, _scores(metrics, found.scores, digits), None)]
    for one in order:
        beat = say("scores.beat") if one.name == against else None
        judged = one.verdict or (found.verdict if beat else None)
        rows.append(
            _row(
                name("baseline", cut(one.name, LABEL_CHARACTERS)),
                beat,
                _scores(metrics, one.scores, digits),
                judged,
            )
        )
    ahead = say("scores.difference", {"metric": name("metric", judgments[0].metric)}) if judgments else None
    return Scoreboard(
        caption=say(caption, {"split": name("split", found.split), "rows": count(found.rows)}),
        metrics=tuple(name("metric", metric) for metric in metrics),
        difference=ahead,
        rows=tuple(rows),
    )


def number_to_beat(contents: Contents, metric: str) -> Line | None:
    """Return the baseline for the validation curve: of the validation rows, else of the test rows."""
    for split in ("validation", "test"):
        found = contents.evaluations.get(split)
        if found is None or not found.baselines:
            continue
        against = found.verdict.against if found.verdict else found.baselines[-1].name
        baseline = found.baseline(against)
        value = baseline.scores.get(metric, Score()).value if baseline else None
        if value is not None:
            values = {"name": name("baseline", against), "split": name("split", split)}
            return Line(say("curves.baseline", values), value)
    return None


def _title(metric: str) -> Phrase:
    plain = name("metric", metric)
    return Phrase(plain.en[:1].upper() + plain.en[1:], plain.ko)


def _row(who: Phrase, note: Phrase | None, scores: tuple[str, ...], judged: Judgment | None) -> ScoreRow:
    if judged is None:
        return ScoreRow(who, note, scores, Phrase("", ""), Phrase("", ""), "")
    outcome = say(f"scores.{judged.outcome}")
    return ScoreRow(
        who, note, scores, lead(judged.metric, judged.difference), outcome, _TONES[judged.outcome]
    )


def _scores(metrics: list[str], scores: Mapping[str, Score], digits: int) -> tuple[str, ...]:
    return tuple(score(metric, scores.get(metric), digits) for metric in metrics)
