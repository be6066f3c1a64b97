"""Mix the answers of several models: a weighted sum, with the weights that suit the validation rows.

With a_m the members' answers, a mixture answers Σ_m w_m a_m: of log-probabilities, made to sum to one again (a
log-linear pool, Heskes 1998), of log-odds, or of numbers. The weights, none below zero, minimize the loss of the
true targets (-log p, or the squared error) summed over the N rows, plus Σ_m (w_m - 1/M)². That is a convex problem
in as many unknowns as there are members. The second part counts as little as one row: it is not felt on thousands
of rows, and bounds the weights on a few that are easily told apart. The weights need not sum to one: members that
are too sure are tempered.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from yeoul.recipe import TargetKind

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


def mixed(kind: TargetKind, answers: Sequence[Floats], weights: Sequence[float]) -> Floats:
    """Return the mixture's answers (N, K) from each member's (N, K)."""
    total = np.asarray(
        sum(weight * one.astype(np.float64) for weight, one in zip(weights, answers, strict=True))
    )
    if kind == "class":
        total = total - np.logaddexp.reduce(total, axis=1, keepdims=True)
    return total.astype(np.float32)


def mixture_weights(
    kind: TargetKind, answers: Sequence[Floats], truth: npt.NDArray[Any]
) -> tuple[float, ...]:
    """Return the weight of each member under which the mixture's loss on the truth is least."""
    from scipy.optimize import minimize, nnls  # slow to import, and predicting needs it not

    parts = np.stack(answers).astype(np.float64)  # (M, N, K)
    members = len(parts)
    if kind == "number":
        unit = float(truth.std()) or 1.0
        rows = np.concatenate([parts[:, :, 0].T / unit, np.eye(members)])
        weights, _ = nnls(rows, np.append(truth / unit, np.full(members, 1 / members)))
        return tuple(weights.tolist())
    loss = _class_loss(parts, truth) if kind == "class" else _labels_loss(parts, truth)

    def pulled(weights: Doubles) -> tuple[float, Doubles]:
        value, slope = loss(weights)
        away = weights - 1 / members
        return value + float(away @ away) / len(truth), slope + 2 * away / len(truth)

    start = np.full(members, 1.0 / members)
    found = minimize(pulled, start, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * members)
    return tuple(float(weight) for weight in found.x)


def _class_loss(parts: Doubles, truth: npt.NDArray[Any]) -> Callable[[Doubles], tuple[float, Doubles]]:
    right = parts[:, np.arange(len(truth)), truth]  # (M, N)

    def loss(weights: Doubles) -> tuple[float, Doubles]:
        scores = np.einsum("m,mnv->nv", weights, parts)
        log_total = np.logaddexp.reduce(scores, axis=1)  # (N,)
        probs = np.exp(scores - log_total[:, None])
        gradient = np.einsum("nv,mnv->m", probs, parts) / len(truth) - right.mean(axis=1)
        return float((log_total - weights @ right).mean()), gradient

    return loss


def _labels_loss(parts: Doubles, truth: npt.NDArray[Any]) -> Callable[[Doubles], tuple[float, Doubles]]:
    signs = np.where(truth > 0, 1.0, -1.0)  # (N, V)

    def loss(weights: Doubles) -> tuple[float, Doubles]:
        margins = signs * np.einsum("m,mnv->nv", weights, parts)
        slopes = -signs / (1 + np.exp(np.minimum(margins, 500.0)))
        return float(np.logaddexp(0.0, -margins).mean()), np.einsum("nv,mnv->m", slopes, parts) / signs.size

    return loss
