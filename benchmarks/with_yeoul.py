"""The work as Yeoul does it."""

from importlib.metadata import version

import torch

from benchmarks.step import Step, dropout_share
from benchmarks.work import Arrays, Work
from yeoul import layers
from yeoul.kernels import backend
from yeoul.padded import Embedded, Padded

CELLS = {"lstm": layers.LSTM, "gru": layers.GRU}


def versions() -> str:
    return f"Yeoul {version('yeoul')} ({backend().name} kernels: {backend().reason})"


def prepare(work: Work, arrays: Arrays) -> Step:
    """Build the layer; the step leaves its gradients in the weights."""
    layer = CELLS[work.cell](
        work.inputs,
        work.hidden,
        recurrent_dropout=dropout_share(work),
        layer_norm=work.option == "layer_norm",
    )
    names = {
        name.replace("weight_", "w_").replace("bias_", "b_"): name for name, _ in layer.named_parameters()
    }
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    own = {name.replace("b_cell", "bias_cell").removesuffix("_l0"): full for name, full in names.items()}
    layer.load_state_dict({full: tensors[name] for name, full in own.items()})
    wanted = {name: layer.get_parameter(full) for name, full in own.items()}
    source = tensors["table" if work.vocabulary else "inputs"]
    if work.vocabulary or work.input_gradient:
        wanted["table" if work.vocabulary else "inputs"] = source.requires_grad_()
    ids, lengths = (tensors["ids"].long() if work.vocabulary else None), tensors["lengths"]

    def run() -> torch.Tensor:
        for tensor in wanted.values():
            tensor.grad = None
        inputs = Padded(source, lengths) if ids is None else Embedded(source, ids, lengths)
        outputs, state = layer(inputs)
        loss: torch.Tensor = (
            (state[0][-1] if work.last_only else outputs.values) @ tensors["direction"]
        ).sum()
        loss.backward()
        return loss

    return Step(
        run, lambda: {"loss": run().detach().numpy()} | {n: t.grad.numpy() for n, t in wanted.items()}
    )
