"""Whole epochs of the recipe `imdb-lstm`: Yeoul against scripts that a user of PyTorch or Keras would write."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from benchmarks.texts import CACHE

EPOCHS = 3
SCRIPTS = {
    "Yeoul, recipe imdb-lstm": ("epoch_yeoul", ""),
    "PyTorch": ("epoch_torch", ""),
    "Keras on JAX": ("epoch_keras", "jax"),
    "Keras on TensorFlow": ("epoch_keras", "tensorflow"),
}


def measure(only: str) -> Iterator[dict[str, Any]]:
    """Run each script for a few epochs; yield seconds an epoch with validation, and the test accuracy."""
    if not CACHE.exists() or not os.environ.get("YEOUL_DATA"):
        return
    for title, (script, backend) in SCRIPTS.items():
        if fnmatch(title, only):
            done = subprocess.run(
                [sys.executable, Path(__file__).parent / f"{script}.py", CACHE, str(EPOCHS)],
                env={**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "2"},
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            yield {"script": title, **json.loads(done.stdout.splitlines()[-1])}
