"""`yeoul chat`: talk with a model of pairs, look at its other answers and at where it looked."""

import contextlib
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from yeoul.cli.figures import percent
from yeoul.cli.options import DeviceOption, RunArgument
from yeoul.cli.output import one_line, tell
from yeoul.cli.predict import arriving_lines
from yeoul.cli.tellers import branches, looked, ranked, remarks, tell_unread
from yeoul.language import say

if TYPE_CHECKING:
    from yeoul.tasks.transduction.answers import TextAnswer
    from yeoul.tasks.transduction.translator import Translator

_OTHERS, _MOST_OTHERS = 5, 50


def chat(run: RunArgument, device: DeviceOption = "auto") -> None:
    from pathlib import Path

    from yeoul.runs.folder import open_run

    folder = open_run(Path(run))  # what is wrong with the run is said before torch is loaded
    from yeoul.api import load

    talk = _Talk(load(folder.path, device).translator)
    for line in map(str.strip, _typed() if sys.stdin.isatty() else _piped()):
        if line in ("/quit", "/exit"):
            return
        for told in talk.hear(line):
            tell(told)


def _typed() -> Iterator[str]:
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  makes the prompt editable
    tell(say("type a text, Enter answers it; /help tells what else there is, Ctrl-D ends"))
    with contextlib.suppress(EOFError):
        while True:
            yield input("> ")


def _piped() -> Iterator[str]:
    for lines in arriving_lines(sys.stdin.buffer):
        yield from lines


class _Talk:
    """What has been said so far."""

    def __init__(self, translator: "Translator") -> None:
        self._translator = translator
        self._said: list[tuple[str, TextAnswer]] = []

    def hear(self, line: str) -> Sequence[str]:
        """Return the lines that answer a text or a command."""
        command, _, argument = line.partition(" ")
        match command:
            case "":
                return []
            case "/help":
                return _help()
            case "/history":
                return [
                    told for text, answer in self._said for told in (f"> {one_line(text)}", _line(answer))
                ]
            case "/n-best" | "/attention" | "/tree" if not self._said:
                return [say("nothing has been said yet")]
            case "/n-best":
                return self._others(argument)
            case "/attention":
                return self._attention(argument)
            case "/tree":
                return self._tree()
            case _ if command.startswith("/"):
                return [say("there is no {command}; /help tells what there is", {"command": command})]
            case _:
                (answer,) = self._translator.answer([line])
                tell_unread(answer)
                self._said.append((line, answer))
                return [_line(answer)]

    def _others(self, argument: str) -> Sequence[str]:
        count = _count(argument, _OTHERS)
        if count is None:
            return [say("/n-best takes a whole number from 1 to {most}", {"most": _MOST_OTHERS})]
        text, _ = self._said[-1]
        (answer,) = self._translator.answer([text], best=count)
        self._said[-1] = (text, answer)
        return ranked(answer.alternatives)

    def _attention(self, argument: str) -> Sequence[str]:
        place = _count(argument, 1)
        if place is None:
            return [say("/attention takes a whole number from 1 to {most}", {"most": _MOST_OTHERS})]
        _, answer = self._said[-1]
        if place > len(answer.alternatives):
            told = {"count": len(answer.alternatives), "place": place}
            return [say("answers found so far: {count}; /n-best {place} looks for more", told)]
        one = answer.alternatives[place - 1]
        return [one_line(one.text), *looked(one, answer.source_tokens)]

    def _tree(self) -> Sequence[str]:
        search = self._translator.search.model_copy(update={"temperature": None})
        return branches(self._translator, self._translator.tree(self._said[-1][0], search))


def _count(argument: str, usual: int) -> int | None:
    """Return the number that a command was given, None for what is none of its numbers."""
    count = int(argument) if argument.isdecimal() else 0 if argument else usual
    return count if 0 < count <= _MOST_OTHERS else None


def _line(answer: "TextAnswer") -> str:
    return "   ".join([one_line(answer.text), percent(answer.confidence), *remarks(answer)])


def _help() -> Sequence[str]:
    return [
        say("/n-best N     the N best answers to what was said last, with their scores"),
        say("/attention N  which tokens weighed most for each token of the last answer, or of the N-th best"),
        say("/tree         what the beam kept on its way to the last answer"),
        say("/history      what has been said"),
        say("/quit         end"),
    ]
