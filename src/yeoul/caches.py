"""Where things are kept that can be made again: downloads and the answers of baselines."""

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """Return the user's cache folder, which need not exist yet.

    It is `YEOUL_CACHE` when that is set, else `yeoul` below `XDG_CACHE_HOME` (on Windows `LOCALAPPDATA`),
    else `~/.cache/yeoul`.
    """
    own = os.environ.get("YEOUL_CACHE")
    if own:
        return Path(own)
    shared = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "yeoul"
