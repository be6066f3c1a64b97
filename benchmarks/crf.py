"""Time a training step of the conditional random field beside the common one: python -m benchmarks.crf.

The common one, as it is found in tutorials and small packages, adds up exponentials over all pairs of tags in a
loop of PyTorch operations, a step at a time, and leaves the gradients to autograd. Both compute the same.
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import Tensor, nn

from yeoul.layers import CRF
from yeoul.padded import Padded

SHAPES = ((32, 15, 17), (32, 30, 17), (32, 30, 9), (64, 50, 17), (32, 40, 45))
"""Rows, steps of the longest, tags: universal parts of speech, entities, the Penn Treebank's tags."""


class StepwiseCRF(nn.Module):
    """The opponent."""

    def __init__(self, num_tags: int) -> None:
        super().__init__()
        self.transitions = nn.Parameter(torch.empty(num_tags, num_tags).uniform_(-0.1, 0.1))
        self.first = nn.Parameter(torch.empty(num_tags).uniform_(-0.1, 0.1))
        self.last = nn.Parameter(torch.empty(num_tags).uniform_(-0.1, 0.1))

    def log_likelihood(self, scores: Padded, tags: Tensor) -> Tensor:
        values, mask, steps = scores.values.transpose(0, 1), scores.mask.T, tags.T  # time first
        rows = torch.arange(values.shape[1])
        score = self.first[steps[0]] + values[0, rows, steps[0]]
        alpha = self.first + values[0]
        for step in range(1, len(values)):
            gained = self.transitions[steps[step - 1], steps[step]] + values[step, rows, steps[step]]
            score = score + gained * mask[step]
            routes = alpha[:, :, None] + self.transitions + values[step][:, None]
            alpha = torch.where(mask[step][:, None], torch.logsumexp(routes, dim=1), alpha)
        lasts = steps[scores.lengths - 1, rows]
        return score + self.last[lasts] - torch.logsumexp(alpha + self.last, dim=1)


def main() -> None:
    """Print a line a shape: milliseconds of a step, forwards and back, and how many times faster ours is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--turns", type=int, default=15)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    print("rows × steps × tags   ours ms   stepwise ms   times   Viterbi ms   largest difference")
    for batch, steps, size in SHAPES:
        scores, tags = _drawn(batch, steps, size)
        ours, theirs = CRF(size), StepwiseCRF(size)
        theirs.load_state_dict(ours.state_dict())
        far = max(
            float((one - other).abs().max())
            for one, other in zip(_step(ours, scores, tags), _step(theirs, scores, tags), strict=True)
        )
        works = {
            "ours": lambda ours=ours, scores=scores, tags=tags: _back(ours, scores, tags),
            "theirs": lambda theirs=theirs, scores=scores, tags=tags: _back(theirs, scores, tags),
            "paths": lambda ours=ours, scores=scores: ours.best_paths(scores),
        }
        taken = _timed(works, asked.turns)
        print(
            f"{batch:4} × {steps:2} × {size:2} {taken['ours']:16.2f} {taken['theirs']:13.2f}"
            f" {taken['theirs'] / taken['ours']:7.1f} {taken['paths']:12.2f} {far:20.1e}"
        )


def _drawn(batch: int, steps: int, size: int) -> tuple[Padded, Tensor]:
    torch.manual_seed(0)
    lengths = torch.randint(max(1, steps // 2), steps + 1, (batch,))
    lengths[0] = steps
    values = torch.randn(batch, steps, size, requires_grad=True)
    return Padded(values, lengths), torch.randint(size, (batch, steps))


def _back(crf: CRF | StepwiseCRF, scores: Padded, tags: Tensor) -> Tensor:
    """Do what a training step does, forwards and back; gradients add up."""
    found = crf.log_likelihood(scores, tags)
    (-found.sum()).backward()
    return found.detach()


def _step(crf: CRF | StepwiseCRF, scores: Padded, tags: Tensor) -> list[Tensor]:
    """Return the log-likelihoods and the gradients of a training step."""
    crf.zero_grad()
    scores.values.grad = None
    found = _back(crf, scores, tags)
    gradients = [scores.values.grad, *(parameter.grad for parameter in crf.parameters())]
    return [found, *(one.clone() for one in gradients if one is not None)]


def _timed(works: dict[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """Return the median milliseconds of each piece of work, in turn."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(turns):
        for name, work in works.items():
            started = time.perf_counter()
            for _ in range(5):
                work()
            taken[name].append(1e3 * (time.perf_counter() - started) / 5)
    return {name: median(times) for name, times in taken.items()}


if __name__ == "__main__":
    main()
