"""Word vectors, wherever they are: in a file, a public set or a run."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from yeoul.api.run import Run
from yeoul.data.first_vectors import vectors_path
from yeoul.data.vectors import open_vectors
from yeoul.errors import RunError
from yeoul.runs.folder import is_run
from yeoul.tasks.classification.classifier import TrainedNetwork
from yeoul.tasks.classification.inputs import ReadTexts
from yeoul.tasks.generation.writer import TrainedDecoder
from yeoul.text.vectortables import VectorTable


def load_vectors(source: str | Path) -> VectorTable:
    """Open the vectors of a file, of a public set, or those that a run has learned for its tokens.

    >>> load_vectors("glove").neighbors("korea", 3)                          # doctest: +SKIP

    Raises `DataError` for what is no such file, and `RunError` for a run without vectors of words.
    """
    return _of_run(Run(Path(source))) if is_run(source) else open_vectors(vectors_path(str(source)))


def _of_run(run: Run) -> VectorTable:
    """Return what a run has learned for its tokens, the unknown one left out."""
    match run.record["task"]:
        case "classify":
            network = run.classifier.model
            if isinstance(network, TrainedNetwork) and isinstance(network.vectorizer, ReadTexts):
                vocabulary = network.vectorizer.vectorizer.tokenizer.get_vocab()
                return _table(vocabulary, network.model.state_dict()["embedding.weight"].cpu().numpy())
        case "generate":
            writer = run.writer
            if isinstance(writer.model, TrainedDecoder):
                vectors = writer.model.model.vectors.detach().cpu().numpy()
                return _table(writer.vectorizer.tokenizer.get_vocab(), vectors)
    raise RunError("the run's model has no vectors of words", "name a network that reads texts", where=run.id)


def _table(vocabulary: Mapping[str, int], values: npt.NDArray[np.float32]) -> VectorTable:
    words = sorted(vocabulary, key=lambda word: vocabulary[word])[1:]
    return VectorTable.of(words, values[1 : len(words) + 1].astype(np.float32))
