"""The `yeoul` command: runs one command line and turns every error into one line and an exit code."""

import atexit
import contextlib
import io
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import NoReturn, get_args

import typer
from typer.main import get_command

from yeoul.cli.output import complain
from yeoul.cli.usage import translated
from yeoul.errors import UsageError, YeoulError
from yeoul.language import Language, choose, say

INTERRUPTED = 130
_SPINS = "10000"
"""How long torch's threads wait for each other before they let others have the core: on a machine that does
something else too, the default slows a step tenfold and more; this costs nothing on an idle one (docs/log.md)."""


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that is not UTF-8 shows "?" instead of failing
    if "--debug" not in sys.argv:
        warnings.simplefilter("ignore")
        sys.excepthook = _one_line_hook
    os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # large pages: fewer faults in large tables
    _leave(run(sys.argv[1:]))


def _leave(code: int) -> NoReturn:
    """Do what was left for the end, and end the process at once.

    Taking an interpreter with torch in it apart lasts as long as a small command, and threads of libraries that are
    still at work then have crashed a command that was done ("terminate called without an active exception").
    """
    atexit._run_exitfuncs()
    for stream in filter(None, (sys.stdout, sys.stderr)):  # one that is closed is not there
        with contextlib.suppress(BrokenPipeError):
            stream.flush()
    os._exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code: 0 done, 1 failed, 2 usage, 3 data, 130 interrupted."""
    debug = False
    try:
        line = _global_options(arguments)
        debug = line.debug
        if line.language is not None:
            choose(line.language)
        from yeoul.cli.app import app  # only now: the help texts are said on import, in the language chosen

        command = get_command(app)  # calling `app` itself would put Typer's own hook for exceptions in place
        result = command.main(args=list(line.words) or ["--help"], prog_name="yeoul", standalone_mode=False)
    except typer.Abort:
        return INTERRUPTED
    except KeyboardInterrupt:
        return INTERRUPTED
    except typer.TyperException as error:
        return _refused(translated(error.format_message()), debug)
    except YeoulError as error:
        return _refused(error, debug)
    except OSError as error:
        place = str(error.filename or "")
        reason = error.strerror or type(error).__name__
        return _refused(YeoulError("{reason}", where=place, values={"reason": reason}), debug)
    return result if isinstance(result, int) else 0


@dataclass(frozen=True)
class _Line:
    """A command line without the options that every command has."""

    words: tuple[str, ...]
    language: Language | None
    debug: bool


def _global_options(arguments: Sequence[str]) -> _Line:
    """Take --lang and --debug out of a command line, wherever they stand before a "--"."""
    words: list[str] = []
    language: str | None = None
    debug = False
    rest = iter(arguments)
    for word in rest:
        if word == "--":
            words += [word, *rest]
        elif word == "--debug":
            debug = True
        elif word == "--lang":
            language = next(rest, "")
        elif word.startswith("--lang="):
            language = word.removeprefix("--lang=")
        else:
            words.append(word)
    return _Line(tuple(words), None if language is None else _language(language), debug)


def _language(name: str) -> Language:
    for language in get_args(Language):
        if name == language:
            chosen: Language = language
            return chosen
    raise UsageError("Yeoul does not speak {came!r}", "use en or ko", where="--lang", values={"came": name})


def _refused(error: YeoulError, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    complain(say("error: {message}", {"message": error.message()}))
    return error.exit_code


def _one_line_hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    values = {"kind": kind.__name__, "message": " ".join(str(error).split())}
    complain(
        say(
            "error: {kind}: {message}; this is a fault of Yeoul, please report it with the output of --debug",
            values,
        )
    )
