"""Fit the linear model in a process of its own: its memory ends with it, and it can be stopped at any time.

Python strings by the million stay in a process's memory long after they are gone; in its own process the fit
costs the training nothing. Small data is fitted on the spot, which is quicker than starting a process.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt
import pyarrow as pa
from pyarrow import feather
from pydantic import TypeAdapter

from yeoul.baselines.cache import CachedFit, read_fit, write_fit
from yeoul.baselines.text import LinearText
from yeoul.errors import RunError
from yeoul.recipe import LinearRecipe, TargetKind
from yeoul.runs.arrays import load_arrays, save_arrays
from yeoul.runs.process import peak_memory_mb

_SMALL_ROWS = 20_000


@dataclass(frozen=True)
class LinearWork:
    """What to fit (texts and their targets) and which other texts to answer for, by split."""

    recipe: LinearRecipe
    texts: Sequence[str]
    targets: npt.NDArray[Any]
    kind: TargetKind
    outputs: int
    asked: Mapping[str, Sequence[str]]


def fit_apart(work: LinearWork) -> CachedFit:
    """Fit and answer, on the spot or apart; raise `RunError` when the process apart fails."""
    if len(work.texts) < _SMALL_ROWS:
        return _fit(work)
    with tempfile.TemporaryDirectory(prefix="yeoul-") as name:
        folder = Path(name)
        _write(work, folder)
        command = [sys.executable, "-m", "yeoul.baselines.apart", name]
        # a session of its own: Ctrl-C at the terminal reaches only the parent, which then ends the child
        with subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True) as process:
            try:
                _, complaint = process.communicate()
            except BaseException:
                process.kill()
                raise
        fit = read_fit(folder / "fit.safetensors") if process.returncode == 0 else None
        if fit is None:
            reason = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2] or process.returncode
            raise RunError(
                "the linear model could not be fitted: {reason}",
                "look at the memory that is free",
                values={"reason": reason},
            )
        return fit


def main() -> None:
    """Do the work that a folder describes, and leave the fit beside it."""
    folder = Path(sys.argv[1])
    write_fit(folder / "fit.safetensors", _fit(_read(folder)))


def _fit(work: LinearWork) -> CachedFit:
    started = time.perf_counter()
    model = LinearText.fit(work.recipe, work.texts, work.targets, work.kind, work.outputs)
    answers = {split: model.answers(texts) for split, texts in work.asked.items()}
    arrays, settings = model.to_arrays()
    return CachedFit(arrays, settings, answers, time.perf_counter() - started, peak_memory_mb())


def _write(work: LinearWork, folder: Path) -> None:
    train = pa.table({"text": pa.array(work.texts, pa.large_string())})
    told = {"recipe": work.recipe.model_dump_json(), "kind": work.kind, "outputs": str(work.outputs)}
    feather.write_feather(train.replace_schema_metadata(told), str(folder / "train.arrow"), "uncompressed")
    save_arrays(folder / "targets.safetensors", {"targets": work.targets})
    for split, texts in work.asked.items():
        asked = pa.table({"text": pa.array(texts, pa.large_string())})
        feather.write_feather(asked, str(folder / f"asked-{split}.arrow"), "uncompressed")


def _read(folder: Path) -> LinearWork:
    train = feather.read_table(str(folder / "train.arrow"))
    asked = {
        path.stem.removeprefix("asked-"): feather.read_table(str(path))["text"].to_pylist()
        for path in sorted(folder.glob("asked-*.arrow"))
    }
    return LinearWork(
        LinearRecipe.model_validate_json(train.schema.metadata[b"recipe"]),
        train["text"].to_pylist(),
        load_arrays(folder / "targets.safetensors")["targets"],
        TypeAdapter(TargetKind).validate_python(train.schema.metadata[b"kind"].decode()),
        int(train.schema.metadata[b"outputs"]),
        asked,
    )


if __name__ == "__main__":
    main()
