"""How far back does a recurrent layer feel its past? Gradients over time for RNN, LSTM and GRU.

    python examples/vanishing_gradients.py [--steps 100] [--scale 1.0] [--png gradients.png]

A layer reads a row of random numbers; the loss is one number made of its last state. The size of the loss's gradient
at each step's input says how much that step still counts. In a plain RNN it shrinks by about the same factor with
every step back ("vanishing"), or grows without bound where the recurrent weights are large ("exploding"; try
--scale 3). The gates of LSTM and GRU let it pass. Clipping bounds the step that training makes by the gradient's
norm; it cures exploding, and cannot bring back what has vanished.
"""

import argparse
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from yeoul.layers import GRU, LSTM, RNN
from yeoul.padded import Padded

LAYERS: Mapping[str, type[RNN] | type[LSTM] | type[GRU]] = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}
_INPUTS, _HIDDEN, _ROWS = 8, 32, 64
_CLIP = 1.0


def gradient_norms(name: str, steps: int, scale: float, seed: int = 0) -> npt.NDArray[np.float64]:
    """Return the mean norm of the loss's gradient at each of the inputs' steps (T,), the oldest first.

    `scale` multiplies the recurrent weights; the forget gate of an LSTM starts open (bias 1), as is usual.
    """
    layer, inputs = _drawn(name, steps, scale, seed)
    _, state = layer(Padded(inputs, torch.full((_ROWS,), steps)))
    torch.autograd.backward(state[0].sum())
    if inputs.grad is None:
        raise RuntimeError("the inputs have no gradient")
    norms: npt.NDArray[np.float64] = inputs.grad.norm(dim=2).mean(dim=0).double().numpy()
    return norms


def weight_norms(name: str, steps: int, scale: float, seed: int = 0) -> tuple[float, float]:
    """Return the norm of the gradient over all weights before and after clipping at 1."""
    layer, inputs = _drawn(name, steps, scale, seed)
    _, state = layer(Padded(inputs, torch.full((_ROWS,), steps)))
    torch.autograd.backward(state[0].sum() / _ROWS)
    before = float(nn.utils.clip_grad_norm_(layer.parameters(), _CLIP))
    after = float(
        torch.cat([weight.grad.flatten() for weight in layer.parameters() if weight.grad is not None]).norm()
    )
    return before, after


def _drawn(name: str, steps: int, scale: float, seed: int) -> tuple[RNN | LSTM | GRU, torch.Tensor]:
    torch.manual_seed(seed)
    layer = LAYERS[name](_INPUTS, _HIDDEN)
    with torch.no_grad():
        layer.get_parameter("weight_hh_l0").mul_(scale)
        if name == "LSTM":
            layer.get_parameter("bias_ih_l0")[_HIDDEN : 2 * _HIDDEN].fill_(1.0)
    return layer, torch.randn(_ROWS, steps, _INPUTS, requires_grad=True)


def draw(norms: Mapping[str, npt.NDArray[np.float64]], path: str) -> None:
    """Draw the norms over time, on a logarithmic scale, into a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    for name, values in norms.items():
        axes.semilogy(np.arange(-len(values) + 1, 1), np.maximum(values, 1e-30), label=name)
    axes.set(xlabel="step, counted back from the last", ylabel="norm of the gradient at the input")
    axes.legend()
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description="Gradients over time for RNN, LSTM and GRU.")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the recurrent weights")
    parser.add_argument("--png", default="", help="draw the picture into this file")
    options = parser.parse_args()
    norms = {name: gradient_norms(name, options.steps, options.scale) for name in LAYERS}
    print(
        "layer  last step   10 back     50 back     first       norm over weights, before and after clipping"
    )
    for name, values in norms.items():
        places = [
            values[-1],
            *(values[-1 - back] if back < len(values) else np.nan for back in (10, 50)),
            values[0],
        ]
        before, after = weight_norms(name, options.steps, options.scale)
        print(
            f"{name:5}  "
            + "  ".join(f"{value:10.3g}" for value in places)
            + f"  {before:10.3g} {after:10.3g}"
        )
    if options.png:
        draw(norms, options.png)


if __name__ == "__main__":
    main()
