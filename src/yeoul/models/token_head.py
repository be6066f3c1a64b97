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
_SCORES_IN_CACHE = 250_000


@final
class TokenHead(nn.Module):
    """Tell the next token from features (…, F) by a vector for each of V tokens.

    With a share ε of label smoothing (Szegedy et al. 2016) a target of log-probabilities l costs

        -(1 - ε) l[target] - ε/V Σ_v l_v
    """

    def __init__(self, features: int, tokens: int, *, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.weight = drawn_vectors(tokens, features)
        self.bias = nn.Parameter(torch.zeros(tokens))
        self.label_smoothing = label_smoothing

    def forward(self, features: Tensor) -> Tensor:
        """Map (…, F) to scores (…, V), log-probabilities up to a constant."""
        return nn.functional.linear(features, self.weight, self.bias)

    def cost(self, features: Tensor, targets: Tensor) -> Tensor:
        """Return the sum of the nats that targets (N,) cost after features (N, F), a scalar."""
        kind, device = torch.bfloat16, features.device.type
        reduced = torch.is_autocast_enabled(device) and torch.get_autocast_dtype(device) == kind
        cost: Tensor = _Cost.apply(  # type: ignore[no-untyped-call]
            features, self.weight, self.bias, targets, reduced, self.label_smoothing
        )
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
    """Σ log Σ exp s - (1 - ε) s[target] - ε mean s of scores s = W f + b, with its gradients found on the way."""

    @staticmethod
    def forward(
        ctx: Any,
        features: Tensor,
        weight: Tensor,
        bias: Tensor,
        targets: Tensor,
        reduced: bool,
        smoothing: float,
    ) -> Tensor:
        kind = torch.bfloat16 if reduced else weight.dtype
        wanted = any(ctx.needs_input_grad)
        table, read = weight.detach().to(kind), features.detach().to(kind)
        total = torch.zeros((), dtype=torch.float64 if weight.dtype == torch.float64 else torch.float32)
        total = total.to(weight.device)
        gradients = (torch.empty_like(features), torch.zeros_like(weight), torch.zeros_like(bias))
        size, few = _rows_at_once(weight), max(1, _SCORES_IN_CACHE // len(weight))
        for first in range(0, len(features), size):
            rows = read[first : first + size]
            scores = rows @ table.T  # (n, V)
            for start in range(0, len(rows), few):
                part = scores[start : start + few]
                truth = targets[first + start : first + start + len(part), None]
                total += _turned(part.to(weight.dtype), part, truth, bias, smoothing, gradients[2])
            if wanted:
                gradients[0][first : first + size] = scores @ table
                if reduced:
                    gradients[1].add_(scores.T @ rows)
                else:
                    gradients[1].addmm_(scores.T, rows)
        if wanted:
            ctx.save_for_backward(*gradients)
        return total.to(weight.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        features, weight, bias = ctx.saved_tensors
        return features * given, weight * given, bias * given, None, None, None


def _turned(
    scores: Tensor, errors: Tensor, targets: Tensor, bias: Tensor, smoothing: float, errors_of_bias: Tensor
) -> Tensor:
    """Turn scores (n, V), still without the bias, into their gradient `errors`; return what the targets (n, 1) cost."""
    scores.add_(bias)
    highest = scores.amax(dim=1, keepdim=True)
    reached = (1.0 - smoothing) * scores.gather(1, targets)
    if smoothing:
        reached += smoothing * scores.mean(dim=1, keepdim=True)
    sums = scores.sub_(highest).exp_().sum(dim=1, keepdim=True)
    scores.div_(sums).scatter_add_(1, targets, torch.full_like(sums, smoothing - 1.0))
    if smoothing:
        scores.sub_(smoothing / scores.shape[1])
    errors_of_bias.add_(scores.sum(dim=0))
    if errors.data_ptr() != scores.data_ptr():
        errors.copy_(scores)
    return (sums.log() + highest - reached).sum()


def _rows_at_once(weight: Tensor) -> int:
    return max(1, _SCORES_AT_ONCE // len(weight))
