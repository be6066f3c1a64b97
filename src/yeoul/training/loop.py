"""The training loop, a generator of events.

The state is `Progress` in, `Progress` out (in every event); the weights and the optimizer's memory change in
place. The listener may stop at any event: what it saves there is enough to go on bit for bit, because the
order of rows and the random numbers of every step follow from the seed and the step alone.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from yeoul.data.batches import Rows, balanced_order, balanced_rows, steps_per_epoch
from yeoul.models.loss import add_counts
from yeoul.models.protocols import Model
from yeoul.recipe import TrainingRecipe
from yeoul.training.averaging import Average
from yeoul.training.events import Diverged, EpochEnded, Progress, Stepped, TrainingEvent
from yeoul.training.memory import give_memory_back
from yeoul.training.optimizers import rate_at

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """What stays the same from the first step to the last."""

    recipe: TrainingRecipe
    seed: int
    rows: Rows
    device: torch.device
    evaluate: Callable[[], Mapping[str, float]]
    """Score the validation rows; names include the recipe's `select`."""
    classes: Places | None = None
    """The class (N,) of each row, where rows are drawn by it."""

    def __post_init__(self) -> None:
        if self.recipe.sampling == "balanced" and self.classes is None:
            raise ValueError("balanced sampling needs one class a row")

    @cached_property
    def epoch_steps(self) -> int:
        rows = len(self.rows) if self.classes is None else balanced_rows(self.classes)
        return steps_per_epoch(rows, self.recipe.batch_size)

    @property
    def total_steps(self) -> int:
        steps = self.recipe.epochs * self.epoch_steps
        return min(steps, self.recipe.max_steps or steps)

    def order(self, epoch: int) -> list[Places]:
        """Return the rows of each batch of an epoch."""
        if self.classes is None:
            return self.rows.order(self.recipe.batch_size, self.seed, epoch)
        return balanced_order(self.rows.lengths, self.classes, self.recipe.batch_size, self.seed, epoch)


def train_steps(
    model: Model,
    optimizer: torch.optim.Optimizer,
    plan: Plan,
    progress: Progress,
    average: Average | None = None,
) -> Iterator[TrainingEvent]:
    """Train until the last step, or until `patience` epochs brought nothing; go on from `progress`.

    With an `average`, that is what `plan` evaluates.
    """
    recipe = plan.recipe
    order_of, order = -1, list[Places]()
    epoch_start = progress
    mark = time.perf_counter()  # the listener's own time, between a yield and the next turn, does not count
    while True:
        step = progress.step
        if _epoch_is_over(progress, plan):
            speed = (progress.tokens - epoch_start.tokens) / max(1e-9, progress.seconds - epoch_start.seconds)
            model.eval()
            if average is not None:
                average.answering(model, progress)
            give_memory_back()
            validation = plan.evaluate()
            give_memory_back()
            if not all(math.isfinite(value) for value in validation.values()):
                yield Diverged(progress, validation["loss"], math.nan)
                return
            spent = replace(progress, seconds=progress.seconds + time.perf_counter() - mark)
            event = _epoch_ended(spent, plan, validation, speed)
            progress = epoch_start = event.progress
            yield event
            mark = time.perf_counter()
        if step >= plan.total_steps or progress.epochs_without_gain >= recipe.patience:
            return
        epoch, place = divmod(step, plan.epoch_steps)
        if epoch != order_of:
            order_of, order = epoch, plan.order(epoch)
        if average is not None:
            progress = average.begun(progress)
        rate = rate_at(step, plan.total_steps, recipe) * progress.rate_scale
        for group in optimizer.param_groups:
            group["lr"] = rate
        torch.manual_seed(step_seed(plan.seed, step))
        model.train()
        model.progress(step / plan.total_steps)
        loss, count, tokens = _gradient(model, optimizer, plan, order[place])
        norm = clip_gradient(model, recipe.clip)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            yield Diverged(progress, loss, norm)
            return
        optimizer.step()
        progress = replace(
            progress,
            step=step + 1,
            loss_total=progress.loss_total + loss * count,
            loss_count=progress.loss_count + count,
            seconds=progress.seconds + time.perf_counter() - mark,
            tokens=progress.tokens + tokens,
        )
        if average is not None:
            average.follow(model, progress)
        yield Stepped(progress, plan.total_steps, loss, rate)
        mark = time.perf_counter()


def step_seed(seed: int, step: int) -> int:
    """Return the seed of one step's random numbers (dropout), a pure function of its arguments."""
    return int(np.random.SeedSequence([seed, step]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def clip_gradient(model: nn.Module, longest: float) -> float:
    """Shorten the gradient over all weights to a norm of `longest`, where it is longer; return its norm before.

    A gradient that is short enough is left alone: that saves going through that of a large embedding once more.
    """
    norm = nn.utils.get_total_norm([weight.grad for weight in model.parameters() if weight.grad is not None])
    if norm > longest:
        nn.utils.clip_grads_with_norm_(model.parameters(), longest, norm)
    return float(norm)


def _gradient(
    model: Model, optimizer: torch.optim.Optimizer, plan: Plan, rows: Places
) -> tuple[float, float, int]:
    """Leave the gradient of a batch in the weights; return its loss, what its terms counted and its tokens."""
    optimizer.zero_grad(set_to_none=True)
    parts = [
        plan.rows.batch(part).to(plan.device)
        for part in np.array_split(rows, min(plan.recipe.accumulation, len(rows)))
    ]
    counts = add_counts([model.counts(part) for part in parts])
    total = 0.0
    for part in parts:
        with reduced(plan):
            loss = model.loss(part)
        value = loss.value(counts)
        torch.autograd.backward(value)
        total += float(value.detach())
    return total, sum(counts.values()), sum(part.tokens for part in parts)


def reduced(plan: Plan) -> torch.autocast:
    """Return the context in which a loss is computed in the recipe's precision."""
    return torch.autocast(plan.device.type, torch.bfloat16, enabled=plan.recipe.precision == "bfloat16")


def _epoch_is_over(progress: Progress, plan: Plan) -> bool:
    at_end = progress.step % plan.epoch_steps == 0 or progress.step >= plan.total_steps
    return at_end and progress.step > progress.evaluated_step


def _epoch_ended(progress: Progress, plan: Plan, validation: Mapping[str, float], speed: float) -> EpochEnded:
    value = validation[plan.recipe.select]
    better = -value if plan.recipe.select == "loss" else value
    best = progress.best_value
    improved = best is None or (better, -validation["loss"]) > (best, -progress.best_loss)
    loss = progress.loss_total / progress.loss_count
    after = replace(
        progress,
        loss_total=0.0,
        loss_count=0.0,
        evaluated_step=progress.step,
        best_value=better if improved else progress.best_value,
        best_loss=validation["loss"] if improved else progress.best_loss,
        best_step=progress.step if improved else progress.best_step,
        epochs_without_gain=0 if improved else progress.epochs_without_gain + 1,
    )
    rate = rate_at(max(0, progress.step - 1), plan.total_steps, plan.recipe) * progress.rate_scale
    epoch = -(-progress.step // plan.epoch_steps)
    return EpochEnded(after, epoch, loss, validation, rate, improved, speed)
