"""The next of V tokens, by softmax over a linear map that may share the vectors by which tokens are read.

With thousands of tokens this is most of the work of a small language model. The loss therefore goes through its rows
in parts and finds the gradient of a part while its probabilities are at hand: no more than a part of the (N, V)
scores is ever kept, and they are gone through less often.
"""

from typing import Any, final

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

_SCORES_AT_ONCE = 5_000_000


@final
class TokenHead(nn.Module):
    """Tell the next token from features (…, F) by a vector for each of V tokens."""

    def __init__(self, features: int, tokens: int) -> None:
        super().__init__()
        self.weight = drawn_vectors(tokens, features)
        self.bias = nn.Parameter(torch.zeros(tokens))

    def forward(self, features: Tensor) -> Tensor:
        """Map (…, F) to scores (…, V), log-probabilities up to a constant."""
        return nn.functional.linear(features, self.weight, self.bias)

    def cost(self, features: Tensor, targets: Tensor) -> Tensor:
        """Return the sum of the nats that targets (N,) cost after features (N, F), a scalar."""
        kind, device = torch.bfloat16, features.device.type
        reduced = torch.is_autocast_enabled(device) and torch.get_autocast_dtype(device) == kind
        cost: Tensor = _Cost.apply(features, self.weight, self.bias, targets, reduced)  # type: ignore[no-untyped-call]
        return cost

    def log_probs(self, features: Tensor, targets: Tensor) -> Tensor:
        """Return the log-probability of each target (N,) after features (N, F), in parts."""
        size = _rows_at_once(self.weight)
        parts = [
            -nn.functional.cross_entropy(
                self(features[first : first + size]), targets[first : first + size], reduction="none"
            )
            for first in range(0, len(targets), size)
        ]
        return torch.cat(parts) if parts else features.new_empty(0)


def drawn_vectors(tokens: int, size: int) -> nn.Parameter:
    """Return vectors (V, D) drawn from N(0, 1/D)."""
    vectors = nn.Parameter(torch.empty(tokens, size))
    if not vectors.is_meta:  # drawing there would load the compiler
        nn.init.normal_(vectors, std=size**-0.5)
    return vectors


class _Cost(torch.autograd.Function):
    """Σ log Σ exp(W f + b) - (W f + b)[target], with its gradients found on the way."""

    @staticmethod
    def forward(
        ctx: Any, features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, reduced: bool
    ) -> Tensor:
        kind = torch.bfloat16 if reduced else weight.dtype
        wanted = any(ctx.needs_input_grad)
        table, read = weight.detach().to(kind), features.detach().to(kind)
        total = torch.zeros((), dtype=torch.float64 if weight.dtype == torch.float64 else torch.float32)
        total = total.to(weight.device)
        gradients = (torch.empty_like(features), torch.zeros_like(weight), torch.zeros_like(bias))
        size = _rows_at_once(weight)
        for first in range(0, len(features), size):
            rows, truth = read[first : first + size], targets[first : first + size, None]
            scores = (rows @ table.T).to(weight.dtype).add_(bias)  # (n, V)
            highest = scores.amax(dim=1, keepdim=True)
            reached = scores.gather(1, truth)
            sums = scores.sub_(highest).exp_().sum(dim=1, keepdim=True)
            total += (sums.log() + highest - reached).sum()
            if wanted:
                scores.div_(sums).scatter_add_(1, truth, -torch.ones_like(sums))
                gradients[2].add_(scores.sum(dim=0))
                errors = scores.to(kind)
                gradients[0][first : first + size] = errors @ table
                if reduced:
                    gradients[1].add_(errors.T @ rows)
                else:
                    gradients[1].addmm_(errors.T, rows)
        if wanted:
            ctx.save_for_backward(*gradients)
        return total.to(weight.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        features, weight, bias = ctx.saved_tensors
        return features * given, weight * given, bias * given, None, None


def _rows_at_once(weight: Tensor) -> int:
    return max(1, _SCORES_AT_ONCE // len(weight))
