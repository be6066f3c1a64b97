"""Score a trained tagger on other sentences than its own."""

from typing import Any

from yeoul.data.tags.dataset import read_new_tagged
from yeoul.metrics.tags import Metric, tag_value
from yeoul.recipe import DataRecipe
from yeoul.tasks.tagging.baselines import SimpleTaggers
from yeoul.tasks.tagging.evaluation import evaluate
from yeoul.tasks.tagging.tagger import SentenceTagger


def evaluate_tags(
    model: SentenceTagger, kept: SimpleTaggers, data: DataRecipe, metric: Metric, seed: int
) -> dict[str, Any]:
    """Score a model on the sentences of `data.source`, beside the simple models that were kept with it.

    Raises `DataError` for a file without tagged sentences, or without the model's layer of tags.
    """
    layer = model.reading.layer
    sentences = read_new_tagged(data, layer)
    truth = sentences.tags[layer]
    beside = kept.answers(sentences.words)
    against = max(beside, key=lambda name: tag_value(beside[name], truth, metric))
    known = kept.frequent.words
    unseen = [[word not in known for word in words] for words in sentences.words]
    return evaluate(model.tagged(sentences.words), truth, beside, against, metric, seed, unseen)
