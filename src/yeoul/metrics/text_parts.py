"""Parts of texts in which a model may be weak: a word in them or not, how they are written, what they are about.

Words are cut at white space and lose the marks around them; beside them stand their first two syllables where they are
Korean, for there the endings change. Topics are k-means clusters (Lloyd 1982) of the texts' words, weighed by how rare
they are, in the directions that tell most of them apart (latent semantic analysis, Deerwester et al. 1990).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.metrics.parts import Ints, Kind, Part

if TYPE_CHECKING:
    from scipy.sparse import csr_array

LEAST_ROWS = 20
Places = npt.NDArray[np.int32]
_MOST_WORDS = 3000
_EVERYWHERE = 2  # times a text: such words tell nothing
_WITHOUT = 0.5  # texts without a word that fewer hold are most texts
_MARKS = "".join(map(chr, range(33, 48))) + ":;<=>?@[]^_`{|}~…“”‘’·、。「」『』《》〈〉♥♡★☆"
_KOREAN = r"^[가-힣]{2}"
_WRITING = {
    "digits": r"[0-9]",
    "question": r"[?？]",
    "exclamation": r"[!！]",
    "dots": r"\.\.|…",
    "letters": r"[A-Za-z]",
    "hangul": r"[가-힣]",
    "jamo": r"[ㄱ-ㅎㅏ-ㅣ]",
    "shouting": r"\b[A-Z]{4,}\b",
    "link": r"https?://|www\.",
}
"""How a text is written: what it holds."""
_TOPIC_WORDS, _TOPIC_ROWS, _DIRECTIONS = 400, 4000, 16
_COMMON = 0.1  # of the texts hold a word that is not of a topic
_ROWS_A_TOPIC, _MOST_TOPICS, _NAMED = 100, 16, 4


@dataclass(frozen=True, eq=False)
class _Words:
    """Which texts hold which words."""

    words: list[str]
    kinds: list[Kind]
    held: "csr_array"  # (N, W) ones


def text_parts(texts: pa.Array, seed: int) -> list[Part]:
    """Return the parts of texts (N,), the plainest kinds first; equal texts give equal parts."""
    words = _words(texts)
    return [*_writing(texts), *_of_words(words), *_topics(words, seed)]


def _writing(texts: pa.Array) -> Iterator[Part]:
    for name, pattern in _WRITING.items():
        found = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False).astype(bool)
        for part in (
            Part("writing", np.flatnonzero(found), value=name),
            Part("not_writing", np.flatnonzero(~found), value=name),
        ):
            if len(part.rows) >= LEAST_ROWS:
                yield part


def _words(texts: pa.Array) -> _Words:
    from scipy.sparse import coo_array  # slow to import

    lists = pc.utf8_split_whitespace(texts)
    sizes = pc.list_value_length(lists).to_numpy(zero_copy_only=False)
    raw = lists.flatten().dictionary_encode()
    written = raw.indices.to_numpy()  # (T,) of the dictionary
    counts = np.bincount(written, minlength=len(raw.dictionary))
    trimmed = pc.utf8_trim(pc.utf8_lower(raw.dictionary), _MARKS)
    korean = pc.match_substring_regex(trimmed, _KOREAN)
    begun = pc.if_else(korean, pc.utf8_slice_codeunits(trimmed, 0, 2), "")
    rows = np.repeat(np.arange(len(texts), dtype=np.int32), sizes)
    words, kinds = list[str](), list[Kind]()
    taken, columns = list[Places](), list[Places]()
    forms: tuple[tuple[Kind, pa.Array], ...] = (("word", trimmed), ("beginning", begun))
    for kind, form in forms:
        names, places = _frequent(form, counts, _EVERYWHERE * len(texts))
        found = places[written]
        there = found >= 0
        taken.append(rows[there])
        columns.append(found[there] + len(words))
        words += names
        kinds += [kind] * len(names)
    ones = np.ones(sum(map(len, columns)), np.float32)
    at = (np.concatenate(taken), np.concatenate(columns))
    held = coo_array((ones, at), shape=(len(texts), len(words))).tocsr()
    held.sum_duplicates()
    held.data[:] = 1
    return _Words(words, kinds, held)


def _frequent(forms: pa.Array, counts: Ints, most: int) -> tuple[list[str], Places]:
    """Return the most frequent forms of words (D,) that come so often, and the number of each word's, or -1."""
    encoded = forms.dictionary_encode()
    ids = encoded.indices.to_numpy()
    sums = np.bincount(ids, counts, minlength=len(encoded.dictionary))
    sums[sums > most] = 0
    sums[pc.equal(encoded.dictionary, "").to_numpy(zero_copy_only=False).astype(bool)] = 0
    kept = np.argsort(-sums, kind="stable")[:_MOST_WORDS]
    kept = kept[sums[kept] >= LEAST_ROWS]
    new = np.full(len(sums), -1, np.int32)
    new[kept] = np.arange(len(kept), dtype=np.int32)
    return encoded.dictionary.take(pa.array(kept)).to_pylist(), new[ids]


