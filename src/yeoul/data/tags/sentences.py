"""Tagged sentences of several files, as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import numpy.typing as npt

from yeoul.data.tagged import TaggedTexts

Ints = npt.NDArray[np.int64]
Words = Sequence[Sequence[str]]


@dataclass(frozen=True, eq=False)
class TaggedSentences:
    """N sentences with the tags of their words in each layer; what an absent tag is, is empty."""

    words: Words
    tags: Mapping[str, Words]
    files: tuple[str, ...]
    file_index: Ints  # (N,)
    lines: Ints  # (N,) from 1

    @classmethod
    def of(cls, texts: Sequence[TaggedTexts]) -> "TaggedSentences":
        """Put the sentences of files one after another; a layer that a file lacks is empty there."""
        layers = dict.fromkeys(chain.from_iterable(one.tags for one in texts))
        sizes = [len(one) for one in texts]
        return cls(
            [words for one in texts for words in one],
            {
                layer: [
                    tags
                    for one in texts
                    for tags in (
                        one.layer(layer) if layer in one.tags else [[""] * len(words) for words in one]
                    )
                ]
                for layer in layers
            },
            tuple(one.name for one in texts),
            np.repeat(np.arange(len(texts), dtype=np.int64), sizes),
            np.concatenate([one.lines for one in texts]) if texts else np.empty(0, np.int64),
        )

    def __len__(self) -> int:
        return len(self.words)

    @property
    def sizes(self) -> Ints:
        """(N,) words of each sentence."""
        return np.array([len(words) for words in self.words], np.int64)

    def select(self, places: Ints) -> "TaggedSentences":
        """Return the sentences at these places, in this order."""
        kept = places.tolist()
        return replace(
            self,
            words=[self.words[place] for place in kept],
            tags={layer: [tags[place] for place in kept] for layer, tags in self.tags.items()},
            file_index=self.file_index[places],
            lines=self.lines[places],
        )

    def where(self, place: int) -> str:
        """Return the place of a sentence: "train.conllu:17"."""
        return f"{self.files[self.file_index[place]]}:{self.lines[place]}"

    def texts(self) -> list[str]:
        """Return the words of each sentence with a space between them."""
        return [" ".join(words) for words in self.words]
