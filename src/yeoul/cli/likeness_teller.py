"""How `yeoul predict` shows how close two texts or series are: they come in pairs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from yeoul.cli.figures import percent
from yeoul.cli.output import one_line
from yeoul.errors import UsageError
from yeoul.language import say

if TYPE_CHECKING:
    from yeoul.api import Run
    from yeoul.data.readers import Table
    from yeoul.tasks.comparison.answers import PairAnswer
    from yeoul.tasks.comparison.coherence import Coherence

_MARK = "\t"
_TYPED = " | "
_SHOWN = 60


@dataclass(frozen=True)
class Told:
    """An answer with the two that it is about."""

    left: str
    right: str
    answer: "PairAnswer"


@final
class Closeness:
    """Shows how close the two of each line are, the left one before a tab or ` | `, the right one behind it."""

    def __init__(self, run: "Run") -> None:
        self._run = run

    @property
    def asks(self) -> str:
        return say("type two texts with | between, Enter compares them, Ctrl-D ends")

    def answer(self, texts: list[str]) -> Sequence[Told]:
        sides = [parted(text) for text in texts]
        lefts, rights = ([side[place] for side in sides] for place in (0, 1))
        answers = self._run.compare_cells(lefts, rights)
        return [Told(left, right, one) for (left, right), one in zip(sides, answers, strict=True)]

    def lines(self, text: str, answer: Told) -> Iterator[str]:
        said = answer.answer
        matches = [] if said.matches is None else [say("match") if said.matches else say("no match")]
        sure = [] if said.probability is None else [f"{said.probability:.3f}"]
        yield "\t".join((said.shown, *matches, *sure, one_line(answer.left), one_line(answer.right)))

    def spoken(self, answer: Told) -> Iterator[str]:
        said = answer.answer
        matches = [] if said.matches is None else [say("match") if said.matches else say("no match")]
        sure = [] if said.probability is None else [percent(said.probability)]
        yield "   ".join((said.shown, *matches, *sure))

    def record(self, answer: Told) -> dict[str, Any]:
        return {"left": answer.left, "right": answer.right, **answer.answer.to_json()}

    def cells(self, answer: Told) -> dict[str, str]:
        said = answer.answer
        matches = {} if said.matches is None else {"matches": "1" if said.matches else "0"}
        sure = {} if said.probability is None else {"probability": f"{said.probability:.4f}"}
        return {"score": f"{said.score:.6g}", **matches, **sure}


@final
class Holding:
    """Shows how well the sentences of a document hang together, and where they do worst."""

    def __init__(self, run: "Run") -> None:
        self._run = run

    @property
    def asks(self) -> str:
        return say("type a document in a line, Enter weighs it, Ctrl-D ends")

    def answer(self, texts: list[str]) -> Sequence["Coherence"]:
        return [self._run.coherence(text) for text in texts]

    def lines(self, text: str, answer: "Coherence") -> Iterator[str]:
        yield "\t".join((f"{answer.order:.4g}", f"{answer.ending:.4g}", one_line(text)))

    def spoken(self, answer: "Coherence") -> Iterator[str]:
        values = {"order": f"{answer.order:.2f}", "ending": f"{answer.ending:.2f}"}
        yield say("order {order} · ending {ending}", values)
        if len(answer.sentences) > 1:
            weakest = one_line(answer.sentences[answer.weakest], _SHOWN)
            yield say("follows worst: {sentence}", {"sentence": weakest})

    def record(self, answer: "Coherence") -> dict[str, Any]:
        return answer.to_json()

    def cells(self, answer: "Coherence") -> dict[str, str]:
        return {"order": f"{answer.order:.6g}", "ending": f"{answer.ending:.6g}"}


def closeness_teller(run: "Run") -> Closeness | Holding:
    """Return who shows what a model of likeness says: of pairs, or of documents."""
    return Holding(run) if reads_documents(run) else Closeness(run)


def reads_documents(run: "Run") -> bool:
    """Whether a run learned from the neighbors of sentences in documents."""
    comparing = run.recipe.comparing
    return comparing is not None and comparing.rows == "neighbors"


def compares_pairs(run: "Run") -> bool:
    """Whether a run is asked by pairs."""
    return run.record["task"] == "compare" and not reads_documents(run)


def parted(line: str) -> tuple[str, str]:
    """Return the two texts of a line; raise `UsageError` where there is one only."""
    mark = _MARK if _MARK in line else _TYPED
    left, found, right = line.partition(mark)
    if not found:
        raise UsageError(
            "two texts are compared, and this is one", "put a tab, or | between spaces, between the two"
        )
    return left.strip(), right.strip()


def in_pairs(words: Sequence[str]) -> list[str]:
    """Return the texts of a command line as lines of two each; raise `UsageError` for an odd number of them."""
    if len(words) == 1 and (_MARK in words[0] or _TYPED in words[0] or words[0] == "-"):
        return list(words)
    if len(words) % 2:
        raise UsageError("texts are compared two by two", 'write them as in yeoul predict RUN "text" "text"')
    return [_line(left, right) for left, right in zip(words[::2], words[1::2], strict=True)]


def paired_cells(table: "Table", names: Sequence[str]) -> list[str]:
    """Return a line for each row of a table, with the cells of two columns; raise `UsageError` for other numbers."""
    from unicodedata import normalize

    from yeoul.data.columns import named_column

    if len(names) != 2:
        raise UsageError("two columns are compared", "name both, each with --input")
    columns = [table.columns[named_column(table, name)].to_pylist() for name in names]
    return [_line(*(normalize("NFC", cell) for cell in cells)) for cells in zip(*columns, strict=True)]


def _line(left: str, right: str) -> str:
    return f"{left.replace(_MARK, ' ')}{_MARK}{right.replace(_MARK, ' ')}"
