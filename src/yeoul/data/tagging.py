"""A tagged sentence as readers hand it on."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Sentence:
    """Words, the tags of each by layer, and the line at which the sentence begins."""

    words: Sequence[str]
    tags: Mapping[str, Sequence[str]]
    line: int


def composed_words(words: Sequence[str]) -> list[str]:
    """Return words in composed form (NFC)."""
    return [unicodedata.normalize("NFC", word) for word in words]
