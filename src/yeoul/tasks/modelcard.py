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
    accuracy, verdict = scores["scores"]["accuracy"], scores["verdict"]
    difference = verdict["difference"]
    lines += [
        "",
        "## Score on the test rows",
        "",
        f"Accuracy {_percent(accuracy)} on {scores['rows']:,} rows "
        f"(95 % interval {100 * accuracy['low']:.1f} to {100 * accuracy['high']:.1f}).",
        f"Against the {verdict['against']} baseline: {verdict['outcome']}, {100 * difference['value']:+.1f} points "
        f"({100 * difference['low']:+.1f} to {100 * difference['high']:+.1f}).",
        "",
        "## Known weak spots",
        "",
    ]
    weakest = sorted(scores["per_class"], key=lambda entry: entry["f1"])[:3]
    lines += [
        f"- label {entry['label']}: precision {100 * entry['precision']:.1f} %, recall {100 * entry['recall']:.1f} %, "
        f"F1 {100 * entry['f1']:.1f} % ({entry['rows']:,} rows)"
        for entry in weakest
    ]
    lines.append(
        f"- confidence is off by {100 * scores['scores']['calibration_error']['value']:.1f} points on average"
    )
    return "\n".join([*lines, ""])


def _percent(interval: Mapping[str, float]) -> str:
    return f"{100 * interval['value']:.1f} %"
