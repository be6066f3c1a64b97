"""Turn seconds into steps by timing a few of them on a copy of the model."""

import copy
import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from yeoul.data.batches import Rows
from yeoul.models.protocols import Model
from yeoul.training.loop import Plan, clip_gradient, reduced
from yeoul.training.optimizers import make_optimizer

_TIMED_STEPS = 6
_SAFETY = 0.9  # the share of a budget that is planned for: machines slow down


@dataclass(frozen=True)
class Pace:
    """How long the parts of a training take, in seconds."""

    step: float
    validation: float
    """One pass over the validation rows."""

    def epoch(self, steps: int) -> float:
        return steps * self.step + self.validation

    def steps_within(self, budget_seconds: float, epoch_steps: int) -> int:
        """Return how many steps, each epoch's validation included, fit into a budget; at least one."""
        seconds = _SAFETY * budget_seconds
        whole = int(seconds / self.epoch(epoch_steps))
        rest = seconds - whole * self.epoch(epoch_steps) - self.validation
        return max(1, whole * epoch_steps + max(0, int(rest / self.step)))


def measure_pace(model: Model, plan: Plan, validation: Rows) -> Pace:
    """Time batches of evenly spread lengths, forwards and backwards, on a copy; change nothing."""
    twin = copy.deepcopy(model)
    optimizer = make_optimizer(twin, plan.recipe)
    lengths = plan.rows.lengths
    order = plan.order(0)
    order.sort(key=lambda rows: int(lengths[rows].max()))
    count = min(_TIMED_STEPS, len(order))
    places = (np.arange(count) + 0.5) * len(order) / count  # the middles of equal parts
    chosen = [order[place] for place in places.astype(int)]
    for rows in chosen:  # not timed: the first step of a length sets up memory and kernels for it
        _step(twin, optimizer, plan, rows)
    spent = [_step(twin, optimizer, plan, rows) for rows in chosen]
    asked = sum(len(rows) for rows in chosen)
    return Pace(
        step=sum(forward + backward for forward, backward in spent) / len(chosen),
        validation=sum(forward for forward, _ in spent) / asked * len(validation),
    )


def _step(
    model: Model, optimizer: torch.optim.Optimizer, plan: Plan, rows: npt.NDArray[np.int64]
) -> tuple[float, float]:
    started = time.perf_counter()
    batch = plan.rows.batch(rows).to(plan.device)
    with reduced(plan):
        loss = model.loss(batch)
    value = loss.value(model.counts(batch))
    middle = time.perf_counter()
    optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward(value)
    clip_gradient(model, plan.recipe.clip)
    optimizer.step()
    if plan.device.type == "cuda":
        torch.cuda.synchronize(plan.device)
    return middle - started, time.perf_counter() - middle
