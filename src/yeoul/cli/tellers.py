"""How the answers of each task are shown by `yeoul predict`: a row of a table for each task."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, final

from yeoul.cli.figures import percent
from yeoul.cli.output import complain, one_line
from yeoul.language import say

if TYPE_CHECKING:
    from yeoul.api import Run
    from yeoul.tasks.classification.answers import Answer
    from yeoul.tasks.transduction.answers import TextAnswer

_LIKELY = 3


class Teller(Protocol):
    """Asks a model, and says what it answered."""

    @property
    def asks(self) -> str:
        """What stands above the prompt of a terminal."""
        ...

    def answer(self, texts: list[str]) -> Sequence[Any]:
        """Answer each text."""
        ...

    def lines(self, text: str, answer: Any) -> Iterator[str]:
        """Yield the lines that a pipe gets: tabs between an answer, how sure it is, and the text."""
        ...

    def spoken(self, answer: Any) -> Iterator[str]:
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

    def __init__(self, run: "Run", best: int) -> None:
        self._translator = run.translator
        self._best = best

    @property
    def asks(self) -> str:
        return say("type a text, Enter answers it, Ctrl-D ends")

    def answer(self, texts: list[str]) -> Sequence["TextAnswer"]:
        best = self._best if self._best > 1 else self._translator.search.beam
        return self._translator.answer(texts, best=best)

    def lines(self, text: str, answer: "TextAnswer") -> Iterator[str]:
        if answer.lost:
            complain(
                say("{tokens} tokens of a source were not read: it is too long", {"tokens": answer.lost})
            )
        sure = [] if answer.confidence is None else [f"{answer.confidence:.3f}"]
        doubt = [say("unknown")] if answer.unknown else []
        yield "\t".join((one_line(answer.shown), *sure, *doubt, one_line(text)))
        yield from self._others(answer)

    def spoken(self, answer: "TextAnswer") -> Iterator[str]:
        doubt = "   " + say("unknown") if answer.unknown else ""
        yield f"{one_line(answer.shown)}   {percent(answer.confidence)}{doubt}"
        yield from self._others(answer)

    def record(self, answer: "TextAnswer") -> dict[str, Any]:
        return answer.to_json(())

    def cells(self, answer: "TextAnswer") -> dict[str, str]:
        sure = {} if answer.confidence is None else {"confidence": f"{answer.confidence:.4f}"}
        return {"predicted": answer.shown, **sure, "unknown": "yes" if answer.unknown else ""}

    def _others(self, answer: "TextAnswer") -> Iterator[str]:
        for other in answer.alternatives[1 : self._best]:
            yield f"  {one_line(other.text)}\t{other.log_prob:.3f}"


TELLERS: Mapping[str, Callable[["Run", int], Teller]] = {
    "classify": lambda run, best: Labels(run),
    "transduce": Writing,
}
"""From a run and how many answers to show of each text to who shows them."""
