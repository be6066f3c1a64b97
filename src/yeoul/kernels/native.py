"""The recurrent loop by our own fused kernels (`native/`): every cell and option, float32 and float64, on the CPU.

The whole time loop is one call, forwards and back. Rows are sorted by length and cut into tiles that threads
take; each row stops at its own end. Of token ids, each distinct one is projected once. The sums have one order
whatever the number of threads.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from yeoul.kernels.cells import Cell, Options, State, Weights
from yeoul.padded import Embedded, Padded, Sequences

try:
    from yeoul.kernels import _native

    MISSING = ""
except ImportError as error:
    MISSING = str(error)


def serves(weights: Weights) -> bool:
    """Say whether the kernels are there and have the weights' device and precision."""
    tensor = weights.hidden_hidden
    return not MISSING and tensor.device.type == "cpu" and tensor.dtype in (torch.float32, torch.float64)


def instruction_sets() -> list[str]:
    """Name the instruction sets of this machine that the kernels have, the widest first."""
    return [] if MISSING else _native.instruction_sets()


def recurrence(
    cell: Cell, inputs: Sequences, weights: Weights, initial: State, options: Options, *, reverse: bool
) -> tuple[Padded, State]:
    """Serve `yeoul.kernels.recurrence`; raise `TypeError` or `ValueError` for tensors that do not fit."""
    ids = inputs.ids if isinstance(inputs, Embedded) else None
    call = _Call(cell, ids, inputs.lengths, options, reverse)
    source = inputs.table if isinstance(inputs, Embedded) else inputs.values
    parameters = [weights.input_hidden, weights.hidden_hidden, weights.input_bias, weights.hidden_bias]
    if (norm := weights.norm) is not None:
        parameters += [norm.input_gain, norm.hidden_gain]
        if norm.cell_gain is not None and norm.cell_bias is not None:
            parameters += [norm.cell_gain, norm.cell_bias]
    tensors = [source, *parameters, *initial]
    results: tuple[Tensor, ...]
    try:
        if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors):
            results = _Recurrence.apply(call, len(parameters), *tensors)  # type: ignore[no-untyped-call]
        else:
            _, results = _run(call, len(parameters), tensors, False)
    except TypeError:
        _check(call, tensors, weights.hidden_hidden)  # says in words what the binding refused
        raise
    outputs, *last = results
    return Padded(outputs, inputs.lengths), tuple(last)


@dataclass(frozen=True)
class _Call:
    """What a run depends on beside the tensors that have gradients."""

    cell: Cell
    ids: Tensor | None
    lengths: Tensor
    options: Options
    reverse: bool


def _check(call: _Call, tensors: list[Tensor], like: Tensor) -> None:
    masks = (call.options.recurrent_mask, call.options.input_mask)
    for tensor in [*tensors, *(mask for mask in masks if mask is not None)]:
        if tensor.dtype != like.dtype or tensor.device != like.device:
            raise TypeError(
                f"a recurrent layer of {like.dtype} on {like.device} was given {tensor.dtype} on {tensor.device}"
            )
    for name, whole in (("lengths", call.lengths), ("ids", call.ids)):
        if whole is not None and (whole.dtype != torch.int64 or whole.device != like.device):
            raise TypeError(f"{name} must be int64 on {like.device}, got {whole.dtype} on {whole.device}")


class _Recurrence(torch.autograd.Function):
    """The loop as one node of the graph. Going back a second time runs the loop again."""

    @staticmethod
    def forward(ctx: Any, call: _Call, num_parameters: int, *tensors: Tensor) -> tuple[Tensor, ...]:
        needed = any(ctx.needs_input_grad)
        loop, results = _run(call, num_parameters, tensors, needed)
        if needed:
            ctx.call, ctx.num_parameters, ctx.loop = call, num_parameters, loop
            ctx.save_for_backward(*tensors, results[0])
            ctx.set_materialize_grads(False)
        return results

    @staticmethod
    def backward(ctx: Any, *given: Tensor | None) -> tuple[Tensor | None, ...]:
        if torch.is_grad_enabled():  # someone wants the gradients' own graph
            return _once(ctx, *given)
        return _Recurrence._back(ctx, *given)

    @staticmethod
    def _back(ctx: Any, *given: Tensor | None) -> tuple[Tensor | None, ...]:
        *tensors, _ = ctx.saved_tensors  # refuses what was changed in place since
        loop, ctx.loop = ctx.loop, None
        if loop is None:
            loop, _ = _run(ctx.call, ctx.num_parameters, tensors, True)
        source, rest = tensors[0], tensors[1:]
        fresh = torch.zeros_like if ctx.call.ids is not None else torch.empty_like
        wanted = fresh(source, memory_format=torch.contiguous_format)
        inputs = wanted if ctx.needs_input_grad[2] else None
        gradients = [torch.empty_like(tensor, memory_format=torch.contiguous_format) for tensor in rest]
        loop.backward(
            [None if gradient is None else gradient.contiguous() for gradient in given],
            inputs,
            gradients[: ctx.num_parameters],
            gradients[ctx.num_parameters :],
        )
        return None, None, inputs, *gradients


_once = once_differentiable(_Recurrence._back)


def _run(
    call: _Call, num_parameters: int, tensors: tuple[Tensor, ...] | list[Tensor], for_backward: bool
) -> tuple["_native.LoopFloat", tuple[Tensor, ...]]:
    source, *rest = [tensor.contiguous() for tensor in tensors]
    parameters, initial = rest[:num_parameters], rest[num_parameters:]
    options = call.options
    make = _native.LoopFloat if source.dtype == torch.float32 else _native.LoopDouble
    loop = make(
        call.cell,
        relu=options.nonlinearity == "relu",
        reverse=call.reverse,
        threads=torch.get_num_threads(),
    )
    loop.weights(*parameters[:4])
    if len(parameters) > 4:
        gains = [*parameters[4:], None, None]
        loop.norm(parameters[4], parameters[5], gains[2], gains[3])
    lengths = call.lengths.contiguous()
    if call.ids is None:
        loop.dense(source, lengths)
    else:
        loop.embedded(source, call.ids.contiguous(), lengths)
    loop.initial(initial[0], initial[1] if len(initial) > 1 else None)
    if options.recurrent_mask is not None:
        loop.recurrent_mask(options.recurrent_mask.contiguous())
    if options.input_mask is not None:
        loop.input_mask(options.input_mask.contiguous())
    if options.zoneout is not None:
        loop.zoneout(options.zoneout.share, options.zoneout.seed)
    rows, steps = source.shape[:2] if call.ids is None else call.ids.shape
    outputs = source.new_empty(rows, steps, initial[0].shape[1])  # (B, T, H)
    last = [torch.empty_like(state) for state in initial]  # (B, H)
    shown = outputs.detach()  # the loop holds it, and must not hold the graph that will hold the loop
    loop.forward(shown, last[0], last[1] if len(last) > 1 else None, for_backward=for_backward)
    return loop, (outputs, *last)
