"""The names of scores, and their values as people read them: shares in per cent, errors in the target's unit."""

from collections.abc import Mapping
from typing import Any

from yeoul.cli.figures import NOTHING, interval, percent
from yeoul.language import say

COLUMNS: Mapping[str, tuple[str, str]] = {
    "accuracy": ("accuracy", "macro_f1"),
    "micro_f1": ("micro_f1", "macro_f1"),
    "span_f1": ("span_f1", "accuracy"),
    "span_f1_relaxed": ("span_f1_relaxed", "span_f1"),
    "mae": ("mae", "rmse"),
    "mase": ("mase", "mse_scaled"),
    "perplexity": ("perplexity", "bits_per_byte"),
    "bits_per_byte": ("bits_per_byte", "perplexity"),
    "exact_match": ("exact_match", "chrf"),
    "chrf": ("chrf", "bleu"),
    "bleu": ("bleu", "chrf"),
    "rouge_l": ("rouge_l", "chrf"),
    "roc_area": ("roc_area", "accuracy"),
    "spearman": ("spearman", "pearson"),
    "mrr": ("mrr", "recall_1"),
    "order": ("order", "whole"),
    "cider": ("cider", "bleu"),
}
"""The two scores that tables show, by the score that decides."""
SURPRISES = ("perplexity", "bits_per_byte", "bits_per_character", "nats_per_token")
"""How little a text surprises a language model."""
_POINTS = ("chrf", "bleu", "rouge_l", "cider", "roc_area", "spearman", "pearson", "mrr")
"""Shares that are written without a sign for percent, as is the custom."""
_ERRORS = ("mae", "rmse", "mase", "mse_scaled", *SURPRISES)


def score_name(metric: str) -> str:
    """Name a score at the head of a column."""
    match metric:
        case "accuracy":
            return say("accuracy")
        case "macro_f1":
            return say("macro-F1")
        case "micro_f1":
            return say("micro-F1")
        case "span_f1":
            return say("span F1")
        case "span_f1_relaxed":
            return say("relaxed F1")
        case "mae":
            return say("mean error")
        case "rmse":
            return say("RMS error")
        case "mase":
            return "MASE"
        case "perplexity":
            return say("perplexity")
        case "bits_per_byte":
            return say("bits/byte")
        case "bits_per_character":
            return say("bits/character")
        case "nats_per_token":
            return say("nats/token")
        case "mse_scaled":
            return say("scaled MSE")
        case "exact_match":
            return say("exactly right")
        case "chrf":
            return "chrF++"
        case "bleu":
            return "BLEU"
        case "rouge_l":
            return "ROUGE-L"
        case "cider":
            return "CIDEr-D"
        case "roc_area":
            return say("ROC area")
        case "spearman":
            return say("rank correlation")
        case "pearson":
            return say("correlation")
        case "mrr":
            return say("mean reciprocal rank")
        case "recall_1":
            return say("found first")
        case "order":
            return say("told from shuffled")
        case "whole":
            return say("told from cut off")
        case _:
            return metric


def is_error(metric: str) -> bool:
    """Whether less is better, in the unit of the target."""
    return metric in _ERRORS


def score_value(metric: str, value: float | None) -> str:
    """Write a score, with its unit."""
    if metric in _POINTS and value is not None:
        return f"{100 * value:.1f}"
    if value is None or not is_error(metric):
        return percent(value)
    return f"{value:.4g}"


def score_cell(metric: str, value: float) -> str:
    """Write a score in a column that needs no unit."""
    return f"{value:.4g}" if is_error(metric) else f"{100 * value:.1f}"


def score_interval(metric: str, score: Mapping[str, Any]) -> str:
    """Write a score with the ends of its interval."""
    if metric in _POINTS:
        return interval(score).replace(" %", "")
    if not is_error(metric):
        return interval(score)
    value, low, high = (score.get(name) for name in ("value", "low", "high"))
    if value is None:
        return NOTHING
    return f"{value:.4g}" if low is None or high is None else f"{value:.4g} ({low:.4g}–{high:.4g})"
