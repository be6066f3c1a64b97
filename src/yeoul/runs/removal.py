"""Remove a run's folder, where nothing is lost that still works."""

import shutil

from yeoul.errors import RunError
from yeoul.runs.folder import RunFolder
from yeoul.runs.index import entry


def check_removable(folder: RunFolder) -> None:
    """Raise `RunError` for a link to a folder, and for a run that is still trained."""
    if folder.path.is_symlink():
        raise RunError("this is a link to a folder", "remove the link itself", where=str(folder.path))
    if entry(folder)["status"] == "running":
        raise RunError("the run is still running", "stop it first", where=folder.id)


def remove_run(folder: RunFolder) -> None:
    """Remove a run with its model and report; raise what `check_removable` does."""
    check_removable(folder)
    shutil.rmtree(folder.path)
