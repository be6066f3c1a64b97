"""What Keras once had in `keras.preprocessing.text` and `.sequence`: the same names, arguments and numbers.

An old notebook runs when its import is changed to

    from yeoul.text.keras import Tokenizer, pad_sequences

For new work the vectorizers of `yeoul.text` know Korean letters and sparse matrices. One thing differs: without
`hash_function`, `hashing_trick` and `one_hot` use a hash that is the same in every process; Keras took Python's
own, whose numbers change each time a notebook is opened.
"""

import hashlib
import json
import math
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, final

import numpy as np
import numpy.typing as npt

from yeoul.text.ngrams import hashes

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
"""Every mark but the apostrophe, tab and line break."""
Text = str | Sequence[str]
"""A text, or the words that it was cut into."""
Analyzer = Callable[[str], Sequence[str]]


def text_to_word_sequence(
    input_text: str, filters: str = FILTERS, lower: bool = True, split: str = " "
) -> list[str]:
    """Cut a text at `split`, after putting that in place of every character in `filters`.

    >>> text_to_word_sequence("The cat sat on the mat.")
    ['the', 'cat', 'sat', 'on', 'the', 'mat']
    """
    text = input_text.lower() if lower else input_text
    return [word for word in text.translate(dict.fromkeys(map(ord, filters), split)).split(split) if word]


def one_hot(
    input_text: str,
    n: int,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Analyzer | None = None,
) -> list[int]:
    """Return a number from 1 to n - 1 for each word; several words may have the same one."""
    return hashing_trick(input_text, n, None, filters, lower, split, analyzer)


def hashing_trick(
    text: str,
    n: int,
    hash_function: Literal["md5"] | Callable[[str], int] | None = None,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Analyzer | None = None,
) -> list[int]:
    """Return a number from 1 to n - 1 for each word, by a hash: `md5`, one of your own, or a stable one of ours."""
    words = text_to_word_sequence(text, filters, lower, split) if analyzer is None else analyzer(text)
    match hash_function:
        case None:
            numbers = hashes(list(words), seed=0)
        case "md5":
            numbers = [int(hashlib.md5(word.encode()).hexdigest(), 16) for word in words]
        case function:
            numbers = [function(word) for word in words]
    return [number % (n - 1) + 1 for number in numbers]


