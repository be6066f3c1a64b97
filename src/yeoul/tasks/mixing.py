"""Mix the answers of several models: a weighted geometric mean, with the weights that suit the validation rows.

With log p_m the members' log-probabilities, a mixture answers log p = Σ_m w_m log p_m - log Σ_v exp(…), a log-linear
pool (Heskes 1998). The weights, none below zero, minimize the mean of -log p at the true classes; that is a convex
problem in as many unknowns as there are members. They need not sum to one: members that are too sure are tempered.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def mixed(log_probs: Sequence[Floats], weights: Sequence[float]) -> Floats:
    """Return the mixture's log-probabilities (N, V) from each member's (N, V)."""
    total = sum(
        weight * answers.astype(np.float64) for weight, answers in zip(weights, log_probs, strict=True)
    )
    scores = np.asarray(total)
    normalized: Floats = (scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)).astype(np.float32)
    return normalized


def mixture_weights(log_probs: Sequence[Floats], targets: npt.NDArray[np.int64]) -> tuple[float, ...]:
    """Return the weight of each member that makes the classes (N,) likeliest under the mixture."""
    from scipy.optimize import minimize  # slow to import, and predicting needs it not

    answers = np.stack(log_probs).astype(np.float64)  # (M, N, V)
    rows = np.arange(len(targets))
    right = answers[:, rows, targets]  # (M, N)

    def loss(weights: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        scores = np.einsum("m,mnv->nv", weights, answers)
        log_total = np.logaddexp.reduce(scores, axis=1)  # (N,)
        probs = np.exp(scores - log_total[:, None])
        gradient = np.einsum("nv,mnv->m", probs, answers) / len(targets) - right.mean(axis=1)
        return float((log_total - weights @ right).mean()), gradient

    start = np.full(len(answers), 1.0 / len(answers))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * len(answers))
    return tuple(float(weight) for weight in found.x)
