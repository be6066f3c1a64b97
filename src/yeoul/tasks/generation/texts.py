"""How a model reads texts: which token stands before the first and at the end of a line, and texts as one stream."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.corpora.corpus import Reading
from yeoul.data.mapped import chunks_of, walked
from yeoul.data.streams import (
    Ids,
    Sizes,
    SmallSizes,
    StreamRows,
    joined_ids,
    pieces_of,
    put_aside,
    token_sizes,
)
from yeoul.data.vectorizers import TextVectorizer
from yeoul.metrics.intervals import Floats
from yeoul.metrics.language import ScoredText
from yeoul.recipe import LanguageRecipe
from yeoul.text.normalization import Span
from yeoul.text.tokenizers import UNKNOWN, UNKNOWN_ID, Unit
from yeoul.text.writing import NEWLINE, Spelling

Counts = npt.NDArray[np.int64]
_WITHOUT_LINE_ENDS = ("word", "spaced", "morpheme", "subword")
_LINES_AT_ONCE = 10_000


def reading_of(language: LanguageRecipe, unit: Unit) -> Reading:
    """Return how a text is taken apart: units that cannot spell the end of a line close lines unless told otherwise."""
    closed = unit in _WITHOUT_LINE_ENDS if language.lines is None else language.lines
    return Reading(closed, closed and not language.stream)


@final
@dataclass(frozen=True, eq=False)
class TextStream:
    """Texts as token ids end to end, and the sizes of what each stands for."""

    ids: Ids  # (N,)
    offsets: Counts  # (D + 1,) of the lines, or documents
    characters: Sizes  # (N,) as small integers, which may lie in a file as the ids do
    bytes: Sizes  # (N,)
    unknown: npt.NDArray[np.bool_]  # (N,)

    def first(self, tokens: int) -> "TextStream":
        """Return the first so many tokens, of whole and torn lines."""
        size = min(tokens, len(self.ids))
        return TextStream(
            self.ids[:tokens],
            np.append(self.offsets[self.offsets < size], size),
            self.characters[:tokens],
            self.bytes[:tokens],
            self.unknown[:tokens],
        )

    def scored(self, log_probs: Floats) -> ScoredText:
        """Return the text with what a model said of its tokens (N,)."""
        return ScoredText(log_probs, self.characters, self.bytes)

    def spelled(self, log_probs: Floats) -> ScoredText:
        """Return the same with unknown tokens spelled out, as it is told per character and byte."""
        return self.scored(log_probs).spelled(self.unknown)


@final
@dataclass(frozen=True, eq=False)
class Script:
    """A vocabulary with the token that closes a line, if lines are closed."""

    vectorizer: TextVectorizer
    reading: Reading

    @property
    def end(self) -> int | None:
        """The id that closes a line."""
        return self.vectorizer.size if self.reading.closed else None

    @property
    def tokens(self) -> int:
        """How many ids a model tells apart."""
        return self.vectorizer.size + self.reading.closed

    @cached_property
    def start(self) -> int:
        """The id that stands before a text: the end of a line, where there is one, else the unknown token."""
        if self.end is not None:
            return self.end
        ids = self.vectorizer([NEWLINE]).ids
        return int(ids[0]) if len(ids) == 1 else UNKNOWN_ID

    @cached_property
    def spelling(self) -> Spelling:
        """What the ids stand for."""
        settings = self.vectorizer.settings
        return Spelling.of(self.vectorizer.tokenizer, settings.unit, closed=self.reading.closed)

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text; where lines are closed, an end stands between two of them."""
        if self.end is None:
            rows = self.vectorizer(list(pieces_of(text)))
            return [int(token) for token in rows.ids]
        lines = text.split(NEWLINE) if text else []
        ids, _ = joined_ids(self.vectorizer(lines), self.end)
        return [int(token) for token in ids[:-1]]

    def ids(self, lines: pa.ChunkedArray) -> tuple[Ids, Counts]:
        """Return the ids of lines end to end, each closed, and their offsets."""
        return joined_ids(self.vectorizer(lines), self.end)

    def stream(self, lines: pa.ChunkedArray) -> TextStream:
        """Return lines as a stream with what its tokens stand for, which is slow."""
        ids, offsets = self.ids(lines)
        letters, sizes = self._sizes(lines, len(ids))
        unknown = self._unknown(lines, ids)
        return TextStream(ids, offsets, put_aside(letters), put_aside(sizes), put_aside(unknown))

    def rows(self, ids: Ids, offsets: Counts, window: int, lanes: int | None = None) -> StreamRows:
        """Cut a stream for training: in lanes, else in windows, or by documents where these are independent."""
        if self.reading.independent:
            return StreamRows.in_documents(ids, self.start, offsets, window)
        if lanes is None:
            return StreamRows.in_windows(ids, self.start, window)
        return StreamRows.in_lanes(ids, self.start, window, lanes)

    def _sizes(self, lines: pa.ChunkedArray, tokens: int) -> tuple[Sizes, Sizes]:
        """Return the characters and the bytes (N,) of every token."""
        closed = self.reading.closed
        if self.vectorizer.settings.unit == "character":
            sizes = _letter_bytes(lines, NEWLINE * closed)
            if len(sizes) == tokens:  # no letter was made of several, or several of one
                return np.broadcast_to(np.uint8(1), tokens), sizes
        return token_sizes(_texts(lines), self.vectorizer.spans, closed=closed)

    def spelled_unknown(self, lines: pa.ChunkedArray) -> int:
        """Return how often a text spells the unknown token itself, where that is a token of its unit."""
        if self.vectorizer.settings.unit not in _WITHOUT_LINE_ENDS:
            return 0
        return sum(int(pc.sum(pc.count_substring(chunk, UNKNOWN)).as_py() or 0) for chunk in chunks_of(lines))

    def _unknown(self, lines: pa.ChunkedArray, ids: Ids) -> npt.NDArray[np.bool_]:
        """Tell which tokens (N,) are unknown and not spelled so by the text itself."""
        unknown: npt.NDArray[np.bool_] = ids == UNKNOWN_ID
        if not unknown.any():
            return np.broadcast_to(np.False_, len(ids))
        unknown[unknown] = ~self._spelled(lines)
        return unknown

    def _spelled(self, lines: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
        """Tell of the unknown tokens (U,) which the text itself spells so, as that of the Penn Treebank does."""
        found = list[bool]()
        for text in _texts(lines):
            ids = self.vectorizer([text]).ids
            places = np.flatnonzero(ids == UNKNOWN_ID).tolist()
            if places:
                spans: list[Span] = self.vectorizer.spans(text)
                found += [text[slice(*spans[place])] == UNKNOWN for place in places]
        return np.array(found, np.bool_)


def _letter_bytes(lines: pa.ChunkedArray, end: str) -> Sizes:
    """Return the bytes in UTF-8 of every character of lines that have an `end`."""
    sizes = SmallSizes()
    for texts in _blocks(lines):
        written = np.frombuffer("".join(text + end for text in texts).encode("utf-8", "replace"), np.uint8)
        starts = np.flatnonzero((written & 0xC0) != 0x80)
        sizes.add(np.diff(starts, append=len(written)).astype(np.uint8))
    return sizes.whole()


def _blocks(lines: pa.ChunkedArray) -> Iterator[list[str]]:
    for chunk in walked(chunks_of(lines)):
        for first in range(0, len(chunk), _LINES_AT_ONCE):
            yield chunk[first : first + _LINES_AT_ONCE].to_pylist()


def _texts(lines: pa.ChunkedArray) -> Iterator[str]:
    for texts in _blocks(lines):
        yield from texts
