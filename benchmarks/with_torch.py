"""The work as PyTorch does it: its own layers, padded or packed, and for layer norm a compiled loop."""

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from benchmarks.step import Step
from benchmarks.work import Arrays, Work

CELLS = {"lstm": nn.LSTM, "gru": nn.GRU}
_STEPS_AT_ONCE = 10
"""Of the loop with layer norm, compiled as one piece; all steps in one take the compiler many minutes."""


def versions() -> str:
    return f"PyTorch {torch.__version__}"


def gemm_gflops(seconds: float, clock: Callable[[], float], size: int = 2048) -> float:
    """Return the best speed of float32 products of this size that was seen for some seconds."""
    left, right, out = (torch.rand(size, size) for _ in range(3))
    best, end = float("inf"), clock() + seconds
    while clock() < end:
        start = clock()
        torch.mm(left, right, out=out)
        best = min(best, clock() - start)
    return 2 * size**3 / best / 1e9


def prepare(work: Work, arrays: Arrays, packed: bool = False) -> Step:
    """Build the layer; the step leaves its gradients in the weights."""
    if work.option == "recurrent_dropout":
        raise NotImplementedError("PyTorch has no recurrent dropout")
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    weights = {name: tensors[name] for name in arrays if name[:2] in ("w_", "b_", "ga", "bi")}
    source = tensors["table" if work.vocabulary else "inputs"]
    if work.option == "layer_norm":
        wanted = {name: weight.requires_grad_() for name, weight in weights.items()}
    else:
        layer = CELLS[work.cell](work.inputs, work.hidden, batch_first=True)
        long = {name.replace("w_", "weight_").replace("b_", "bias_") + "_l0": name for name in weights}
        layer.load_state_dict({full: weights[name] for full, name in long.items()})
        wanted = {name: layer.get_parameter(full) for full, name in long.items()}
    if work.vocabulary or work.input_gradient:
        wanted["table" if work.vocabulary else "inputs"] = source.requires_grad_()
    ids, lengths = (tensors["ids"].long() if work.vocabulary else None), tensors["lengths"]
    mask = (torch.arange(work.steps) < lengths[:, None])[:, :, None].float()  # (B, T, 1)

    def run() -> Tensor:
        for tensor in wanted.values():
            tensor.grad = None
        inputs = source if ids is None else nn.functional.embedding(ids, source)
        if work.option == "layer_norm":
            outputs = _normed_lstm(inputs, weights)
        elif packed:
            rows = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
            outputs, _ = pad_packed_sequence(layer(rows)[0], batch_first=True)
        else:
            outputs, _ = layer(inputs)
        if work.last_only:
            shown = outputs[torch.arange(work.batch), lengths - 1]
        else:
            shown = outputs * mask if work.by_length and not packed else outputs
        loss: Tensor = (shown @ tensors["direction"]).sum()
        loss.backward()
        return loss

    return Step(
        run, lambda: {"loss": run().detach().numpy()} | {n: t.grad.numpy() for n, t in wanted.items()}
    )


@cache
def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    return torch.compile(function, dynamic=False)


def _normed_lstm(inputs: Tensor, weights: dict[str, Tensor]) -> Tensor:
    size = weights["w_hh"].shape[1]
    projected = _compiled(_projected)(
        inputs, weights["w_ih"], weights["gain_ih"], weights["b_ih"] + weights["b_hh"]
    )
    h = c = inputs.new_zeros(inputs.shape[0], size)
    outputs = []
    for part in projected.split(_STEPS_AT_ONCE, dim=1):
        part_outputs, h, c = _compiled(_normed_steps)(
            part, h, c, weights["w_hh"], weights["gain_hh"], weights["gain_cell"], weights["bias_cell"]
        )
        outputs.append(part_outputs)
    return torch.cat(outputs, dim=1)


def _projected(inputs: Tensor, w_ih: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    return nn.functional.layer_norm(inputs @ w_ih.T, gain.shape) * gain + bias


def _normed_steps(
    projected: Tensor, h: Tensor, c: Tensor, w_hh: Tensor, gain: Tensor, cell_gain: Tensor, cell_bias: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    outputs = []
    for step in projected.unbind(1):
        i, f, g, o = (step + nn.functional.layer_norm(h @ w_hh.T, gain.shape) * gain).chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(
            nn.functional.layer_norm(c, cell_gain.shape) * cell_gain + cell_bias
        )
        outputs.append(h)
    return torch.stack(outputs, dim=1), h, c
