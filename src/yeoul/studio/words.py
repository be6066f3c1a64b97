"""Scores and verdicts with the words and figures in which a person reads them."""

from collections.abc import Mapping
from typing import Any

from yeoul.language import Language
from yeoul.report.formats import ERRORS, lead, score
from yeoul.report.records import Score
from yeoul.report.words import name, say


def lower_is_better(metric: str) -> bool:
    """Tell whether a score is an error or a loss."""
    return metric in ERRORS or metric.endswith("loss")


def told_score(metric: str, found: Mapping[str, Any] | None, language: Language) -> dict[str, Any] | None:
    """Return a score with its name and its text: "86.1 % (85.8–86.4)"; None where there is none."""
    if found is None:
        return None
    ends = {key: found.get(key) for key in ("value", "low", "high")}
    return {
        **ends,
        "metric": metric,
        "name": name("metric", metric).said(language),
        "text": score(metric, Score.model_validate(ends)),
        "lower_is_better": lower_is_better(metric),
    }


def told_verdict(verdict: Mapping[str, Any] | None, language: Language) -> dict[str, Any] | None:
    """Return a verdict with the name of what it was judged against, the sentence and the lead in words."""
    if not verdict:
        return None
    against = name("baseline", str(verdict["against"]))
    difference = Score.model_validate(verdict.get("difference") or {})
    return {
        **verdict,
        "name": against.said(language),
        "sentence": say(f"verdict.{verdict['outcome']}", {"against": against}).said(language),
        "lead": lead(str(verdict["metric"]), difference).said(language),
    }
