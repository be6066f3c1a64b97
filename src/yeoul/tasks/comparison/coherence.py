"""How well a document holds together: whether each sentence follows the one before, and it begins and ends well.

The order of a document is the mean score of its neighbors, the marks of beginning and end among them (local coherence,
as Barzilay & Lapata 2008 compare a text with its permutations; scored by pairs as Xu et al. 2019). Its ending is the
score of its last sentence with the mark of the end: that of a text which breaks off is low.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, final

import numpy as np
import numpy.typing as npt

from yeoul.data.comparisons.comparisons import Writing
from yeoul.errors import UsageError
from yeoul.tasks.classification.inputs import Inputs
from yeoul.tasks.comparison.rules import Rule
from yeoul.text.sentences import split_sentences

Floats = npt.NDArray[np.float64]
ORDER: Literal["order"] = "order"
WHOLE = "whole"
_SHUFFLED = 4
_SEED = 17


class Scorer(Protocol):
    """A model with what its scores mean."""

    @property
    def rule(self) -> Rule: ...

    def scores(self, lefts: Inputs, rights: Inputs) -> Floats: ...

    def matrix(self, queries: Inputs, pool: Inputs) -> Floats: ...


@final
@dataclass(frozen=True)
class Coherence:
    """How a document holds together, by the scores of its neighbors; the larger the better."""

    sentences: tuple[str, ...]
    steps: tuple[float, ...]
    """The beginning with the first sentence, each sentence with the next, the last one with the end."""

    @property
    def order(self) -> float:
        """The mean over all steps."""
        return float(np.mean(self.steps))

    @property
    def ending(self) -> float:
        """How well the last sentence ends the document."""
        return self.steps[-1]

    @property
    def weakest(self) -> int:
        """The place of the sentence that follows worst on what stands before it."""
        return int(np.argmin(self.steps[:-1]))

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "order": self.order,
            "ending": self.ending,
            "weakest": self.weakest,
            "sentences": list(self.sentences),
            "steps": list(self.steps),
        }


def coherences(model: Scorer, writings: Sequence[Writing]) -> list[Coherence]:
    """Return how each document holds together."""
    chains = [writing.chain for writing in writings]
    lefts = [one for chain in chains for one in chain[:-1]]
    rights = [one for chain in chains for one in chain[1:]]
    scores = model.scores(lefts, rights) if lefts else np.zeros(0)
    ends = np.cumsum([len(chain) - 1 for chain in chains]).tolist()
    return [
        Coherence(writing.sentences, tuple(scores[end - len(writing.sentences) - 1 : end].tolist()))
        for writing, end in zip(writings, ends, strict=True)
    ]


def coherence(model: Scorer, text: str) -> Coherence:
    """Cut a text into sentences and return how it holds together; raise `UsageError` for one without any."""
    sentences = tuple(split_sentences(text))
    if not sentences:
        raise UsageError("there is no text", "give a document of a few sentences")
    (found,) = coherences(model, [Writing(sentences, "")])
    return found


def told_apart(model: Scorer, writings: Sequence[Writing]) -> Mapping[str, Floats]:
    """Return how well each document (W,) is told from four shuffles of it, and from a beginning of it.

    "order" is the share of the shuffles that hold together less well, ties counted half; "whole" is 1 where its end is
    a better one than that of the document broken off. Nothing for no documents.
    """
    if not writings:
        return {}
    random = np.random.default_rng(_SEED)
    shuffled, broken = list[Writing](), list[Writing]()
    for writing in writings:
        shuffled += [_shuffled(writing, random) for _ in range(_SHUFFLED)]
        kept = int(random.integers(2, len(writing.sentences)))
        broken.append(Writing(writing.sentences[:kept], writing.where))
    own = coherences(model, writings)
    orders = np.array([one.order for one in own])
    others = np.array([one.order for one in coherences(model, shuffled)]).reshape(-1, _SHUFFLED)
    ends = np.array([one.ending for one in own])
    cut = np.array([one.ending for one in coherences(model, broken)])
    return {ORDER: _better(orders[:, None], others).mean(axis=1), WHOLE: _better(ends, cut)}


def told_apart_by_nothing(writings: Sequence[Writing]) -> Mapping[str, Floats]:
    """Return the same of a model that calls all equal."""
    even = np.full(len(writings), 0.5)
    return {ORDER: even, WHOLE: even} if writings else {}


def _shuffled(writing: Writing, random: np.random.Generator) -> Writing:
    """Return the sentences in another order."""
    places = np.arange(len(writing.sentences))
    while (places == np.arange(len(places))).all():
        places = random.permutation(places)
    return Writing(tuple(writing.sentences[place] for place in places.tolist()), writing.where)


def _better(ours: Floats, theirs: Floats) -> Floats:
    """Return 1 where ours is larger, a half where both are equal."""
    better: Floats = (ours > theirs) + 0.5 * (ours == theirs)
    return better