@final
class Tokenizer:
    """Number words by their frequency, the most frequent 1; 0 is left for padding.

    Only numbers below `num_words` are given out. `filters`, `lower` and `split` cut a text into words, or
    `analyzer` does, or every character is one (`char_level`); a text may also come as a list of words. With an
    `oov_token`, which gets number 1, words without a number become it; without one they are left out.
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Analyzer | None = None,
        document_count: int = 0,
    ) -> None:
        self.num_words = num_words
        self.filters = filters
        self.lower = lower
        self.split = split
        self.char_level = char_level
        self.oov_token = oov_token
        self.analyzer = analyzer
        self.document_count = document_count
        self.word_counts: OrderedDict[str, int] = OrderedDict()
        self.word_docs: defaultdict[str, int] = defaultdict(int)
        self.index_docs: defaultdict[int, int] = defaultdict(int)
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def fit_on_texts(self, texts: Iterable[Text]) -> None:
        """Count the words of more texts, and number all that were counted so far."""
        for text in texts:
            words = self._words(text)
            self.document_count += 1
            for word in words:
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
            for word in set(words):
                self.word_docs[word] += 1
        ranked = sorted(self.word_counts, key=lambda word: -self.word_counts[word])
        first = [] if self.oov_token is None else [self.oov_token]
        self.word_index = {word: number for number, word in enumerate([*first, *ranked], 1)}
        self.index_word = {number: word for word, number in self.word_index.items()}
        for word, held in self.word_docs.items():
            self.index_docs[self.word_index[word]] = held

    def fit_on_sequences(self, sequences: Iterable[Iterable[int]]) -> None:
        """Count in how many texts each number occurs, for tf-idf of texts that are numbers already."""
        for sequence in sequences:
            self.document_count += 1
            for number in set(sequence):
                self.index_docs[number] += 1

    def texts_to_sequences(self, texts: Iterable[Text]) -> list[list[int]]:
        """Return the numbers of each text's words."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Text]) -> Iterator[list[int]]:
        """Yield the numbers of each text's words."""
        unknown = None if self.oov_token is None else self.word_index.get(self.oov_token)
        given_out = {word: number for word, number in self.word_index.items() if self._gives_out(number)}
        for text in texts:
            numbers = (given_out.get(word, unknown) for word in self._words(text))
            yield [number for number in numbers if number is not None]

    def sequences_to_texts(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """Return the words of each row of numbers, between spaces."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Iterable[int]]) -> Iterator[str]:
        """Yield the words of each row of numbers, between spaces."""
        unknown = self.oov_token if self.oov_token in self.word_index else None
        given_out = {number: word for number, word in self.index_word.items() if self._gives_out(number)}
        for sequence in sequences:
            words = (given_out.get(number, unknown) for number in sequence)
            yield " ".join(word for word in words if word is not None)

    def texts_to_matrix(self, texts: Iterable[Text], mode: str = "binary") -> npt.NDArray[np.float64]:
        """Return a row of `num_words` numbers for each text: "binary", "count", "freq" or "tfidf"."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(
        self, sequences: Sequence[Sequence[int]], mode: str = "binary"
    ) -> npt.NDArray[np.float64]:
        """Return a row of `num_words` numbers for each row of words' numbers.

        With c how often a word occurs in a row of L, n how many of N fitted texts hold it: binary is 1, count c,
        freq c / L, tfidf (1 + ln c) · ln(1 + N / (1 + n)). Raises `ValueError` for another mode, and before `fit`.
        """
        size = self.num_words or len(self.word_index) + 1
        if not self.num_words and not self.word_index:
            raise ValueError("how wide is the matrix? give num_words, or fit on texts first")
        if mode == "tfidf" and not self.document_count:
            raise ValueError("tfidf needs to know texts: fit on some first")
        if mode not in ("binary", "count", "freq", "tfidf"):
            raise ValueError(f"mode is {mode!r}, expected 'binary', 'count', 'freq' or 'tfidf'")
        matrix = np.zeros((len(sequences), size))
        for row, sequence in enumerate(sequences):
            for number, count in Counter(number for number in sequence if number < size).items():
                matrix[row, number] = self._weight(mode, number, count, len(sequence))
        return matrix

    def get_config(self) -> dict[str, Any]:
        """Return settings and counts, the tables as JSON, as `to_json` writes them."""
        tables = {
            "word_counts": self.word_counts,
            "word_docs": self.word_docs,
            "index_docs": self.index_docs,
            "index_word": self.index_word,
            "word_index": self.word_index,
        }
        return {
            "num_words": self.num_words,
            "filters": self.filters,
            "lower": self.lower,
            "split": self.split,
            "char_level": self.char_level,
            "oov_token": self.oov_token,
            "document_count": self.document_count,
            **{name: json.dumps(table) for name, table in tables.items()},
        }

    def to_json(self, *, ensure_ascii: bool = True, indent: int | None = None) -> str:
        """Return all but the analyzer as JSON, in the form that Keras wrote and read."""
        written = {"class_name": "Tokenizer", "config": self.get_config()}
        return json.dumps(written, ensure_ascii=ensure_ascii, indent=indent)

    def _words(self, text: Text) -> Sequence[str]:
        if not isinstance(text, str):
            return [word.lower() for word in text] if self.lower else list(text)
        if self.char_level:
            return list(text.lower() if self.lower else text)
        if self.analyzer is not None:
            return self.analyzer(text)
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def _gives_out(self, number: int) -> bool:
        return not self.num_words or number < self.num_words

    def _weight(self, mode: str, number: int, count: int, length: int) -> float:
        match mode:
            case "count":
                return count
            case "freq":
                return count / length
            case "binary":
                return 1
        rarity = math.log(1 + self.document_count / (1 + self.index_docs.get(number, 0)))
        return (1 + math.log(count)) * rarity


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """Return the `Tokenizer` that `to_json` wrote, Keras's or ours."""
    config = json.loads(json_string)["config"]
    tables = {
        name: json.loads(config.pop(name))
        for name in ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
    }
    tokenizer = Tokenizer(**config)
    tokenizer.word_counts.update(tables["word_counts"])
    tokenizer.word_docs.update(tables["word_docs"])
    tokenizer.index_docs.update({int(number): held for number, held in tables["index_docs"].items()})
    tokenizer.index_word.update({int(number): word for number, word in tables["index_word"].items()})
    tokenizer.word_index.update(tables["word_index"])
    return tokenizer


def pad_sequences(
    sequences: Sequence[Sequence[Any]],
    maxlen: int | None = None,
    dtype: npt.DTypeLike = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: object = 0.0,
) -> npt.NDArray[Any]:
    """Return the rows as one array (N, maxlen, …), filled up with `value` or cut off, at the front unless "post".

    Without `maxlen` it is the length of the longest row. Raises `ValueError` for what is no list of lists, for
    steps of unlike shape, and for text as `value` where `dtype` holds none.

    >>> pad_sequences([[1], [2, 3], [4, 5, 6]], padding="post")
    array([[1, 0, 0],
           [2, 3, 0],
           [4, 5, 6]], dtype=int32)
    """
    for name, side in (("padding", padding), ("truncating", truncating)):
        if side not in ("pre", "post"):
            raise ValueError(f"{name} is {side!r}, expected 'pre' or 'post'")
    try:
        lengths = [len(row) for row in sequences]
    except TypeError as error:
        raise ValueError("expected a list of lists of steps") from error
    kind = np.dtype(dtype)
    if isinstance(value, str) and kind.kind not in "OUS":
        raise ValueError(f"value is {value!r}, which an array of {kind} cannot hold: use dtype=object")
    steps = max(lengths, default=0) if maxlen is None else maxlen
    filled = [row for row, length in zip(sequences, lengths, strict=True) if length]
    shape = np.asarray(filled[0]).shape[1:] if filled else ()
    padded = np.full((len(lengths), steps, *shape), value, kind)
    for place, row in enumerate(sequences):
        if not lengths[place] or not steps:
            continue
        kept = np.asarray(row[-steps:] if truncating == "pre" else row[:steps], kind)
        if kept.shape[1:] != shape:
            raise ValueError(f"row {place} has steps of shape {kept.shape[1:]}, the first one {shape}")
        first = 0 if padding == "post" else steps - len(kept)
        padded[place, first : first + len(kept)] = kept
    return padded
