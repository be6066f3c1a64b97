"""The card that goes with a saved model: what it is, how good, on what, and where it is weak."""

from collections.abc import Mapping
from typing import Any


def model_card(record: Mapping[str, Any], scores: Mapping[str, Any] | None) -> str:
    """Return Markdown from `run.json` and, once there are any, the test scores."""
    lines = [
        f"# {record['id']}",
        "",
        f"- Task: {record['task']}",
        f"- Model: {record['model']['description']}",
        f"- Data: {record['data']['source']} (fingerprint {record['data']['fingerprint'][:12]})",
        f"- Licence of the data: {record['data'].get('licence') or 'not stated'}",
        f"- Trained with: `{record['command']}`, seed {record['seed']}, Yeoul {record['versions']['yeoul']}",
    ]
    if scores is None:
        return "\n".join([*lines, "", "Not yet scored on test rows: training was still going on.", ""])
    metric, verdict = scores["metric"], scores["verdict"]
    lines += [
        "",
        "## Score on the test rows",
        "",
        f"{_NAMES[metric]} {_value(metric, scores['scores'][metric])} on {_asked(scores)}.",
        f"Against the {verdict['against']} baseline: {verdict['outcome']}, by "
        f"{_value(metric, verdict['difference'])}{_gain(verdict)}.",
        "",
        "## Known weak spots",
        "",
    ]
    weakest = sorted(scores.get("per_class", ()), key=lambda entry: entry["f1"])[:3]
    lines += [
        f"- tag {entry['label']}: precision {100 * entry['precision']:.1f} %, recall {100 * entry['recall']:.1f} %, "
        f"F1 {100 * entry['f1']:.1f} % ({entry['count']:,} words)"
        for entry in sorted(scores.get("per_tag", ()), key=lambda entry: entry["f1"])[:3]
    ]
    lines += [
        f"- label {entry['label']}: precision {100 * entry['precision']:.1f} %, recall {100 * entry['recall']:.1f} %, "
        f"F1 {100 * entry['f1']:.1f} % ({entry['rows']:,} rows)"
        for entry in weakest
    ]
    if "residuals" in scores:
        low, high = scores["residuals"]["p5"], scores["residuals"]["p95"]
        of = f" of {scores['targets'][0]}" if len(scores.get("targets", ())) > 1 else ""
        lines.append(f"- nine of ten answers{of} are between {low:+.4g} and {high:+.4g} off")
    for promised in (80, 90):
        kept = scores["scores"].get(f"coverage_{promised}", {}).get("value")
        if kept is not None:
            lines.append(f"- {100 * kept:.1f} % of the true values were inside the {promised} % interval")
    if "calibration_error" in scores["scores"]:
        off = 100 * scores["scores"]["calibration_error"]["value"]
        lines.append(f"- confidence is off by {off:.1f} points on average")
    return "\n".join([*lines, ""])


_NAMES = {
    "accuracy": "Accuracy",
    "micro_f1": "Micro-F1",
    "span_f1": "Span F1",
    "span_f1_relaxed": "Span F1 (relaxed)",
    "mae": "Mean absolute error",
    "mase": "Mean absolute scaled error (1 is the seasonal naive forecast one step ahead)",
    "perplexity": "Perplexity",
    "bits_per_byte": "Bits per byte",
    "exact_match": "Exactly right answers",
    "chrf": "chrF++",
    "bleu": "BLEU",
    "rouge_l": "ROUGE-L",
    "cider": "CIDEr-D (of 1000)",
    "roc_area": "Area under the ROC curve",
    "spearman": "Rank correlation (Spearman)",
    "mrr": "Mean reciprocal rank",
    "order": "Documents told from their shuffles",
}
_ERRORS = ("mae", "mase", "perplexity", "bits_per_byte")


def _asked(scores: Mapping[str, Any]) -> str:
    """Say of how many rows, or of how many windows of what."""
    if scores.get("task") == "generate":
        return f"{scores['tokens']:,} tokens ({scores['bytes']:,} bytes)"
    if "targets" not in scores:
        return f"{scores['rows']:,} rows"
    horizon, delay = scores["horizon"], scores["delay"]
    ahead = "the next row" if horizon == 1 else f"the next {horizon} rows"
    ahead = f"{ahead} after {delay} more" if delay else ahead
    every = f" (a row every {scores['every']})" if scores["every"] else ""
    return f"{scores['rows']:,} windows: {ahead} of {', '.join(scores['targets'])}{every}"


def _gain(verdict: Mapping[str, Any]) -> str:
    """Say by how many percent an error is smaller or larger than the baseline's."""
    gain = verdict.get("gain", {}).get("value")
    if gain is None:
        return ""
    return f", {abs(gain):.1f} % {'smaller' if gain >= 0 else 'larger'}"


def _value(metric: str, score: Mapping[str, float]) -> str:
    """Write a score or a difference of two, with its interval where it has one."""
    value, *ends = (score[name] for name in ("value", "low", "high") if name in score)
    numbers = [f"{one:.4g}" if metric in _ERRORS else f"{100 * one:.1f}" for one in (value, *ends)]
    told = numbers[0] if metric in (*_ERRORS, "cider") else f"{numbers[0]} %"
    return f"{told} (95 % interval {numbers[1]} to {numbers[2]})" if ends else told
