"""How the answers of each task are shown by `yeoul predict`: a row of a table for each task."""

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, final

from yeoul.cli.figures import percent
from yeoul.cli.likeness_teller import closeness_teller
from yeoul.cli.output import Painted, complain, is_terminal, one_line, padded, width
from yeoul.language import say

if TYPE_CHECKING:
    from yeoul.api import Run
    from yeoul.decoding import BeamTree
    from yeoul.recipe import SearchRecipe
    from yeoul.tasks.captioning.answers import CaptionAnswer
    from yeoul.tasks.classification.answers import Answer
    from yeoul.tasks.tagging.answers import TagAnswer
    from yeoul.tasks.transduction.answers import Alternative, TextAnswer
    from yeoul.tasks.transduction.translator import Translator

_LIKELY = 3
_SPACE = "␣"
_LOOKED, _LEAST = 3, 0.05
_COLORS = 6
_MARGIN = 4


@final
@dataclass(frozen=True)
class Wanted:
    """What is asked of every answer that a model writes."""

    best: int = 1
    search: "SearchRecipe | None" = None
    begin: str = ""
    words: tuple[str, ...] = ()


class Teller(Protocol):
    """Asks a model, and says what it answered."""

    @property
    def asks(self) -> str:
        """What stands above the prompt of a terminal."""
        ...

    def answer(self, texts: list[str]) -> Sequence[Any]:
        """Answer each text."""
        ...

    def lines(self, text: str, answer: Any) -> "Iterator[str | Painted]":
        """Yield the lines that a pipe gets: tabs between an answer, how sure it is, and the text."""
        ...

    def spoken(self, answer: Any) -> "Iterator[str | Painted]":
        """Yield the lines that a person reads below what was typed."""
        ...

    def record(self, answer: Any) -> dict[str, Any]:
        """Return the answer for `--json`."""
        ...

    def cells(self, answer: Any) -> dict[str, str]:
        """Return what is written of an answer to a file, by column."""
        ...


