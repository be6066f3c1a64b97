"""Score a trained language model on another text, beside the n-grams that were kept with it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from yeoul.data.corpora.corpus import whole_text
from yeoul.errors import DataError, RunError
from yeoul.metrics.language import interpolated
from yeoul.recipe import DataRecipe, NgramRecipe
from yeoul.tasks.generation.evaluation import Told
from yeoul.tasks.generation.ngrams import unigram_of
from yeoul.tasks.generation.writer import TrainedDecoder, TrainedNgrams, Writer


def evaluate_text(
    writer: Writer, kept: Writer | None, data: DataRecipe, seed: int, known: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the scores of the text that `data` names.

    The baselines are `kept`, the run's n-grams, or without such the writer's own, and the frequencies of their tokens;
    `known` are the scores of the run's test part: what its verdict is against, and how the network and the n-grams are
    weighed where they answer together. Raises `DataError` for a text without tokens.
    """
    text = writer.script.stream(whole_text(data, writer.script.reading))
    if not len(text.ids):
        raise DataError("the text has no tokens to be scored", "name another file", where=data.source)
    ours = writer.log_probs(text.ids, text.offsets)
    counted = kept.model if kept is not None else writer.model
    beside = {}
    if isinstance(counted, TrainedNgrams):
        unigram = TrainedNgrams(NgramRecipe(order=1), unigram_of(counted.model, documents=writer.documents))
        beside["unigram"] = unigram.log_probs(writer.script, text.ids, text.offsets)
    if kept is not None:
        beside[kept.name] = kept.log_probs(text.ids, text.offsets)
    if not beside:
        raise RunError("the run's number to beat was not fitted yet", "finish it with --resume")
    told = Told(text, ours, beside, seed)
    against = known.get("verdict", {}).get("against")
    unit = writer.vectorizer.settings.unit
    scores = told.evaluate(unit, against if against in beside else next(reversed(beside)))
    weight = known.get("interpolated", {}).get("weight")
    if weight is None or kept is None or not isinstance(writer.model, TrainedDecoder):
        return scores
    both = interpolated([ours, beside[kept.name]], np.array([weight, 1.0 - weight]))
    return {**scores, "interpolated": {"weight": weight, "scores": told.scores(both)}}
