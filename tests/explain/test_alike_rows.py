"""Training rows that have to do with an answer."""

import copy

import numpy as np
import pyarrow as pa
import pytest
import torch
from small_models import LABELS, TEXTS, classifier, linear

from yeoul.data.batches import Batch
from yeoul.data.examples import TEXT, Examples
from yeoul.errors import UsageError
from yeoul.explain.goals import Goal
from yeoul.explain.neighbors import Known
from yeoul.models.encoder_model import EncoderModel
from yeoul.padded import Padded
from yeoul.tasks.classification.classifier import Classifier, TrainedLinear
from yeoul.tasks.classification.targets import ClassTarget


def rows():
    return Examples(
        {TEXT: pa.array(TEXTS)},
        pa.array(["좋음", "나쁨", "보통", "나쁨"]),
        ("리뷰.csv",),
        np.zeros(4, np.int16),
        np.arange(2, 6),
    )


def test_a_training_row_is_most_similar_to_itself():
    model = classifier()
    known = Known.of(model, rows(), series=False)
    for place, text in enumerate(TEXTS):
        found = known.examples([text], Goal("class", 0, LABELS[0]), 2)
        assert (found.rows_seen, len(found.similar)) == (4, 2)
        assert found.similar[0].where == f"리뷰.csv:{place + 2}"
        assert found.similar[0].value == pytest.approx(1.0, abs=1e-5)


def test_influence_is_what_a_step_of_training_does():
    """A small step of the last layer on one row moves the margin by the rate times the row's influence."""
    model, asked, rate = classifier(), TEXTS[2], 1e-3
    network: EncoderModel = model.model.model
    goal = Goal("class", 2, "좋음")
    known = Known.of(model, rows(), series=False)
    found = known.examples([asked], goal, 4)
    told = {one.where: one.value for one in (*found.supporting, *found.opposing)}
    for place, text in enumerate(TEXTS):
        taught = copy.deepcopy(network).eval()
        ids, lengths = model.model.vectorizer([text]).gather(np.zeros(1, np.int64))
        truth = model.target.encode(rows())[place : place + 1]
        batch = Batch(
            {"text": Padded(torch.from_numpy(ids)[None], torch.from_numpy(lengths))},
            torch.from_numpy(truth),
            torch.arange(1),
        )
        head = list(taught.head.parameters())
        slopes = torch.autograd.grad(taught.loss(batch).value({"cross_entropy": 1.0}), head)
        with torch.no_grad():
            for weight, slope in zip(head, slopes, strict=True):
                weight -= rate * slope
        before, after = (goal.margin(answers(one, model, asked))[0] for one in (network, taught))
        assert told[f"리뷰.csv:{place + 2}"] == pytest.approx((after - before) / rate, rel=0.05, abs=0.02)


def answers(network, model, text):
    ids, lengths = model.model.vectorizer([text]).gather(np.zeros(1, np.int64))
    batch = Batch(
        {"text": Padded(torch.from_numpy(ids)[None], torch.from_numpy(lengths))}, None, torch.arange(1)
    )
    with torch.no_grad():
        return network.answers(batch).numpy()


def test_a_linear_model_has_no_such_rows():
    alone = Classifier(TrainedLinear(linear()), ClassTarget(("나쁨", "좋음")))
    with pytest.raises(UsageError, match="only a network"):
        Known.of(alone, rows(), series=False)
