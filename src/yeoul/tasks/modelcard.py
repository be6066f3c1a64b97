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
    difference = verdict["difference"]
    lines += [
        "",
        "## Score on the test rows",
        "",
        f"{_NAMES[metric]} {_value(metric, scores['scores'][metric])} on {scores['rows']:,} rows.",
        f"Against the {verdict['against']} baseline: {verdict['outcome']}, by {_value(metric, difference)}.",
        "",
        "## Known weak spots",
        "",
    ]
    weakest = sorted(scores.get("per_class", ()), key=lambda entry: entry["f1"])[:3]
    lines += [
        f"- label {entry['label']}: precision {100 * entry['precision']:.1f} %, recall {100 * entry['recall']:.1f} %, "
        f"F1 {100 * entry['f1']:.1f} % ({entry['rows']:,} rows)"
        for entry in weakest
    ]
    if "residuals" in scores:
        low, high = scores["residuals"]["p5"], scores["residuals"]["p95"]
        lines.append(f"- nine of ten answers are between {low:+.4g} and {high:+.4g} off")
    if "calibration_error" in scores["scores"]:
        off = 100 * scores["scores"]["calibration_error"]["value"]
        lines.append(f"- confidence is off by {off:.1f} points on average")
    return "\n".join([*lines, ""])


_NAMES = {"accuracy": "Accuracy", "micro_f1": "Micro-F1", "mae": "Mean absolute error"}


def _value(metric: str, score: Mapping[str, float]) -> str:
    """Write a score or a difference of two with its interval."""
    value, low, high = (score[name] for name in ("value", "low", "high"))
    if metric == "mae":
        return f"{value:.4g} (95 % interval {low:.4g} to {high:.4g})"
    return f"{100 * value:.1f} % (95 % interval {100 * low:.1f} to {100 * high:.1f})"
