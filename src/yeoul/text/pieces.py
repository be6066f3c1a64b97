"""Syllables, words and sub-words: units that a `tokenizers.Tokenizer` cuts."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import final

import numpy as np
from tokenizers import Tokenizer

from yeoul.text.blocks import BLOCK_SIZE, bounds
from yeoul.text.cutting import Cut
from yeoul.text.normalization import NFC, Aligned, Span

WORD_START = "▁"
"""Stands for the space before a word, and before the first word for a space that is not there."""
_LONG = 100_000  # characters; a longer text is cut in passing, where that changes nothing


@final
@dataclass(frozen=True, eq=False)
class Pieces:
    """A tokenizer that does all by itself."""

    tokenizer: Tokenizer

    def ids(self, texts: Sequence[str]) -> Cut:
        parts = [part for text in texts for part in _parts(text)]
        sizes = np.fromiter(map(len, parts), np.int64, len(parts))
        ids, lengths = [np.empty(0, np.int32)], [np.empty(0, np.int64)]
        for first, end in bounds(sizes, BLOCK_SIZE):
            encodings = self.tokenizer.encode_batch_fast(parts[first:end])
            lengths.append(np.fromiter(map(len, encodings), np.int64, len(encodings)))
            flat = chain.from_iterable(encoding.ids for encoding in encodings)
            ids.append(np.fromiter(flat, np.int32, int(lengths[-1].sum())))
        whole = np.concatenate(lengths)
        if len(parts) > len(texts):
            owners = [row for row, text in enumerate(texts) for _ in _parts(text)]
            whole = np.bincount(owners, weights=whole, minlength=len(texts)).astype(np.int64)
        return Cut(np.concatenate(ids), whole)

    def spans(self, text: str) -> list[Span]:
        composed = Aligned(text, NFC)
        encoding = self.tokenizer.encode(composed.normal)
        spans = []
        for token, (start, end) in zip(encoding.tokens, encoding.offsets, strict=True):
            written = token != WORD_START or composed.normal[start] in (" ", WORD_START)
            spans.append(composed.span(start, end if written else start))
        return spans


def _parts(text: str) -> list[str]:
    """Cut a long text before spaces where a word follows another, for no unit and no normal form looks across."""
    parts, start = [], 0
    while len(text) - start > _LONG:
        end = text.find(" ", start + _LONG)
        while end > 0 and (text[end - 1].isspace() or not text[end + 1 : end + 2].isalnum()):
            end = text.find(" ", end + 1)
        if end < 0:
            break
        parts.append(text[start:end])
        start = end
    return [*parts, text[start:]]
