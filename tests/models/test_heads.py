"""The laws of heads: torch's losses are the oracle, parts add up to the whole, answers are what they say."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from yeoul.models.heads import ClassHead, LabelsHead, NumberHead, balanced_weights
from yeoul.models.loss import add_counts

SIZE, CLASSES = 5, 4


def features(rows=9):
    return torch.randn(rows, SIZE, generator=torch.Generator().manual_seed(0))


def value(head, features, targets):
    return head.loss(features, targets).value(head.counts(targets))


WEIGHTS = np.array([0.2, 1.0, 3.0, 0.7], np.float32)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_class_loss_is_that_of_torch(weights, smoothing):
    head = ClassHead(SIZE, CLASSES, class_weights=weights, label_smoothing=smoothing)
    targets = torch.tensor([0, 1, 2, 3, 3, 3, 1, 0, 2])
    oracle = torch.nn.CrossEntropyLoss(
        None if weights is None else torch.from_numpy(weights), label_smoothing=smoothing
    )
    expected = oracle(head.project(features()), targets)
    torch.testing.assert_close(value(head, features(), targets), expected)

    log_probs = head(features()).detach().double()  # and the formula that the head's docstring states
    w = torch.ones(CLASSES).double() if weights is None else torch.from_numpy(weights).double()
    own = -(1 - smoothing) * w[targets] * log_probs[torch.arange(9), targets]
    spread = -smoothing / CLASSES * (log_probs * w).sum(dim=1)
    torch.testing.assert_close(
        expected.detach().double(), (own + spread).sum() / w[targets].sum(), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("parts", [1, 2, 4])
def test_parts_of_a_batch_add_up_to_the_whole(parts):
    classes = torch.tensor([0, 1, 2, 3, 3, 3, 1, 0, 2])
    labels = torch.randint(0, 2, (9, CLASSES), generator=torch.Generator().manual_seed(1)).float()
    numbers = torch.linspace(-3, 9, 9, dtype=torch.float64)
    for head, targets in (
        (ClassHead(SIZE, CLASSES, class_weights=WEIGHTS, label_smoothing=0.2), classes),
        (LabelsHead(SIZE, CLASSES), labels),
        (NumberHead(SIZE, mean=2.0, scale=3.0), numbers),
    ):
        cut = list(zip(features().tensor_split(parts), targets.tensor_split(parts), strict=True))
        counts = add_counts([head.counts(one) for _, one in cut])
        total = sum(head.loss(rows, one).value(counts) for rows, one in cut)
        torch.testing.assert_close(total, value(head, features(), targets))


def test_labels_loss_and_answers_are_those_of_torch():
    head = LabelsHead(SIZE, CLASSES)
    targets = torch.randint(0, 2, (9, CLASSES), generator=torch.Generator().manual_seed(1)).float()
    probs = torch.sigmoid(head(features()))
    torch.testing.assert_close(
        value(head, features(), targets), torch.nn.functional.binary_cross_entropy(probs, targets)
    )


@given(st.integers(-10_000, 10_000), st.sampled_from([0.01, 1.0, 50.0, 1e4]))
def test_the_unit_of_numbers_changes_answers_and_leaves_the_loss(shift, scale):
    torch.manual_seed(0)
    plain, moved = NumberHead(SIZE, mean=0.0, scale=1.0), NumberHead(SIZE, mean=shift, scale=scale)
    moved.project.load_state_dict(plain.project.state_dict())
    targets = torch.linspace(-3, 3, 9, dtype=torch.float64)
    torch.testing.assert_close(
        value(moved, features(), targets * scale + shift), value(plain, features(), targets)
    )
    expected = plain(features()) * scale + shift
    torch.testing.assert_close(moved(features()), expected, rtol=1e-5, atol=1e-5 * (scale + abs(shift)))
    assert moved(features()).shape == (9, 1)


def test_a_number_head_keeps_its_unit_in_its_weights():
    head, other = NumberHead(SIZE, mean=17.0, scale=4.0), NumberHead(SIZE, mean=0.0, scale=1.0)
    other.load_state_dict(head.state_dict())
    assert torch.equal(other(features()), head(features()))
    with pytest.raises(ValueError, match="scale"):
        NumberHead(SIZE, mean=0.0, scale=0.0)


def test_class_weights_are_not_saved_for_answers_do_not_need_them():
    weighted, plain = ClassHead(SIZE, CLASSES, class_weights=WEIGHTS), ClassHead(SIZE, CLASSES)
    assert weighted.state_dict().keys() == plain.state_dict().keys()
    plain.load_state_dict(weighted.state_dict())
    assert torch.equal(plain(features()), weighted(features()))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60))
def test_balanced_weights_are_those_of_scikit_learn(targets):
    targets = np.array(targets)
    found = np.unique(targets)
    weights = balanced_weights(targets, 4)
    expected = compute_class_weight("balanced", classes=found, y=targets)
    np.testing.assert_allclose(weights[found], expected, rtol=1e-6)
    assert (np.delete(weights, found) == 1).all()
    shares = [weights[targets][targets == one].sum() for one in found]
    np.testing.assert_allclose(shares, len(targets) / len(found), rtol=1e-5)