@final
class Labels:
    """Shows a class, labels or a number."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._labels = run.classifier.labels

    @property
    def asks(self) -> str:
        return say("type a text, Enter labels it, Ctrl-D ends")

    def answer(self, texts: list[str]) -> Sequence["Answer"]:
        return self._run.predict(texts)

    def lines(self, text: str, answer: "Answer") -> Iterator[str]:
        sure = [] if answer.confidence is None else [f"{answer.confidence:.3f}"]
        yield "\t".join((one_line(answer.shown), *sure, one_line(text)))

    def spoken(self, answer: "Answer") -> Iterator[str]:
        ranked = sorted(zip(answer.probabilities, self._labels, strict=True), reverse=True)[:_LIKELY]
        likely = "   ".join(f"{one_line(label)} {percent(share)}" for share, label in ranked)
        yield likely if answer.confidence is not None else f"{answer.shown}   {likely}".rstrip()

    def record(self, answer: "Answer") -> dict[str, Any]:
        return answer.to_json(self._labels)

    def cells(self, answer: "Answer") -> dict[str, str]:
        sure = {} if answer.confidence is None else {"confidence": f"{answer.confidence:.4f}"}
        return {"predicted": answer.shown, **sure}


@final
class Writing:
    """Shows a text that a model of pairs wrote, and others that its search found."""

    def __init__(self, run: "Run", wanted: Wanted) -> None:
        self._translator = run.translator
        self._wanted = wanted

    @property
    def asks(self) -> str:
        return say("type a text, Enter answers it, Ctrl-D ends")

    def answer(self, texts: list[str]) -> Sequence["TextAnswer"]:
        wanted, search = self._wanted, self._wanted.search or self._translator.search
        best = max(wanted.best, search.width)
        return self._translator.answer(texts, search, best, wanted.begin, wanted.words)

    def lines(self, text: str, answer: "TextAnswer") -> Iterator[str]:
        sure = [] if answer.confidence is None else [f"{answer.confidence:.3f}"]
        tell_unread(answer)
        yield "\t".join((one_line(answer.shown), *sure, *remarks(answer), one_line(text)))
        yield from self._others(answer)

    def spoken(self, answer: "TextAnswer") -> Iterator[str]:
        yield "   ".join([one_line(answer.shown), percent(answer.confidence), *remarks(answer)])
        yield from self._others(answer)

    def record(self, answer: "TextAnswer") -> dict[str, Any]:
        told, best = answer.to_json(()), self._wanted.best
        return {**told, "alternatives": told["alternatives"][:best]} if best > 1 else told

    def cells(self, answer: "TextAnswer") -> dict[str, str]:
        sure = {} if answer.confidence is None else {"confidence": f"{answer.confidence:.4f}"}
        doubt = {
            "unknown": "yes" if answer.unknown else "",
            "cut": "" if answer.outcome == "ended" else "yes",
        }
        others = {}
        for place in range(1, self._wanted.best):
            found = answer.alternatives[place].text if place < len(answer.alternatives) else ""
            others[f"predicted_{place + 1}"] = found
        return {"predicted": answer.shown, **sure, **doubt, **others}

    def _others(self, answer: "TextAnswer") -> Iterator[str]:
        yield from (f"  {line}" for line in ranked(answer.alternatives[: self._wanted.best], 1))


def ranked(alternatives: "Sequence[Alternative]", first: int = 0) -> list[str]:
    """Say some of the answers that were found, with the scores that they are ranked by."""
    return [f"{one.score:8.3f}  {one_line(one.text)}" for one in alternatives[first:]]


def looked(answer: "Alternative", source: Sequence[str]) -> list[str]:
    """Tell for each token written which tokens read weighed most."""
    if answer.attention is None:
        return [say("this model tells no attention")]
    lines = []
    for token, weights in zip([*answer.tokens, "⏎"], answer.attention.tolist(), strict=False):
        heaviest = sorted(zip(weights, source, strict=True), reverse=True)[:_LOOKED]
        seen = "  ".join(f"{visible(one)} {percent(share)}" for share, one in heaviest if share >= _LEAST)
        lines.append(f"{visible(token)}  ←  {seen}")
    return lines


def branches(translator: "Translator", tree: "BeamTree") -> list[str]:
    """Draw what a beam kept."""
    outcomes = {"ended": say("ended"), "length": say("cut off"), "stuck": say("stuck")}
    return tree.lines(lambda token: visible(translator.spelled(token)), outcomes.__getitem__)


def visible(token: str) -> str:
    """Return a token on one line, a sign in place of a mere space."""
    return one_line(token).strip() or _SPACE


def tell_unread(answer: "TextAnswer") -> None:
    """Say on the error stream how much of a source was too long to be read."""
    if answer.lost:
        complain(say("{tokens} tokens of a source were not read: it is too long", {"tokens": answer.lost}))


def remarks(answer: "TextAnswer") -> list[str]:
    """Say what a person should know of an answer beside it."""
    ends = {"length": [say("cut off at its greatest length")], "stuck": [say("nothing could follow")]}
    return [*ends.get(answer.outcome, []), *([say("unknown")] if answer.unknown else [])]


@final
class Seeing:
    """Shows what a model says of pictures, which are named by their paths."""

    def __init__(self, run: "Run", wanted: Wanted) -> None:
        self._captioner = run.captioner
        self._wanted = wanted

    @property
    def asks(self) -> str:
        return say("type the path of a picture, Enter describes it, Ctrl-D ends")

    def answer(self, texts: list[str]) -> Sequence["CaptionAnswer"]:
        search = self._wanted.search or self._captioner.search
        pictures = [Path(text) for text in texts]
        return self._captioner.answer(pictures, search, max(self._wanted.best, search.width))

    def lines(self, text: str, answer: "CaptionAnswer") -> Iterator[str]:
        doubt = [say("unknown")] if answer.unknown else []
        yield "\t".join((one_line(answer.shown), f"{answer.confidence:.3f}", *doubt, one_line(text)))
        yield from self._others(answer)

    def spoken(self, answer: "CaptionAnswer") -> Iterator[str]:
        doubt = "   " + say("unknown") if answer.unknown else ""
        yield f"{one_line(answer.shown)}{doubt}"
        yield from self._others(answer)

    def record(self, answer: "CaptionAnswer") -> dict[str, Any]:
        return answer.to_json()

    def cells(self, answer: "CaptionAnswer") -> dict[str, str]:
        unknown = "yes" if answer.unknown else ""
        return {"predicted": answer.shown, "confidence": f"{answer.confidence:.4f}", "unknown": unknown}

    def _others(self, answer: "CaptionAnswer") -> Iterator[str]:
        yield from (f"  {line}" for line in ranked(answer.alternatives[: self._wanted.best], 1))


@final
class Marking:
    """Shows words with their tags: on a terminal in color, one below the other, else as word/TAG."""

    def __init__(self, run: "Run") -> None:
        self._tagger = run.tagger
        kinds = dict.fromkeys(tag.partition("-")[2] or tag for tag in self._tagger.tags if tag != "O")
        self._colors = {kind: place % _COLORS + 1 for place, kind in enumerate(kinds)}

    @property
    def asks(self) -> str:
        return say("type a text, Enter tags it, Ctrl-D ends")

    def answer(self, texts: list[str]) -> Sequence["TagAnswer"]:
        return self._tagger.predict(texts)

    def lines(self, text: str, answer: "TagAnswer") -> Iterator[str | Painted]:
        if is_terminal(sys.stdout):
            yield from self.spoken(answer)
        else:
            yield one_line(answer.shown)

    def spoken(self, answer: "TagAnswer") -> Iterator[str | Painted]:
        pairs = [
            (one_line(word), one_line(tag)) for word, tag in zip(answer.tokens, answer.tags, strict=True)
        ]
        for row in _rows(pairs, shutil.get_terminal_size().columns - _MARGIN):
            widths = [max(width(word), width(tag)) + 1 for word, tag in row]
            yield "".join(padded(word, size) for (word, _), size in zip(row, widths, strict=True)).rstrip()
            yield Painted(
                tuple(
                    (padded(tag, size), self._color(tag)) for (_, tag), size in zip(row, widths, strict=True)
                )
            )
        for span in answer.spans:
            named = f"{one_line(span.text)}  {span.label}  {percent(span.confidence)}"
            yield Painted(((named, self._colors.get(span.label, 0)),))

    def record(self, answer: "TagAnswer") -> dict[str, Any]:
        return answer.to_json()

    def cells(self, answer: "TagAnswer") -> dict[str, str]:
        spans = "; ".join(f"{span.label}: {span.text}" for span in answer.spans)
        sure = {} if answer.confidence is None else {"confidence": f"{answer.confidence:.4f}"}
        return {"predicted": answer.shown, **sure, **({"spans": spans} if answer.marks_spans else {})}

    def _color(self, tag: str) -> int:
        return self._colors.get(tag.partition("-")[2] or tag, 0)


def _rows(pairs: Sequence[tuple[str, str]], columns: int) -> Iterator[list[tuple[str, str]]]:
    """Yield as many words at a time as fit side by side."""
    row, used = list[tuple[str, str]](), 0
    for word, tag in pairs:
        size = max(width(word), width(tag)) + 1
        if row and used + size > columns:
            yield row
            row, used = [], 0
        row.append((word, tag))
        used += size
    if row:
        yield row


TELLERS: Mapping[str, Callable[["Run", Wanted], Teller]] = {
    "classify": lambda run, _: Labels(run),
    "compare": lambda run, _: closeness_teller(run),
    "tag": lambda run, _: Marking(run),
    "transduce": Writing,
    "caption": Seeing,
}
"""From a run and what is asked of its answers to who shows them."""
