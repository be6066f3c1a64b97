"""Where the tokens of a model's vocabulary lie, on a plane."""

from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from yeoul.api import Run
from yeoul.data.vectorizers import TextVectorizer
from yeoul.errors import DataError, UsageError
from yeoul.layers import Embedding
from yeoul.report.vector_map import project
from yeoul.studio.inside import network_of
from yeoul.tasks.classification.inputs import ReadTexts, Vectorizer
from yeoul.tasks.generation.writer import TrainedDecoder
from yeoul.text.vectortables import VectorTable
from yeoul.text.writing import Spelling

Vectors: TypeAlias = tuple[list[str], npt.NDArray[np.float32]]
"""Tokens, the most frequent first, and their vectors (V, D)."""


def embedding_map(run: Run, count: int, method: Literal["pca", "tsne"]) -> dict[str, Any]:
    """Return the tokens that a model knows best on a plane, x and y from 0 to 1.

    Raises `UsageError` for a model without vectors of tokens.
    """
    words, vectors = _vectors(run)
    known = [place for place, word in enumerate(words) if word.strip()]
    longer = [place for place in known if len(words[place].strip()) > 1]  # letters come before sub-words
    kept = (longer if len(longer) >= count else known)[:count]
    table = VectorTable.of([words[place] for place in kept], vectors[kept])
    try:
        drawn = project(table, table.words, method)
    except ValueError as error:
        raise DataError("the vocabulary is too small for a map", "try another run", where=run.id) from error
    low, high = drawn.places.min(axis=0), drawn.places.max(axis=0)
    places = (drawn.places - low) / np.where(high > low, high - low, 1)
    return {
        "method": drawn.method,
        "share": None if drawn.share is None else round(drawn.share, 4),
        "of": len(words),
        "points": [
            {"text": word, "x": round(float(x), 4), "y": round(float(y), 4), "group": int(group)}
            for word, (x, y), group in zip(drawn.words, places, drawn.groups, strict=True)
        ],
    }


def _vectors(run: Run) -> Vectors:
    """Return the tokens of a model, the most frequent first, and their vectors (V, D)."""
    match run.record["task"]:
        case "classify":
            network = network_of(run.classifier)
            if found := _embedded(network.model, network.vectorizer):
                return found
        case "compare":
            if found := _embedded(run.comparer.model, run.comparer.vectorizer):
                return found
        case "generate":
            writer = run.writer
            if isinstance(writer.model, TrainedDecoder):
                return _told(writer.vectorizer, writer.model.model.vectors)
        case "transduce":
            model = run.translator.model
            own = [
                model.vectors.sources,
                model.vectors.targets,
                model.head.weight,
            ]  # as `TokenVectors` chooses
            return _told(run.translator.sides.source, next(each for each in own if each is not None))
    raise UsageError("this model has no vectors of tokens", "try another run", where=run.id)


def _embedded(model: nn.Module, vectorizer: Vectorizer) -> Vectors | None:
    table = next((part for part in model.modules() if isinstance(part, Embedding)), None)
    if table is None or not isinstance(vectorizer, ReadTexts):
        return None
    return _told(vectorizer.vectorizer, table.weight)


def _told(vectorizer: TextVectorizer, vectors: Tensor) -> Vectors:
    pieces = Spelling.of(vectorizer.tokenizer, vectorizer.settings.unit, closed=False).pieces[1:]
    return list(pieces), vectors.detach()[1 : len(pieces) + 1].float().cpu().numpy()
