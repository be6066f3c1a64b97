"""The laws of training: parts = whole, resumed = unbroken, every option acts, what is not finite is caught."""

import hashlib
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from yeoul.data.batches import SequenceRows, SeriesRows, TokenRows
from yeoul.metrics.labels import point_scores
from yeoul.models.build import SeriesInputs, TokenInputs, build_encoder_model
from yeoul.models.heads import ClassHead, NumberHead, balanced_weights
from yeoul.models.loss import add_counts
from yeoul.recipe import NetworkRecipe, TrainingRecipe
from yeoul.training.budget import measure_pace
from yeoul.training.checkpoints import latest_checkpoint, save_checkpoint
from yeoul.training.evaluation import answer_rows
from yeoul.training.events import Diverged, EpochEnded, Progress, Stepped
from yeoul.training.loop import Plan, clip_gradient, train_steps
from yeoul.training.optimizers import make_optimizer, rate_at

CPU = torch.device("cpu")
NETWORK = NetworkRecipe.model_validate(
    {
        "embedding": {"size": 8, "dropout": 0.2, "token_dropout": 0.1},
        "encoder": {"kind": "gru", "hidden_size": 6},
    }
)
RECIPE = TrainingRecipe(epochs=3, batch_size=8, rate=1e-2, select="loss")


def made_rows(count=50, seed=0):
    """SequenceRows of class 1 hold token 1 more often."""
    random = np.random.default_rng(seed)
    targets = random.integers(0, 2, count)
    texts = [
        np.where(random.random(random.integers(0, 12)) < 0.2 + 0.5 * target, 1, random.integers(2, 9))
        for target in targets
    ]
    lengths = np.array([len(text) for text in texts])
    ids = np.concatenate(texts).astype(np.int32)
    return SequenceRows(
        TokenRows(ids, np.concatenate([[0], np.cumsum(lengths)]), np.zeros(count, np.int64)), targets
    )


def made(recipe=RECIPE, seed=7, rows=None):
    """A fresh model with optimizer and plan."""
    torch.manual_seed(seed)
    rows = rows or made_rows()
    weights = balanced_weights(rows.targets, 2) if recipe.class_weights == "balanced" else None

    def make_head(size):
        return ClassHead(size, 2, class_weights=weights, label_smoothing=recipe.label_smoothing)

    model = build_encoder_model(NETWORK, TokenInputs(10), make_head)
    validation = made_rows(30, seed=1)

    def evaluate():
        scores = point_scores(answer_rows(model, validation, CPU), validation.targets)
        return {**scores, "score": scores["accuracy"]}

    classes = rows.targets if recipe.sampling == "balanced" else None
    return model, make_optimizer(model, recipe), Plan(recipe, seed, rows, CPU, evaluate, classes)


def fingerprint(model):
    return hashlib.sha256(
        b"".join(value.numpy().tobytes() for value in model.state_dict().values())
    ).hexdigest()


def run(recipe=RECIPE, seed=7):
    model, optimizer, plan = made(recipe, seed)
    events = list(train_steps(model, optimizer, plan, Progress()))
    return fingerprint(model), events


def test_same_seed_same_weights_and_other_seed_others():
    assert run()[0] == run()[0]
    assert run()[0] != run(seed=8)[0]


def test_it_learns():
    _, events = run(replace_recipe(epochs=12, patience=12))
    epochs = [event for event in events if isinstance(event, EpochEnded)]
    assert epochs[-1].validation["accuracy"] >= 0.8
    assert epochs[-1].loss < epochs[0].loss - 0.1


def replace_recipe(**changes):
    return TrainingRecipe.model_validate({**RECIPE.model_dump(), **changes})


@pytest.mark.parametrize("stop_at", [1, 3, 6, 7, 8, 13, 14, 20])
@pytest.mark.parametrize("sampling", ["plain", "balanced"])
def test_resumed_equals_unbroken_bit_for_bit(tmp_path, stop_at, sampling):
    recipe = replace_recipe(sampling=sampling)
    whole, whole_events = run(recipe)

    model, optimizer, plan = made(recipe)
    for event in train_steps(model, optimizer, plan, Progress()):
        if isinstance(event, Stepped) and event.progress.step == stop_at:
            save_checkpoint(tmp_path, model, optimizer, event.progress, 0, lambda folder: None)
            break
    model, optimizer, plan = made(recipe, seed=99)  # other first weights: all must come from the checkpoint
    checkpoint = latest_checkpoint(tmp_path)
    checkpoint.restore(model, optimizer)
    later = list(train_steps(model, optimizer, replace(plan, seed=7), checkpoint.progress))

    assert fingerprint(model) == whole
    missing = [
        told(event) for event in whole_events if event.progress.step > stop_at or is_epoch_of(event, stop_at)
    ]
    assert [told(event) for event in later] == missing


