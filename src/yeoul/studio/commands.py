"""Run a `yeoul` command in a process of its own, so that neither its memory nor its end touches the studio."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from yeoul.errors import DataError, UsageError
from yeoul.language import Language, say
from yeoul.serve.refusals import RefusedError

_SECONDS = 280.0
_MENDABLE = {1: DataError, 2: UsageError, 3: DataError}


def words_of(command: Sequence[str], language: Language) -> list[str]:
    """Return the words that start a command of this very Yeoul."""
    return [sys.executable, "-m", "yeoul.cli", "--lang", language, *command]


def environment() -> dict[str, str]:
    """Return the environment of a command: this one's, with plain UTF-8 lines and no secret of the studio."""
    kept = {name: value for name, value in os.environ.items() if name != "YEOUL_TOKEN"}
    return {**kept, "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}


def answer_of(command: Sequence[str], language: Language) -> Any:
    """Return the JSON that a command prints; raise `RefusedError` with its own words where it fails."""
    try:
        done = subprocess.run(
            words_of(command, language),
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        late = UsageError(
            "this takes too long here",
            "run it in a terminal: yeoul {command}",
            values={"command": command[0]},
        )
        raise RefusedError(503, late) from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise RefusedError(
            422, _MENDABLE.get(done.returncode, DataError)(_plain(lines[-1] if lines else "", language))
        )
    return json.loads(done.stdout)


def _plain(line: str, language: Language) -> str:
    """Take the word for an error away from its line; braces in it are no placeholders."""
    before = say("error: {message}", {"message": ""}, language)
    return line.removeprefix(before).replace("{", "{{").replace("}", "}}")
