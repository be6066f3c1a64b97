"""Draw the score against the number of training rows, with and without vectors that were learned elsewhere.

    python -m benchmarks.samples [--rows 100 200 …] [--out samples]

Each model is trained by its recipe on so many IMDB reviews, the same ones for all, fewer of them among more; the
validation and test rows stay the same. The linear model, fitted to the same rows, is what every run is compared with.
Writes a table (.md), the numbers (.json) and a picture (.png); a run that is there already is not trained again.
"""

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from yeoul.api import load, train
from yeoul.report.drawing import PALETTE, figure, picture

ROWS = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
MODELS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "no vectors": ("imdb-small", {}),
    "GloVe, frozen": ("imdb-glove", {}),
    "GloVe, tuned": ("imdb-glove", {"model.embedding.frozen": False, "training.rate": 0.01}),
}
LINEAR = "linear model"
Point = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is missing, and write what is known after each run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.samples", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=ROWS)
    parser.add_argument("--models", nargs="*", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--out", type=Path, default=Path("samples"), metavar="PATH")
    asked = parser.parse_args(arguments)
    runs = asked.out.with_name(asked.out.name + "-runs")
    points = list[Point]()
    for rows in asked.rows:
        for name in asked.models:
            recipe, values = MODELS[name]
            points += _measured(name, recipe, {**values, "data.training_rows": rows}, runs / f"{name} {rows}")
            _write(points, asked.out)
            print(_told(points[-1]), flush=True)


def _measured(name: str, recipe: str, values: Mapping[str, Any], out: Path) -> list[Point]:
    """Return the scores of a run, and those of the linear model on the same rows."""
    found = [folder for folder in sorted(out.glob("*/")) if load(folder).status == "done"]
    run = load(found[0]) if found else train(recipe, out=out, **values)
    rows, scores = values["data.training_rows"], run.evaluate()
    linear = next(one for one in scores["baselines"] if one["name"] == "linear")
    seconds = run.record["cost"]["train_seconds"]
    return [
        {"model": LINEAR, "rows": rows, **linear["scores"]["accuracy"]},
        {"model": name, "rows": rows, **scores["scores"]["accuracy"], "seconds": seconds},
    ]


def _told(point: Point) -> str:
    return f"{point['model']}, {point['rows']:,} rows: {_share(point)}"


def _share(point: Point) -> str:
    return f"{100 * point['value']:.1f} % ({100 * point['low']:.1f}–{100 * point['high']:.1f})"


def _write(points: Sequence[Point], out: Path) -> None:
    known = {(point["model"], point["rows"]): point for point in points}
    names = [name for name in (*MODELS, LINEAR) if any(model == name for model, _ in known)]
    sizes = sorted({rows for _, rows in known})
    lines = [f"| training rows | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for rows in sizes:
        cells = [_share(known[name, rows]) if (name, rows) in known else "" for name in names]
        lines.append(f"| {rows:,} | {' | '.join(cells)} |")
    out.with_suffix(".md").write_text("\n".join(lines) + "\n", "utf-8")
    out.with_suffix(".json").write_text(json.dumps(list(known.values()), indent=1) + "\n", "utf-8")
    out.with_suffix(".png").write_bytes(picture(lambda: _painted(known, names)))


def _painted(known: Mapping[tuple[str, int], Point], names: Sequence[str]) -> Figure:
    drawing, (axes,) = figure(7, 4.2)
    for name, color in zip(names, PALETTE, strict=False):
        own = sorted(
            (point for (model, _), point in known.items() if model == name), key=lambda one: one["rows"]
        )
        rows = [point["rows"] for point in own]
        axes.plot(rows, [100 * point["value"] for point in own], marker="o", color=color, label=name)
        low, high = ([100 * point[end] for point in own] for end in ("low", "high"))
        axes.fill_between(rows, low, high, color=color, alpha=0.15, linewidth=0)
    axes.set_xscale("log")
    axes.set_xlabel("training rows")
    axes.set_ylabel("accuracy on the test rows, %")
    axes.grid(axis="y")
    axes.legend()
    return drawing


if __name__ == "__main__":
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    main()
