"""AdamW (Loshchilov & Hutter 2019) or plain SGD, the rate over time, and the state as named tensors."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from yeoul.recipe import TrainingRecipe

_SEPARATOR = "|"


def make_optimizer(model: nn.Module, recipe: TrainingRecipe) -> torch.optim.Optimizer:
    """Return the recipe's optimizer over all weights; matrices decay, biases do not."""
    matrices = [weight for weight in model.parameters() if weight.dim() > 1]
    vectors = [weight for weight in model.parameters() if weight.dim() <= 1]
    groups = [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    match recipe.optimizer:
        case "adamw":
            return torch.optim.AdamW(groups, lr=recipe.rate, fused=True)
        case "sgd":
            return torch.optim.SGD(groups, lr=recipe.rate)


def rate_at(step: int, total_steps: int, recipe: TrainingRecipe) -> float:
    """Return the learning rate of step `step` (from 0): a straight rise, then the decay towards zero."""
    warmup = int(recipe.warmup * total_steps)
    if step < warmup:
        return recipe.rate * (step + 1) / warmup
    left = (total_steps - step) / max(1, total_steps - warmup)
    match recipe.decay:
        case "linear":
            return recipe.rate * left
        case "cosine":
            return recipe.rate * 0.5 * (1.0 - math.cos(math.pi * left))
        case "none":
            return recipe.rate


def optimizer_tensors(optimizer: torch.optim.Optimizer, model: nn.Module) -> dict[str, Tensor]:
    """Return the optimizer's memory, named by weight: "encoder.weight|exp_avg"."""
    return {
        f"{name}{_SEPARATOR}{key}": value
        for name, weight in model.named_parameters()
        for key, value in optimizer.state[weight].items()
    }


def load_optimizer(optimizer: torch.optim.Optimizer, model: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Put back what `optimizer_tensors` returned."""
    weights = dict(model.named_parameters())
    optimizer.state.clear()
    for key, value in tensors.items():
        name, _, part = key.rpartition(_SEPARATOR)
        weight = weights[name]
        optimizer.state[weight][part] = value.clone().to(weight.device)
