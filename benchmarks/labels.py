"""Measure what it is worth to set doubtful labels right: labels of NSMC are turned over, some of these set right.

    python -m benchmarks.labels [--share 0.05] [--looked-at 1000 5000] [--rows N] [--out labels]

Of the training rows a share gets the other label. `yeoul data check --doubts` lists the doubtful ones; a person who
looks at the first of them is played by the truth: a label that was turned over is set right, another one stays. The
linear model of the recipe `nsmc-linear` then learns from the rows as they were, with the turned labels, set right, and
without the rows looked at. Writes a table (.md) and the numbers (.json), each as soon as it is known.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from yeoul.baselines.doubts import doubted
from yeoul.baselines.text import LinearText
from yeoul.data.datasets import load_dataset
from yeoul.data.examples import TEXT, Examples
from yeoul.data.targets import encode_targets
from yeoul.recipe import LinearRecipe
from yeoul.recipefile import read_recipe

Ints = npt.NDArray[np.int64]
Row = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Turn labels over, set some right, and learn from each of these in turn."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.labels", description=__doc__)
    parser.add_argument(
        "--share", type=float, default=0.05, help="of the training labels that are turned over"
    )
    parser.add_argument("--looked-at", type=int, nargs="*", default=(1000, 5000), metavar="ROWS")
    parser.add_argument("--rows", type=int, help="so many training rows; all unless given")
    parser.add_argument("--recipe", default="nsmc-linear", metavar="RECIPE|FILE")
    parser.add_argument("--out", type=Path, default=Path("labels"), metavar="PATH")
    asked = parser.parse_args(arguments)
    recipe = read_recipe(asked.recipe, {}).recipe
    if not isinstance(recipe.model, LinearRecipe):
        parser.error("the recipe's model is not linear")
    data = recipe.data.model_copy(update={"training_rows": asked.rows})
    splits = load_dataset(data, recipe.seed)
    texts = {split: _texts(rows) for split, rows in splits.splits.items()}
    truth = {split: encode_targets(rows, "class", splits.labels) for split, rows in splits.splits.items()}
    known: list[Row] = []
    for name, kept, labels in cases(texts["train"], truth["train"], asked.share, asked.looked_at):
        learned = [texts["train"][row] for row in kept.tolist()]
        model = LinearText.fit(recipe.model, learned, labels, "class", len(splits.labels))
        right = {
            split: float((model.answers(texts[split]).argmax(axis=1) == truth[split]).mean())
            for split in ("validation", "test")
        }
        wrong = int((labels != truth["train"][kept]).sum())
        known.append({"training rows": name, "rows": len(kept), "wrong labels": wrong, **right})
        write(known, asked.out)
        print(json.dumps(known[-1], ensure_ascii=False), flush=True)


def cases(
    texts: Sequence[str], truth: Ints, share: float, looked_at: Sequence[int], seed: int = 0
) -> Iterator[tuple[str, Ints, Ints]]:
    """Yield a name, the rows that are learned from and their labels; classes are 0 and 1."""
    every = np.arange(len(truth))
    yield "as they are", every, truth
    turned = truth.copy()
    changed = np.random.default_rng(seed).permutation(len(truth))[: round(share * len(truth))]
    turned[changed] = 1 - turned[changed]
    yield f"{share:.0%} turned over", every, turned
    doubts = np.array([one.row for one in doubted(texts, turned, 2)], np.int64)
    for count in looked_at:
        first = doubts[:count]
        right = turned.copy()
        right[first] = truth[first]
        yield f"the first {count:,} doubts set right", every, right
    for count in looked_at[-1:]:
        left = np.setdiff1d(every, doubts[:count])
        yield f"the first {count:,} doubts left out", left, turned[left]


def write(known: Sequence[Row], out: Path) -> None:
    """Write the table and the numbers."""
    out.with_suffix(".json").write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n", "utf-8")
    lines = ["| training rows | rows | wrong labels | validation | test |", "|---|---|---|---|---|"]
    for one in known:
        cells = (one["training rows"], f"{one['rows']:,}", f"{one['wrong labels']:,}")
        shares = (f"{100 * one[split]:.2f} %" for split in ("validation", "test"))
        lines.append("| " + " | ".join((*cells, *shares)) + " |")
    out.with_suffix(".md").write_text("\n".join(lines) + "\n", "utf-8")


def _texts(rows: Examples) -> list[str]:
    return [text for block in rows.blocks(TEXT) for text in block.to_pylist()]


if __name__ == "__main__":
    main()
