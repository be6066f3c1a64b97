"""Sentences ready to be cut into batches: words by their ids, letters of each distinct word, tags."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from yeoul.data.batches import Batch, bucketed_order
from yeoul.data.tokens import TokenRows, places
from yeoul.data.vectorizers import TextVectorizer
from yeoul.padded import Padded

WORDS, LETTERS, SPELLED, GIVEN = "words", "letters", "spelled", "given"
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


@final
@dataclass(frozen=True)
class TaggedRows:
    """N sentences of M words; the letters of their U distinct words stand once."""

    words: Ints  # (M,) ids of words, 0 unknown
    spelled: Ints  # (M,) which of the distinct words each is
    letters: TokenRows  # U rows
    sizes: Ints  # (N,)
    targets: Ints | None  # (M,) ids of tags; none for sentences without a truth
    given: Floats | None = None  # (U, D) vectors of the distinct words that no training changes

    def __len__(self) -> int:
        return len(self.sizes)

    @property
    def lengths(self) -> Ints:
        return self.sizes

    def order(self, batch_size: int, seed: int, epoch: int) -> list[Ints]:
        return bucketed_order(self.sizes, batch_size, seed, epoch)

    def batch(self, rows: Ints) -> Batch:
        """Assemble the given sentences: words and places among the batch's distinct words (B, T), letters (U', C).

        Where words have vectors that are given, these are there too (U', D).
        """
        lengths = self.sizes[rows]
        starts = (np.cumsum(self.sizes) - self.sizes)[rows]
        here = places(starts, lengths)
        distinct, spelled = np.unique(self.spelled[here], return_inverse=True)
        sizes = torch.from_numpy(lengths)
        letters, letter_counts = self.letters.gather(distinct)
        inputs: dict[str, Padded | Tensor] = {
            WORDS: _side_by_side(self.words[here], sizes),
            SPELLED: _side_by_side(spelled, sizes),
            LETTERS: _side_by_side(letters, torch.from_numpy(letter_counts)),
        }
        if self.given is not None:
            inputs[GIVEN] = torch.from_numpy(self.given[distinct])
        targets = None if self.targets is None else _side_by_side(self.targets[here], sizes).values
        return Batch(inputs, targets, torch.from_numpy(rows))


def tagged_rows(
    sentences: Sequence[Sequence[str]],
    words: Mapping[str, int],
    letters: TextVectorizer,
    tags: tuple[Sequence[Sequence[str]], Mapping[str, int]] | None = None,
) -> TaggedRows:
    """Number the words of sentences by `words`, 0 where it holds none, and with `tags` the truth by its table."""
    flat = [word for given in sentences for word in given]
    distinct = distinct_words(sentences)
    numbers = {word: place for place, word in enumerate(distinct)}
    targets = None
    if tags is not None:
        truth, table = tags
        targets = np.array([table[tag] for given in truth for tag in given], np.int64)
    return TaggedRows(
        np.array([words.get(word, 0) for word in flat], np.int64),
        np.array([numbers[word] for word in flat], np.int64),
        letters(distinct),
        np.array([len(given) for given in sentences], np.int64),
        targets,
    )


def distinct_words(sentences: Iterable[Sequence[str]]) -> list[str]:
    """Return every word once, in the order in which they first come."""
    return list(dict.fromkeys(word for given in sentences for word in given))


def word_table(sentences: Iterable[Sequence[str]], *, min_count: int) -> dict[str, int]:
    """Number words that occur often enough from 1, the most frequent first, ties by code point."""
    counts = Counter(word for words in sentences for word in words)
    kept = sorted((word for word in counts if counts[word] >= min_count), key=lambda one: (-counts[one], one))
    return {word: number for number, word in enumerate(kept, 1)}


def _side_by_side(flat: Ints, lengths: Tensor) -> Padded:
    return Padded.from_flat(torch.from_numpy(flat), lengths)
