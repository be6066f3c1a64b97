"""Remove a run in two steps: ask for a word, then say it."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, final

from yeoul.errors import RunError, UsageError
from yeoul.language import Language, say
from yeoul.runs.folder import RunFolder
from yeoul.runs.removal import check_removable, remove_run
from yeoul.serve.refusals import RefusedError

_SECONDS = 120.0


@final
class Removals:
    """The words by which runs may be removed, each for one run and a short time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._words: dict[str, tuple[str, Path, float]] = {}

    def ask(self, folder: RunFolder, language: Language) -> dict[str, Any]:
        """Return the word that removes a run; raise `RefusedError` where it cannot be removed."""
        _refuse_other(folder)
        word = secrets.token_hex(16)
        self._words[folder.id] = (word, folder.path, self._clock() + _SECONDS)
        says = say("remove {path} with its model and report?", {"path": folder.path}, language)
        return {
            "confirm": word,
            "says": says,
            "bytes": sum(path.lstat().st_size for path in folder.path.rglob("*")),
            "expires_after": _SECONDS,
        }

    def remove(self, folder: RunFolder, word: str) -> None:
        """Remove a run; raise `RefusedError` for another word and where it cannot be removed."""
        asked = self._words.get(folder.id)
        same = asked is not None and secrets.compare_digest(
            asked[0].encode(), word.encode("utf-8", "replace")
        )
        if asked is None or not same or asked[1] != folder.path or asked[2] < self._clock():
            raise RefusedError(
                409, UsageError("removing needs to be confirmed", "ask for it first, then confirm it in time")
            )
        _refuse_other(folder)
        del self._words[folder.id]
        remove_run(folder)


def _refuse_other(folder: RunFolder) -> None:
    try:
        check_removable(folder)
    except RunError as error:
        raise RefusedError(409, error) from error
