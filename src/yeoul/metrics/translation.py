"""How close written texts are to their references: BLEU (Papineni et al. 2002) and chrF++ (Popović 2017).

Both are defined on a whole corpus: matches are counted sentence by sentence, summed, and only then made a score.
Here they are functions of these sums, so that thousands of resamples of the sentences cost one product of matrices
each. The numbers are those of sacreBLEU (Post 2018) with the settings that the signatures tell. BLEU needs words:
what is mostly Hangul, kana or Chinese is cut into characters there, for its words are not what spaces part.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from yeoul.metrics.intervals import Floats

Cut = Literal["13a", "char"]
BLEU_ORDER = 4
BLEU_PARTS = 2 * BLEU_ORDER + 2
"""Matches and n-grams of each order, and the tokens of the written texts and of the references."""
CHARACTERS = 6
WORDS = 2
CHRF_PARTS = 3 * (CHARACTERS + WORDS)
"""Of each order the n-grams of the written text, of the reference, and those in common."""
_BETA = 2.0
_TINY = 1e-16
_MARKS = [
    (re.compile(r"([\{-\~\[-\` -\&\(-\+\:-\@\/])"), r" \1 "),
    (re.compile(r"([^0-9])([\.,])"), r"\1 \2 "),
    (re.compile(r"([\.,])([^0-9])"), r" \1 \2"),
    (re.compile(r"([0-9])(-)"), r"\1 \2 "),
]
_DENSE = ("HANGUL", "CJK", "HIRAGANA", "KATAKANA")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


@dataclass(frozen=True)
class Signature:
    """What a score was measured with, in the form of sacreBLEU."""

    bleu: str
    chrf: str


def signature(cut: Cut) -> Signature:
    """Name the settings of both scores."""
    return Signature(
        f"nrefs:1|case:mixed|eff:no|tok:{cut}|smooth:exp|like:sacrebleu-2.6.0",
        f"nrefs:1|case:mixed|eff:yes|nc:{CHARACTERS}|nw:{WORDS}|space:no|like:sacrebleu-2.6.0",
    )


def cut_for(references: Sequence[str]) -> Cut:
    """Say how BLEU finds its words in texts like these: most letters of which script they have."""
    letters = [letter for text in references for letter in text if letter.isalpha()]
    dense = sum(is_dense(letter) for letter in letters)
    return "char" if 2 * dense > len(letters) else "13a"


def is_dense(letter: str) -> bool:
    """Tell whether a letter is of a script whose words are not parted by spaces, or only into phrases: CJK."""
    return letter >= "\u1100" and unicodedata.name(letter, "").startswith(_DENSE)


def bleu_parts(written: Sequence[str], references: Sequence[str], cut: Cut) -> Floats:
    """Return what each sentence adds to BLEU: (N, BLEU_PARTS)."""
    parts = np.zeros((len(written), BLEU_PARTS))
    for row, (text, reference) in enumerate(zip(written, references, strict=True)):
        own, true = _tokens(text, cut), _tokens(reference, cut)
        found, wanted = ngrams(own, BLEU_ORDER), ngrams(true, BLEU_ORDER)
        for gram, count in found.items():
            order = len(gram) - 1
            parts[row, BLEU_ORDER + order] += count
            parts[row, order] += min(count, wanted.get(gram, 0))
        parts[row, -2:] = len(own), len(true)
    return parts


def bleu(sums: Floats, order: int = BLEU_ORDER) -> Floats:
    """Return BLEU of the n-grams up to an order, from 0 to 100, of sums (R, BLEU_PARTS): (R,).

    Where an order has n-grams but none of them matches, the first such counts a half, the next a quarter, and so on
    (smoothing "exp", Chen & Cherry 2014); without n-grams of all orders BLEU is zero.
    """
    matches, totals = sums[:, :order], sums[:, BLEU_ORDER : BLEU_ORDER + order]
    missed = (matches == 0) & (totals > 0)
    smoothed = np.where(missed, 1.0 / 2.0 ** np.cumsum(missed, axis=1), matches)
    precisions = smoothed / np.maximum(totals, 1.0)
    with np.errstate(divide="ignore"):
        mean = np.exp(np.log(precisions).mean(axis=1))
    own, true = sums[:, -2], sums[:, -1]
    brevity = np.where(own < true, np.exp(1.0 - true / np.maximum(own, _TINY)), 1.0)
    whole = (totals > 0).all(axis=1) & (matches.sum(axis=1) > 0)
    score: Floats = np.where(whole, 100.0 * brevity * mean, 0.0)
    return score


def chrf_parts(written: Sequence[str], references: Sequence[str]) -> Floats:
    """Return what each sentence adds to chrF++: (N, CHRF_PARTS)."""
    parts = np.zeros((len(written), CHRF_PARTS))
    for row, (text, reference) in enumerate(zip(written, references, strict=True)):
        for order, (own, true) in enumerate(zip(_chrf_counts(text), _chrf_counts(reference), strict=True)):
            # an order that the reference lacks does not count, whatever was written
            written_grams = own.total() if true else 0
            parts[row, 3 * order : 3 * order + 3] = written_grams, true.total(), (own & true).total()
    return parts


def chrf(sums: Floats) -> Floats:
    """Return chrF++ from 0 to 100 of sums (R, CHRF_PARTS): (R,).

    Precision and recall are averaged over the orders that both sides have; recall weighs twice as much (F2).
    """
    orders = sums.reshape(len(sums), -1, 3)
    own, true, common = orders[..., 0], orders[..., 1], orders[..., 2]
    seen = (own > 0) & (true > 0)
    count = np.maximum(seen.sum(axis=1), 1)
    precision = np.where(seen, common / np.maximum(own, 1.0), 0.0).sum(axis=1) / count
    recall = np.where(seen, common / np.maximum(true, 1.0), 0.0).sum(axis=1) / count
    below = _BETA**2 * precision + recall
    score: Floats = 100.0 * (1 + _BETA**2) * precision * recall / np.maximum(below, _TINY)
    return score


def _tokens(text: str, cut: Cut) -> list[str]:
    if cut == "char":
        return list("".join(text.split()))
    text = text.replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for name, mark in (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(name, mark)
    text = f" {text} "
    for pattern, spaced in _MARKS:
        text = pattern.sub(spaced, text)
    return text.split()


def ngrams(tokens: Sequence[str], most: int) -> Counter[tuple[str, ...]]:
    """Count the n-grams of one to `most` tokens."""
    return Counter(
        tuple(tokens[start : start + order])
        for order in range(1, most + 1)
        for start in range(len(tokens) - order + 1)
    )


def _chrf_counts(text: str) -> list[Counter[Hashable]]:
    """Return the n-grams of characters without spaces, then those of words with marks parted from them, by order."""
    letters = "".join(text.split())
    words = [part for word in text.split() for part in _parted(word)]
    characters: list[Counter[Hashable]] = [
        Counter(letters[start : start + order] for start in range(len(letters) - order + 1))
        for order in range(1, CHARACTERS + 1)
    ]
    return characters + [
        Counter(tuple(words[start : start + order]) for start in range(len(words) - order + 1))
        for order in range(1, WORDS + 1)
    ]


def _parted(word: str) -> list[str]:
    """Part one mark from the end of a word, else from its beginning."""
    if len(word) > 1 and word[-1] in _PUNCTUATION:
        return [word[:-1], word[-1]]
    if len(word) > 1 and word[0] in _PUNCTUATION:
        return [word[0], word[1:]]
    return [word]