def _of_words(words: _Words) -> Iterator[Part]:
    size = words.held.shape[0]
    by_word = words.held.tocsc()
    for place, (word, kind) in enumerate(zip(words.words, words.kinds, strict=True)):
        rows = by_word.indices[by_word.indptr[place] : by_word.indptr[place + 1]].astype(np.int64)
        if LEAST_ROWS <= len(rows) <= size - LEAST_ROWS:
            yield Part(kind, rows, value=word)
            if kind == "word" and len(rows) >= _WITHOUT * size:
                yield Part("without", np.setdiff1d(np.arange(size), rows, assume_unique=True), value=word)


def _topics(words: _Words, seed: int) -> Iterator[Part]:
    """Cut the texts into clusters by their words, each named by the words that set it apart."""
    from scipy.cluster.vq import kmeans2, vq  # slow to import
    from scipy.linalg import eigh

    size = words.held.shape[0]
    counts = np.asarray(words.held.sum(axis=0)).ravel()
    telling = np.flatnonzero((counts >= LEAST_ROWS) & (counts <= _COMMON * size))
    telling = telling[np.argsort(-counts[telling], kind="stable")][:_TOPIC_WORDS]
    number = min(_MOST_TOPICS, size // _ROWS_A_TOPIC, len(telling) // 2)
    if number < 2:
        return
    held = words.held[:, telling]
    weights = np.log(size / counts[telling]).astype(np.float32)
    norms = np.sqrt(held @ weights**2)
    random = np.random.default_rng(seed)
    drawn = np.sort(random.choice(size, min(size, _TOPIC_ROWS), replace=False))
    sample = held[drawn].toarray() * weights / np.maximum(norms[drawn], 1e-9)[:, None]
    last = len(telling) - 1
    directions = eigh(sample.T @ sample, subset_by_index=(max(0, last + 1 - _DIRECTIONS), last))[1]
    placed = _unit(held @ (weights[:, None] * directions))
    known = np.flatnonzero(norms > 0)
    learned = drawn[norms[drawn] > 0]
    if len(learned) < number:
        return
    centers, _ = kmeans2(placed[learned], number, minit="++", seed=random)
    cluster = vq(placed[known], centers)[0]
    shares = counts[telling] / size
    for place in range(len(centers)):
        rows = known[cluster == place]
        if LEAST_ROWS <= len(rows) <= size - LEAST_ROWS:
            own = np.asarray(held[rows].mean(axis=0)).ravel()
            apart = own * np.log(np.maximum(own, 1e-9) / shares)
            best = telling[np.argsort(-apart, kind="stable")]
            yield Part("topic", rows, value=" · ".join(_different([words.words[one] for one in best])))


def _different(words: list[str]) -> list[str]:
    """Return the first few words that do not begin alike: "영화" and "영화가" say the same."""
    kept = list[str]()
    for word in words:
        if len(word) > 1 and not any(word.startswith(other) or other.startswith(word) for other in kept):
            kept.append(word)
        if len(kept) == _NAMED:
            break
    return kept


def _unit(vectors: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    told: npt.NDArray[np.float64] = vectors / np.maximum(lengths, 1e-9)
    return told
