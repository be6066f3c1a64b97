"""`yeoul doctor`: what is installed, what computes, and where things are kept."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from yeoul.cli.options import JsonOption
from yeoul.cli.output import table, tell, tell_json
from yeoul.language import say

_PACKAGES = (
    "yeoul",
    "torch",
    "numpy",
    "scipy",
    "pyarrow",
    "scikit-learn",
    "tokenizers",
    "safetensors",
    "pydantic",
)
_EXTRAS = {
    "ko": ("kiwipiepy",),
    "onnx": ("onnx", "onnxruntime"),
    "explain": ("captum",),
    "embed": ("gensim",),
    "vision": ("transformers",),
    "tune": ("optuna",),
}


def doctor(as_json: JsonOption = False) -> None:
    found = findings()
    if as_json:
        tell_json(found)
        return
    versions = " · ".join(f"{name} {number}" for name, number in found["versions"].items())
    rows = [
        (say("versions"), versions),
        (say("system"), found["system"]),
        (say("device"), f"{found['device']['name']} ({found['device']['reason']})"),
        (say("threads"), say("{threads} of {cores} cores", found["threads"])),
        (say("kernels"), f"{found['kernels']['name']} ({found['kernels']['reason']})"),
        (say("extras"), " · ".join(f"{name} {_yes(there)}" for name, there in found["extras"].items())),
        (say("fonts"), found["font"] or say("NanumGothic is missing: Hangul in plots will be boxes")),
        (say("cache"), found["cache"]),
        ("YEOUL_DATA", found["data"]["folder"] or say("not set")),
        (
            say("public sets"),
            " · ".join(f"{name} {_yes(there)}" for name, there in found["data"]["sets"].items()),
        ),
    ]
    for line in table(rows):
        tell(line)


def findings() -> dict[str, Any]:
    """Return all that the doctor tells, as plain values."""
    import torch

    from yeoul.caches import cache_folder
    from yeoul.data.catalog import CATALOG
    from yeoul.kernels import backend
    from yeoul.kernels.devices import choose_device

    device, kernels = choose_device("auto"), backend()
    return {
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in _PACKAGES}},
        "system": f"{platform.system()} {platform.machine()}",
        "device": {"name": str(device.torch), "reason": device.reason},
        "threads": {"threads": torch.get_num_threads(), "cores": os.cpu_count() or 1},
        "kernels": {"name": kernels.name, "reason": kernels.reason},
        "extras": {
            name: all(find_spec(module) is not None for module in modules)
            for name, modules in _EXTRAS.items()
        },
        "font": _font(),
        "cache": str(cache_folder()),
        "data": {
            "folder": os.environ.get("YEOUL_DATA"),
            "sets": {name: _is_there(name) for name in CATALOG},
        },
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return say("missing")


def _font() -> str | None:
    """Return the file of the Hangul font without loading the plotting library."""
    spec = find_spec("koreanize_matplotlib")
    for folder in spec.submodule_search_locations or [] if spec else []:
        path = Path(folder, "fonts", "NanumGothic.ttf")
        if path.is_file():
            return str(path)
    return None


def _is_there(name: str) -> bool:
    from yeoul.data.catalog import CATALOG, find
    from yeoul.errors import DataError

    try:
        find(CATALOG[name])
    except DataError:
        return False
    return True


def _yes(there: bool) -> str:
    return say("yes") if there else say("no")
