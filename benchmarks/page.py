"""The page of a benchmark, from its record."""

from typing import Any

Record = dict[str, Any]

_TITLES = {
    "table": "Small recurrent networks",
    "options": "Options inside the cell",
    "grid": "Layers of all sizes",
}
_COLUMNS = {
    "pytorch": "PyTorch",
    "pytorch-packed": "PyTorch, packed",
    "keras-jax": "Keras on JAX",
    "keras-tensorflow": "Keras on TensorFlow",
}


def page(record: Record) -> str:
    """Write the record as Markdown."""
    lines = [
        "# Recurrent layers, side by side",
        "",
        f"`{record['command']}` on {record['date']}: {record['machine']}; {'; '.join(record['versions'])}.",
        "",
        f"Forwards and back in float32, milliseconds ({record['clock']} time) with {record['threads']} threads: the "
        f"median of {record['turns']} turns that the frameworks took one after another, each in a process of its own "
        "(those far behind took three). "
        "× is the time of the fastest peer over Yeoul's. "
        "The last column is the largest difference of Yeoul's gradients from PyTorch's, as a share of "
        "the largest number of each.",
    ]
    for section, title in _TITLES.items():
        if rows := record["sections"].get(section):
            lines += ["", f"## {title}", "", *_times(rows, shares=section == "grid")]
    if rows := record["sections"].get("epochs"):
        lines += ["", "## Whole epochs", "", *_epochs(rows)]
    if rows := record["sections"].get("memory"):
        lines += ["", "## Peak memory", "", *_memory(rows)]
    return "\n".join(lines) + "\n"


def _times(rows: list[Record], shares: bool) -> list[str]:
    frameworks = [name for name in _COLUMNS if any(name in row["milliseconds"] for row in rows)]
    heads = ["work", *(_COLUMNS[name] for name in frameworks), "Yeoul", "×"]
    heads += ["share of GEMM peak"] * shares + ["difference"]
    lines = _table_head(heads)
    for row in rows:
        taken = row["milliseconds"]
        cells = [row["name"], *(_number(taken.get(name)) for name in frameworks), _number(taken.get("yeoul"))]
        cells.append("–" if row["speedup"] is None else f"**{row['speedup']:.2f}**")
        if shares:
            cells.append(f"{row['gflops'] / row['peak_gflops']:.0%}")
        difference = row["differences"].get("yeoul")
        cells.append("random masks" if difference is None else f"{difference:.0e}")
        lines.append(_line(cells))
    lines += _others(rows)
    if shares:
        peaks = [row["peak_gflops"] for row in rows]
        lines += [
            "",
            f"GEMM peak in the same run: {min(peaks):.0f} to {max(peaks):.0f} GFLOP/s (2048³, PyTorch).",
        ]
        slower = [row["name"] for row in rows if row["speedup"] is not None and row["speedup"] < 0.95]
        lines += ["", f"Slower than 0.95 × the fastest peer: {'; '.join(slower) or 'none'}."]
    return lines


def _others(rows: list[Record]) -> list[str]:
    """Say what peers could not do, and where their numbers are not PyTorch's."""
    lines = []
    for row in rows:
        for name, problem in row["problems"].items():
            lines.append(f"- {row['name']}, {_COLUMNS.get(name, name)}: {problem}")
        for name, difference in row["differences"].items():
            if not difference < 1e-2:
                lines.append(f"- {row['name']}, {_COLUMNS.get(name, name)}: differs by {difference:.0e}")
    return ["", *lines] if lines else []


def _epochs(rows: list[Record]) -> list[str]:
    lines = _table_head(["script", "seconds an epoch", "all epochs", "test accuracy"])
    for row in rows:
        each = " ".join(f"{seconds:.1f}" for seconds in row["seconds"])
        lines.append(_line([row["script"], each, f"{sum(row['seconds']):.0f}", f"{row['accuracy']:.1%}"]))
    return lines


def _memory(rows: list[Record]) -> list[str]:
    lines = _table_head(["work", "framework", "peak, MB", "of it for the steps, MB"])
    names = {**_COLUMNS, "yeoul": "Yeoul"}
    for row in rows:
        cells = [row["name"], names[row["framework"]], f"{row['peak_mb']:.0f}", f"{row['steps_mb']:.0f}"]
        lines.append(_line(cells))
    return lines


def _table_head(heads: list[str]) -> list[str]:
    return [_line(heads), _line(["---"] * len(heads))]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(milliseconds: float | None) -> str:
    if milliseconds is None:
        return "–"
    return f"{milliseconds:.3g}" if milliseconds < 100 else f"{milliseconds:.0f}"
