"""Score a trained captioner on other pictures than its own."""

from collections.abc import Mapping
from typing import Any

from yeoul.baselines.captions import Frequent
from yeoul.data.pictures.dataset import read_new_captioned
from yeoul.metrics.captions import CaptionParts
from yeoul.recipe import DataRecipe, PicturesRecipe
from yeoul.tasks.captioning.baselines import FREQUENT
from yeoul.tasks.captioning.captioner import Captioner
from yeoul.tasks.captioning.evaluation import evaluate
from yeoul.tasks.captioning.task import answers_to


def evaluate_captions(
    model: Captioner, data: DataRecipe, pictures: PicturesRecipe, record: Mapping[str, Any], seed: int
) -> dict[str, Any]:
    """Score a model on the pictures of `data.source`, beside the most frequent caption of its training.

    Raises `DataError` for pictures without captions.
    """
    read = read_new_captioned(data, pictures)
    frequent = Frequent(record["baselines"][FREQUENT]["caption"])
    references = read.references()
    beside = {FREQUENT: CaptionParts.of([frequent.caption] * len(read), references)}
    _, answered = answers_to(model, read, learn=False)
    return evaluate(answered, read, beside, FREQUENT, pictures.metric, seed)