def is_epoch_of(event, step):
    return isinstance(event, EpochEnded) and event.progress.step == step


def told(event):
    """An event without its times."""
    quiet = replace(event.progress, seconds=0.0)
    event = replace(event, progress=quiet)
    return replace(event, tokens_per_second=0.0) if isinstance(event, EpochEnded) else event


def test_cutting_a_batch_into_parts_leaves_the_gradient():
    gradients = []
    for parts in (1, 3):
        model, _, plan = made()
        model.eval()  # dropout draws anew for each part
        batches = [plan.rows.batch(part) for part in np.array_split(np.arange(8), parts)]
        counts = add_counts([model.counts(batch) for batch in batches])
        for batch in batches:
            model.loss(batch).value(counts).backward()
        gradients.append([parameter.grad.clone() for parameter in model.parameters()])
    for whole, parts in zip(*gradients, strict=True):
        torch.testing.assert_close(parts, whole, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("longest", [1e-3, 1e3])
def test_clipping_is_that_of_torch(longest):
    clipped = []
    for clip in (
        clip_gradient,
        lambda *one: float(torch.nn.utils.clip_grad_norm_(one[0].parameters(), one[1])),
    ):
        model, _, plan = made()
        batch = plan.rows.batch(np.arange(8))
        model.eval().loss(batch).value(model.counts(batch)).backward()
        norm = clip(model, longest)
        clipped.append([norm, *(parameter.grad for parameter in model.parameters())])
    for ours, theirs in zip(*clipped, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


@pytest.mark.parametrize(
    "changes",
    [
        {"epochs": 2},
        {"max_steps": 5},
        {"batch_size": 9},
        {"accumulation": 2},
        {"rate": 2e-2},
        {"weight_decay": 0.3},
        {"warmup": 0.5},
        {"decay": "cosine"},
        {"decay": "none"},
        {"clip": 0.01},
        {"class_weights": "balanced"},
        {"sampling": "balanced"},
        {"label_smoothing": 0.1},
    ],
    ids=str,
)
def test_every_training_option_acts_on_the_weights(changes):
    assert run(replace_recipe(**changes))[0] != run()[0]


def test_select_and_patience_decide_when_to_stop_and_what_is_best():
    model, optimizer, plan = made(replace_recipe(epochs=9, patience=2))
    scores = iter([3.0, 2.0, 2.5, 2.0, 1.0])
    plan = replace(plan, evaluate=lambda: {"loss": next(scores), "score": 0.5, "macro_f1": 0.5})
    epochs = [e for e in train_steps(model, optimizer, plan, Progress()) if isinstance(e, EpochEnded)]
    assert [epoch.improved for epoch in epochs] == [True, True, False, False]
    assert epochs[-1].progress.best_step == epochs[1].progress.step
    model, optimizer, plan = made(replace_recipe(epochs=9, patience=2, select="score"))
    values = iter([0.5, 0.6, 0.7, 0.7, 0.6])
    plan = replace(plan, evaluate=lambda: {"loss": 1.0, "score": next(values), "macro_f1": 0.5})
    epochs = [e for e in train_steps(model, optimizer, plan, Progress()) if isinstance(e, EpochEnded)]
    assert [epoch.improved for epoch in epochs] == [True, True, True, False, False]
    model, optimizer, plan = made(replace_recipe(epochs=4, patience=2, select="score"))
    losses = iter([0.9, 0.8, 0.85, 0.7])
    plan = replace(plan, evaluate=lambda: {"loss": next(losses), "score": 0.7, "macro_f1": 0.7})
    epochs = [e for e in train_steps(model, optimizer, plan, Progress()) if isinstance(e, EpochEnded)]
    assert [epoch.improved for epoch in epochs] == [True, True, False, True], (
        "equal scores: the smaller loss wins"
    )


def test_a_loss_that_is_not_finite_is_caught_before_the_step():
    model, optimizer, plan = made()
    with torch.no_grad():
        model.head.project.bias[0] = math.inf
    before = fingerprint(model)
    events = list(train_steps(model, optimizer, plan, Progress()))
    assert len(events) == 1
    assert isinstance(events[0], Diverged)
    assert fingerprint(model) == before


def test_an_exploding_rate_never_leaves_weights_that_are_not_finite():
    model, optimizer, plan = made(replace_recipe(rate=1e30, warmup=0.0, clip=1e30))
    for event in train_steps(model, optimizer, plan, Progress()):
        if isinstance(event, Diverged):
            break
    else:
        pytest.fail("a rate of 1e30 must diverge")


def test_the_rate_rises_and_falls():
    recipe = replace_recipe(warmup=0.1, rate=1.0)
    rates = [rate_at(step, 100, recipe) for step in range(100)]
    assert rates[:10] == pytest.approx([step / 10 for step in range(1, 11)])
    assert rates[10] == 1.0
    assert all(later < sooner for sooner, later in pairwise(rates[10:]))
    assert 0 < rates[-1] < 0.02
    cosine = [rate_at(step, 100, replace_recipe(warmup=0.1, rate=1.0, decay="cosine")) for step in range(100)]
    assert cosine[55] == pytest.approx(0.5, abs=0.01)


def test_pruning_keeps_the_newest_two_and_the_best(tmp_path):
    model, optimizer, _ = made()
    for step in range(1, 7):
        progress = Progress(step=step, best_step=2 if step >= 2 else step)
        save_checkpoint(tmp_path, model, optimizer, progress, step, lambda folder: None)
    assert sorted(path.name for path in tmp_path.glob("step-*")) == [
        "step-00000002",
        "step-00000005",
        "step-00000006",
    ]
    assert latest_checkpoint(tmp_path).metrics_lines == 6
    assert (tmp_path / "BEST").read_text().strip() == "step-00000002"


def test_a_damaged_checkpoint_falls_back_to_the_one_before(tmp_path):
    model, optimizer, _ = made()
    for step in (1, 2):
        save_checkpoint(tmp_path, model, optimizer, Progress(step=step), 0, lambda folder: None)
    damaged = tmp_path / "step-00000002" / "weights.safetensors"
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    assert latest_checkpoint(tmp_path).progress.step == 1


def test_timing_changes_nothing():
    model, _, plan = made()
    before = fingerprint(model)
    pace = measure_pace(model, plan, made_rows(30))
    assert fingerprint(model) == before
    assert pace.step > 0
    assert pace.steps_within(100 * pace.step, plan.epoch_steps) < 100
    assert pace.steps_within(1e-9, plan.epoch_steps) == 1


def test_balanced_sampling_needs_one_class_a_row():
    _, _, plan = made(replace_recipe(sampling="balanced"))
    with pytest.raises(ValueError, match="one class a row"):
        replace(plan, classes=None)


def test_a_number_is_learned_from_series():
    random = np.random.default_rng(0)
    lengths = random.integers(1, 9, 80)
    values = random.normal(size=(int(lengths.sum()), 2)).astype(np.float32)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    targets = 1000.0 + 50.0 * np.add.reduceat(values[:, 0].astype(np.float64), offsets[:-1])
    rows = SequenceRows(SeriesRows(values, offsets, np.zeros(80, np.int64)), targets)
    torch.manual_seed(0)
    recipe = NetworkRecipe.model_validate(
        {"embedding": None, "dropout": 0.0, "encoder": {"kind": "gru", "hidden_size": 12, "pooling": "sum"}}
    )
    model = build_encoder_model(
        recipe,
        SeriesInputs(2),
        lambda size: NumberHead(size, mean=float(targets.mean()), scale=float(targets.std())),
    )

    def evaluate():
        error = float(np.abs(answer_rows(model, rows, CPU)[:, 0] - targets).mean())
        return {"loss": error, "score": -error}

    training = replace_recipe(epochs=15, patience=15, rate=2e-2)
    plan = Plan(training, 1, rows, CPU, evaluate)
    events = list(train_steps(model, make_optimizer(model, training), plan, Progress()))
    scores = [event.validation["score"] for event in events if isinstance(event, EpochEnded)]
    assert scores[-1] > -0.3 * targets.std()
