"""The weights of a mixture are the best ones on the rows they were chosen on."""

import numpy as np
import pytest

from yeoul.tasks.classification.mixing import mixed, mixture_weights


def drawn(kind, seed=0, rows=300):
    """A truth and three members: a good one, a weaker one, and one that knows nothing."""
    generator = np.random.default_rng(seed)
    noise = generator.standard_normal((3, rows, 3)) * np.array([1.0, 2.0, 3.0])[:, None, None]
    if kind == "number":
        truth = generator.standard_normal(rows) * 5
        signal = truth[:, None] * np.array([1.0, 0.8, 0.0])[:, None, None]
        return truth, [(signal[m] + noise[m, :, :1]).astype(np.float32) for m in range(3)]
    if kind == "labels":
        truth = generator.integers(0, 2, (rows, 3)).astype(np.float32)
        signal = (2 * truth - 1) * np.array([2.0, 1.0, 0.0])[:, None, None]
        return truth, [(signal[m] + noise[m]).astype(np.float32) for m in range(3)]
    truth = generator.integers(0, 3, rows)
    signal = np.eye(3)[truth] * np.array([2.0, 1.0, 0.0])[:, None, None]
    scores = signal + noise
    scores -= np.logaddexp.reduce(scores, axis=2, keepdims=True)
    return truth, list(scores.astype(np.float32))


def loss(kind, answers, truth):
    match kind:
        case "class":
            return -answers[np.arange(len(truth)), truth].mean()
        case "labels":
            return np.logaddexp(0, np.where(truth > 0, -answers, answers)).mean()
        case "number":
            return np.square(answers[:, 0] - truth).mean()


@pytest.mark.parametrize("kind", ["class", "labels", "number"])
def test_no_other_weights_are_better(kind):
    truth, members = drawn(kind)
    weights = np.array(mixture_weights(kind, members, truth))
    unit = truth.var() if kind == "number" else 1.0

    def objective(chosen):
        pull = np.square(np.asarray(chosen) - 1 / 3).sum() / len(truth)
        return loss(kind, mixed(kind, members, chosen), truth) / unit + pull

    best = objective(weights)
    assert (weights >= 0).all()
    assert weights[0] > weights[2]
    generator = np.random.default_rng(1)
    for _ in range(40):
        assert objective(np.maximum(weights + generator.standard_normal(3) * 0.1, 0)) >= best - 1e-6
    for alone in np.eye(3):
        assert best <= objective(alone) + 1e-6


@pytest.mark.parametrize("kind", ["class", "labels"])
def test_rows_that_are_easily_told_apart_do_not_drive_the_weights_up(kind):
    truth = np.arange(36) % 2 if kind == "class" else (np.arange(36) % 2)[:, None].astype(np.float32)
    odds = np.where(np.arange(36) % 2, 0.1, -0.1).astype(np.float32)
    answers = odds[:, None]
    if kind == "class":
        answers = np.stack([-np.logaddexp(0, odds), -np.logaddexp(0, -odds)], axis=1)
    assert sum(mixture_weights(kind, [answers, answers], truth)) < 10


@pytest.mark.parametrize("kind", ["class", "labels", "number"])
def test_members_that_know_nothing_still_answer_together(kind):
    generator = np.random.default_rng(3)
    for _ in range(20):
        truth, members = drawn(kind, seed=int(generator.integers(1000)), rows=40)
        noise = [one[generator.permutation(40)] for one in members]
        weights = mixture_weights(kind, noise, truth)
        assert np.isfinite(mixed(kind, noise, weights)).all()


def test_a_single_member_of_weight_one_answers_for_itself():
    _, members = drawn("class")
    np.testing.assert_allclose(mixed("class", members, (1.0, 0.0, 0.0)), members[0], atol=1e-5)
