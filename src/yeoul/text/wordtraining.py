"""Train word and document vectors on texts, by gensim (extra `embed`).

| kind | how |
|---|---|
| `skipgram` | a word tells its neighbors (Mikolov et al. 2013) |
| `cbow` | neighbors tell the word between them (the same) |
| `subword` | as skip-gram, a word being the sum of its runs of letters (Bojanowski et al. 2017) |

All with negative sampling. One thread and a seed give the same vectors again. Sub-words of Korean are taken over the
letters of its syllables (NFD), so that 갔다 and 가다 share more than nothing; the words in the table stay composed.
"""

import importlib
import importlib.util
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, final

import numpy as np
import numpy.typing as npt

from yeoul.errors import DataError, RecipeError
from yeoul.files import write_bytes
from yeoul.text.vectortables import VectorTable

Floats = npt.NDArray[np.float32]
Sentences = Sequence[Sequence[str]]

_LETTERS = {True: (3, 9), False: (3, 6)}
"""Shortest and longest runs; three letters are about one Korean syllable."""


@dataclass(frozen=True)
class VectorSettings:
    """How vectors are trained. `window` is how many words a neighbor may be away, `negative` how many wrong words are
    drawn for a right one."""

    kind: Literal["skipgram", "cbow", "subword"] = "skipgram"
    size: int = 100
    window: int = 5
    min_count: int = 5
    negative: int = 5
    epochs: int = 5
    seed: int = 42
    workers: int = 1
    """With more than one thread the vectors differ from run to run."""


@final
@dataclass(frozen=True, eq=False)
class DocumentVectors:
    """The vectors `values` (N, D) of the documents that were trained on."""

    values: Floats
    _model: Any = field(repr=False)

    def infer(self, words: Sequence[str]) -> Floats:
        """Return the vector (D,) of another document; equal words give equal vectors."""
        self._model.random.seed(self._model.seed)
        vector: Floats = self._model.infer_vector(list(words))
        return vector


def train_vectors(sentences: Sentences, settings: VectorSettings) -> VectorTable:
    """Train vectors of the words of cut sentences, the most frequent word first.

    Raises `DataError` if no word is frequent enough, and `RecipeError` where gensim is missing.
    """
    models = _gensim()
    arguments = _arguments(settings)
    match settings.kind:
        case "subword":
            shortest, longest = _LETTERS[_is_korean(sentences)]
            cut = [[unicodedata.normalize("NFD", word) for word in words] for words in sentences]
            model = models.FastText(**arguments, sg=1, min_n=shortest, max_n=longest)
        case kind:
            cut = [[unicodedata.normalize("NFC", word) for word in words] for words in sentences]
            model = models.Word2Vec(**arguments, sg=int(kind == "skipgram"))
    _check(cut, settings)
    model.build_vocab(cut)
    model.train(cut, total_examples=len(cut), epochs=settings.epochs)
    words = [unicodedata.normalize("NFC", word) for word in model.wv.index_to_key]
    return VectorTable.of(words, np.asarray(model.wv.vectors, np.float32))


def train_documents(documents: Sentences, settings: VectorSettings) -> DocumentVectors:
    """Train vectors of cut documents by their words (Le & Mikolov 2014, the bag of words; PV-DBOW).

    Raises `DataError` if no word is frequent enough, and `RecipeError` where gensim is missing.
    """
    models = _gensim()
    _check(documents, settings)
    model = models.Doc2Vec(**_arguments(settings), dm=0, dbow_words=int(settings.kind != "cbow"))
    tagged = [models.doc2vec.TaggedDocument(list(words), [place]) for place, words in enumerate(documents)]
    model.build_vocab(tagged)
    model.train(tagged, total_examples=len(tagged), epochs=settings.epochs)
    return DocumentVectors(np.array(model.dv.vectors[: len(documents)], np.float32), model)


def save_vectors(table: VectorTable, path: Path) -> None:
    """Write a table in word2vec's text form, which `model.embedding.vectors` of a recipe reads."""
    lines = [f"{len(table)} {table.values.shape[1]}"]
    for word, row in zip(table.words, table.values, strict=True):
        lines.append(" ".join([word, *(f"{number:.6g}" for number in row.tolist())]))
    write_bytes(path, ("\n".join(lines) + "\n").encode("utf-8"))


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


def _check(sentences: Sentences, settings: VectorSettings) -> None:
    counts: dict[str, int] = {}
    for words in sentences:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    if max(counts.values(), default=0) < settings.min_count:
        raise DataError(
            "no unit and no run of units occurs {count} times in the texts",
            "lower min_count, or give more texts",
            values={"count": settings.min_count},
        )


def _is_korean(sentences: Sentences) -> bool:
    """Tell whether most of the first thousand words with letters are written in Hangul."""
    words = [word for sentence in sentences[:1000] for word in sentence if word[:1].isalpha()][:1000]
    return sum("가" <= word[0] <= "힣" for word in words) * 2 > len(words)
