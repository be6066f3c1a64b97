"""ROUGE (Lin 2004) for any script: how much of a reference a written text holds, and how much of it is there.

ROUGE-n counts n-grams in common, ROUGE-L the longest common subsequence; each is an F1 of the sentence, and the score
of a corpus is their mean. A token is a run of letters, digits and marks, in small letters; in Hangul, kana and Chinese
it may be a single character, for words there carry particles and endings.
"""

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import groupby
from typing import Literal
from unicodedata import category

import numpy as np

from yeoul.metrics.intervals import Floats
from yeoul.metrics.translation import is_dense

Unit = Literal["word", "character"]
_WORD = re.compile(r"\w+")


def rouge_tokens(text: str, unit: Unit) -> list[str]:
    """Cut a text into its tokens; with "character" each letter of a dense script is one.

    >>> rouge_tokens("서울의 Spring 2024!", "character")
    ['서', '울', '의', 'spring', '2024']
    """
    words = _words(text.lower())
    if unit == "word":
        return words
    tokens: list[str] = []
    for word in words:
        start = 0
        for place, letter in enumerate(word):
            if is_dense(letter):
                tokens += [word[start:place], letter] if start < place else [letter]
                start = place + 1
        if start < len(word):
            tokens.append(word[start:])
    return tokens


def _words(text: str) -> list[str]:
    """Return the runs of letters, digits and marks; a vowel sign that stands on a letter is part of its word."""
    if text.isascii():
        return _WORD.findall(text)
    return ["".join(run) for inside, run in groupby(text, _in_word) if inside]


def _in_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_" or category(letter).startswith("M")


def rouge(written: Sequence[str], references: Sequence[str], unit: Unit) -> Floats:
    """Return ROUGE-1, ROUGE-2 and ROUGE-L of each sentence, from 0 to 1: (N, 3).

    Where neither text has an n-gram the score is 1 if both are equal, else 0.
    """
    scores = np.zeros((len(written), 3))
    for row, (text, reference) in enumerate(zip(written, references, strict=True)):
        own, true = rouge_tokens(text, unit), rouge_tokens(reference, unit)
        for place, order in enumerate((1, 2)):
            found, wanted = _ngrams(own, order), _ngrams(true, order)
            scores[row, place] = _f1(
                (found & wanted).total(), found.total(), wanted.total(), text == reference
            )
        scores[row, 2] = _f1(common_length(own, true), len(own), len(true), text == reference)
    return scores


def common_length(first: Sequence[Hashable], second: Sequence[Hashable]) -> int:
    """Return the length of the longest common subsequence, by whole rows of bits (Crochemore et al. 2001)."""
    places: dict[Hashable, int] = {}
    for place, token in enumerate(first):
        places[token] = places.get(token, 0) | 1 << place
    whole = (1 << len(first)) - 1
    row = whole
    for token in second:
        matched = row & places.get(token, 0)
        row = ((row + matched) | (row - matched)) & whole
    return len(first) - row.bit_count()


def _ngrams(tokens: Sequence[str], order: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[start : start + order]) for start in range(len(tokens) - order + 1))


def _f1(common: int, own: int, true: int, equal: bool) -> float:
    if own + true == 0:
        return float(equal)
    return 2 * common / (own + true)
