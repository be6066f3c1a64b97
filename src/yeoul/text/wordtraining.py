"""Train word and document vectors on cut texts, by gensim (extra `embed`).

| kind | how |
|---|---|
| `skipgram` | a word tells its neighbors (Mikolov et al. 2013) |
| `cbow` | neighbors tell the word between them (the same) |
| `subword` | as skip-gram, a word being the mean of its runs of letters (Bojanowski et al. 2017) |

All with negative sampling. One thread and a seed give the same vectors again. Sub-words of Korean are taken over the
letters of its syllables (NFD), so that 갔다 and 가다 share more than nothing; the words in the table stay composed.
"""

import importlib
import importlib.util
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, final

import numpy as np
import numpy.typing as npt

from yeoul.errors import DataError, RecipeError
from yeoul.text.blocks import Texts
from yeoul.text.units import Units, cut
from yeoul.text.vectorsettings import VectorSettings
from yeoul.text.vectortables import VectorTable
from yeoul.text.wordparts import WordParts

Floats = npt.NDArray[np.float32]

_LONGEST = 10_000
"""Words of a sentence that gensim reads; what is longer is cut there."""


@final
@dataclass(frozen=True, eq=False)
class TrainedVectors:
    """A table, and how much text it was trained on."""

    table: VectorTable
    texts: int
    words: int


@final
@dataclass(frozen=True, eq=False)
class DocumentVectors:
    """The vectors `values` (N, D) of the documents that were trained on."""

    values: Floats
    words: int
    settings: VectorSettings
    _model: Any = field(repr=False)

    def infer(self, text: str) -> Floats:
        """Return the vector (D,) of another document; equal texts give equal vectors."""
        units = cut([text], self.settings.unit, lowercase=self.settings.lowercase)
        self._model.random.seed(self._model.seed)
        vector: Floats = self._model.infer_vector([units.names[code] for code in units.codes])
        return vector


def train_vectors(
    texts: Iterable[str] | Texts,
    settings: VectorSettings,
    on_epoch: Callable[[int], None] = lambda epoch: None,
) -> TrainedVectors:
    """Train vectors of the words of texts, the most frequent word first; `on_epoch` is told each one done, from 1.

    Sub-words leave a table that has a vector for every word. Raises `DataError` if no word is frequent enough, and
    `RecipeError` where gensim is missing.
    """
    models = _gensim()
    units = _cut(texts, settings)
    arguments = _arguments(settings)
    if settings.kind == "subword":
        shortest, longest = settings.letters
        runs = {"min_n": shortest, "max_n": longest, "bucket": settings.buckets}
        sentences = _Sentences(units, "NFD")
        model = models.FastText(**arguments, **runs, sg=1)
    else:
        sentences = _Sentences(units, "NFC")
        model = models.Word2Vec(**arguments, sg=int(settings.kind == "skipgram"))
    model.build_vocab(sentences)
    told = [_Told(on_epoch)]
    model.train(sentences, total_examples=len(sentences), epochs=settings.epochs, callbacks=told)
    words = [unicodedata.normalize("NFC", word) for word in model.wv.index_to_key]
    counts = np.array([model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key], np.int64)
    if settings.kind != "subword":
        table = VectorTable.of(words, np.asarray(model.wv.vectors, np.float32), counts=counts)
        return TrainedVectors(table, len(units.lengths), len(units.codes))
    own, buckets = (np.asarray(one, np.float32) for one in (model.wv.vectors_vocab, model.wv.vectors_ngrams))
    decomposed = any(not unicodedata.is_normalized("NFC", word) for word in model.wv.index_to_key)
    parts = WordParts(own, buckets, shortest, longest, "NFD" if decomposed else "NFC")
    table = VectorTable.of(words, parts.composed(words, 0), parts, counts)
    return TrainedVectors(table, len(units.lengths), len(units.codes))


def train_documents(
    texts: Iterable[str] | Texts,
    settings: VectorSettings,
    on_epoch: Callable[[int], None] = lambda epoch: None,
) -> DocumentVectors:
    """Train vectors of documents by their words (Le & Mikolov 2014, the bag of words; PV-DBOW).

    Raises `DataError` if no word is frequent enough, and `RecipeError` where gensim is missing.
    """
    models = _gensim()
    units = _cut(texts, settings)
    model = models.Doc2Vec(**_arguments(settings), dm=0, dbow_words=1)
    documents = _Documents(_Sentences(units, "NFC", cut=False), models.doc2vec.TaggedDocument)
    model.build_vocab(documents)
    told = [_Told(on_epoch)]
    model.train(documents, total_examples=len(documents), epochs=settings.epochs, callbacks=told)
    values = np.array(model.dv.vectors[: len(documents)], np.float32)
    return DocumentVectors(values, len(units.codes), settings, model)


@final
class _Sentences:
    """Gives the sentences one by one, as often as asked."""

    def __init__(self, units: Units, form: Literal["NFC", "NFD"], *, cut: bool = True) -> None:
        self._names = np.array([unicodedata.normalize(form, name) for name in units.names] or [""], object)
        self._codes = units.codes
        whole = np.cumsum(units.lengths)
        pieces = np.arange(_LONGEST, len(units.codes), _LONGEST) if cut else np.empty(0, np.int64)
        self._ends = np.unique(np.concatenate([whole, pieces])) if cut else whole

    def __len__(self) -> int:
        return len(self._ends)

    def __iter__(self) -> Iterator[list[str]]:
        begin = 0
        for end in self._ends.tolist():
            yield self._names[self._codes[begin:end]].tolist()
            begin = end


@final
class _Documents:
    """Gives the sentences with their numbers, as gensim wants documents."""

    def __init__(self, sentences: _Sentences, tagged: Any) -> None:
        self._sentences = sentences
        self._tagged = tagged

    def __len__(self) -> int:
        return len(self._sentences)

    def __iter__(self) -> Iterator[Any]:
        for place, words in enumerate(self._sentences):
            yield self._tagged(words, [place])


@final
class _Told:
    """Is called by gensim as training goes on."""

    def __init__(self, on_epoch: Callable[[int], None]) -> None:
        self._on_epoch = on_epoch
        self._epoch = 0

    def on_train_begin(self, model: Any) -> None:
        """Do nothing."""

    def on_train_end(self, model: Any) -> None:
        """Do nothing."""

    def on_epoch_begin(self, model: Any) -> None:
        """Do nothing."""

    def on_epoch_end(self, model: Any) -> None:
        self._epoch += 1
        self._on_epoch(self._epoch)


def _gensim() -> Any:
    if importlib.util.find_spec("gensim") is None:
        raise RecipeError(
            "training word vectors needs gensim, which is not installed",
            "install it: pip install 'yeoul[embed]'",
        )
    return importlib.import_module("gensim.models")


def _arguments(settings: VectorSettings) -> dict[str, Any]:
    return {
        "vector_size": settings.size,
        "window": settings.window,
        "min_count": settings.min_count,
        "negative": settings.negative,
        "epochs": settings.epochs,
        "seed": settings.seed,
        "workers": settings.workers,
    }


def _cut(texts: Iterable[str] | Texts, settings: VectorSettings) -> Units:
    units = cut(texts, settings.unit, lowercase=settings.lowercase)
    most = int(np.bincount(units.codes).max()) if len(units.codes) else 0
    if most < settings.min_count:
        raise DataError(
            "no unit and no run of units occurs {count} times in the texts",
            "lower min_count, or give more texts",
            values={"count": settings.min_count},
        )
    return units
