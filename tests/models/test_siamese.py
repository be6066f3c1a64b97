"""Models of likeness: the laws of all models, symmetry, and losses against their definitions."""

import numpy as np
import pytest
import torch

from yeoul.data.comparisons.rows import ComparedRows
from yeoul.data.tokens import TokenRows
from yeoul.models.build import TokenInputs
from yeoul.models.build_siamese import build_siamese, describe_siamese
from yeoul.models.likeness_heads import CosineHead
from yeoul.models.likeness_losses import Contrastive, Logistic, Regression, Retrieval
from yeoul.recipe import ComparingRecipe, SiameseRecipe

ENCODERS = [
    {"kind": "gru", "hidden_size": 6},
    {"kind": "cnn", "channels": 4, "widths": [2, 3]},
    {"kind": "bag"},
]
KINDS = [("cosine", True), ("cosine", False), ("learned", True), ("learned", False)]


def model_of(head, symmetric, encoder=ENCODERS[0], loss="logistic"):
    torch.manual_seed(3)
    recipe = SiameseRecipe.model_validate(
        {"embedding": {"size": 5}, "encoder": encoder, "head": head, "dropout": 0.0}
    )
    comparing = ComparingRecipe(symmetric=symmetric, loss=loss)
    return build_siamese(recipe, comparing, TokenInputs(11), np.array([1.0, 3.0])).eval()


def tokens(lengths, seed):
    ids = np.random.default_rng(seed).integers(0, 11, sum(lengths)).astype(np.int32)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return TokenRows(ids, offsets, np.zeros(len(lengths), np.int64))


LEFT, RIGHT = tokens([3, 1, 7, 0], 1), tokens([2, 6, 7, 4], 2)


@pytest.mark.parametrize("encoder", ENCODERS, ids=lambda one: one["kind"])
@pytest.mark.parametrize(("head", "symmetric"), KINDS)
def test_a_pair_is_as_close_in_any_company(head, symmetric, encoder):
    model = model_of(head, symmetric, encoder)
    rows = ComparedRows(LEFT, RIGHT)
    together = model.answers(rows.batch(np.arange(4)))
    for row in range(4):
        alone = model.answers(rows.batch(np.array([row])))
        torch.testing.assert_close(alone[0], together[row], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("head", "symmetric"), KINDS)
def test_each_with_each_holds_the_pairs(head, symmetric):
    model = model_of(head, symmetric)
    batch = ComparedRows(LEFT, RIGHT).batch(np.arange(4))
    sides = [model.summaries(batch.inputs[side]) for side in ("left", "right")]
    torch.testing.assert_close(model.matrix(*sides).diagonal(), model.answers(batch), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("head", "symmetric"), KINDS)
def test_only_symmetric_heads_do_not_care_which_is_left(head, symmetric):
    model = model_of(head, symmetric)
    here = model.answers(ComparedRows(LEFT, RIGHT).batch(np.arange(4)))
    there = model.answers(ComparedRows(RIGHT, LEFT).batch(np.arange(4)))
    assert torch.allclose(here, there, atol=1e-6) == symmetric


def summaries(seed=0):
    left, right = torch.randn(2, 4, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return left, right


TARGETS = torch.tensor([[1, 0, 0], [0, 1, 2], [1, 3, 3], [1, 3, 3]], dtype=torch.float64)


@torch.no_grad()
def test_the_contrastive_loss():
    left, right = summaries()
    cosines = torch.cosine_similarity(left, right)
    loss = Contrastive(0.2).loss(CosineHead(3, symmetric=True), left, right, TARGETS)
    expected = [
        (1 - s) ** 2 if match else max(0.0, s - 0.2) ** 2
        for s, match in zip(cosines.tolist(), [1, 0, 1, 1], strict=True)
    ]
    assert float(loss.terms["contrastive"].total) == pytest.approx(sum(expected))
    assert loss.terms["contrastive"].count == 4


@torch.no_grad()
def test_the_logistic_and_the_regression_loss():
    left, right = summaries()
    head = CosineHead(3, symmetric=True)
    objective = Logistic(10.0, 0.5)
    odds = objective.answer(head(left, right))
    expected = torch.nn.functional.binary_cross_entropy(odds.sigmoid(), TARGETS[:, 0], reduction="sum")
    assert float(objective.loss(head, left, right, TARGETS).terms["cross_entropy"].total) == pytest.approx(
        float(expected)
    )
    numbers = Regression(2.0, 4.0)
    said = numbers.answer(head(left, right))
    gaps = ((said - TARGETS[:, 0]) / 4).abs()
    huber = torch.where(gaps < 1, 0.5 * gaps**2, gaps - 0.5).sum()
    total = numbers.loss(head, left, right, TARGETS).terms["huber"].total
    assert float(total) == pytest.approx(float(huber), rel=1e-5)


@torch.no_grad()
def test_the_loss_of_a_retrieval_leaves_out_what_belongs_to_the_same_group():
    left, right = summaries()
    head, objective = CosineHead(3, symmetric=True), Retrieval(10.0, both_ways=False)
    logits = 10 * torch.cosine_similarity(left[:, None], right[None], dim=-1)
    found = objective.loss(head, left, right, TARGETS).terms["cross_entropy"]
    # rows 0, 2 and 3 match; rows 2 and 3 are of one group, so neither is wrong for the other
    expected = [
        torch.nn.functional.cross_entropy(logits[0], torch.tensor(0)),
        torch.nn.functional.cross_entropy(logits[2, [0, 1, 2]], torch.tensor(2)),
        torch.nn.functional.cross_entropy(logits[3, [0, 1, 3]], torch.tensor(2)),
    ]
    assert float(found.total) == pytest.approx(float(sum(expected)), rel=1e-5)
    assert found.count == 3 == objective.counts(TARGETS)["cross_entropy"]


@pytest.mark.parametrize("loss", ["contrastive", "logistic", "regression", "retrieval"])
def test_every_loss_teaches_four_rows(loss):
    model = model_of("cosine", True, loss=loss).train()
    targets = np.array([[1, 0, 0], [0, 1, 2], [1, 3, 3], [0, 4, 5]], float)
    batch = ComparedRows(tokens([3, 2, 5, 4], 5), tokens([2, 6, 3, 4], 6), targets).batch(np.arange(4))
    optimizer = torch.optim.Adam(model.parameters(), 0.05)
    losses = []
    for _ in range(60):
        value = model.loss(batch).value(model.counts(batch))
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    assert losses[-1] < 0.1 * losses[0]


def test_the_name_of_a_model():
    assert describe_siamese(SiameseRecipe()) == "Siamese BiLSTM 1×128, max, cosine"
