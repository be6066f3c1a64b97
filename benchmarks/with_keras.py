"""The work as Keras 3 does it, on the backend that KERAS_BACKEND names, in one compiled step.

Its GRU has its gates in the order z r h; its LSTM has one bias. TensorFlow's step is compiled by XLA only
where Keras itself would (`jit_compile="auto"`).
"""

import os
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from benchmarks.step import Step, dropout_share
from benchmarks.work import Arrays, Work


def versions() -> str:
    library = __import__(keras.backend.backend())
    return f"Keras {keras.__version__} on {keras.backend.backend()} {library.__version__}"


def prepare(work: Work, arrays: Arrays) -> Step:
    """Build the model and compile its step on the first run."""
    layer = _layer(work)
    data = arrays["ids"].astype(np.int32) if work.vocabulary else arrays["inputs"]
    source = keras.Input(data.shape[1:], dtype=data.dtype)
    if work.vocabulary:
        table = keras.layers.Embedding(work.vocabulary, work.inputs, mask_zero=work.by_length)
        model = keras.Model(source, layer(table(source)))
        table.embeddings.assign(arrays["table"])
    else:
        model = keras.Model(source, layer(source))
    weights = _to_keras(work, arrays)
    variables = {variable.path.split("/")[-1]: variable for variable in layer.trainable_variables}
    for name, variable in variables.items():
        variable.assign(weights[name])
    mask = None
    if work.by_length and not work.last_only:
        mask = (np.arange(work.steps) < arrays["lengths"][:, None]).astype(np.float32)[:, :, None]

    def loss_of(outputs: Any) -> Any:
        shown = outputs if mask is None else outputs * mask
        return ops.sum(ops.matmul(shown, arrays["direction"]))

    compiled = (_jax_step if keras.backend.backend() == "jax" else _tensorflow_step)(
        model, loss_of, data, work.input_gradient
    )

    def results() -> Arrays:
        loss, gradients, input_gradient = compiled()
        by_name = {
            variable.path.split("/")[-1]: np.asarray(gradient)
            for variable, gradient in zip(model.trainable_variables, gradients, strict=True)
        }
        found = {"loss": np.asarray(loss), **_from_keras(work, by_name)}
        return found | ({"inputs": np.asarray(input_gradient)} if work.input_gradient else {})

    return Step(compiled, results)


def _jax_step(
    model: Any, loss_of: Callable[[Any], Any], data: Any, input_gradient: bool
) -> Callable[[], Any]:
    import jax

    def loss(trained: Any, data: Any, state: Any) -> Any:
        outputs, state = model.stateless_call(trained, state, data, training=True)
        return loss_of(outputs), state

    differentiated = jax.jit(jax.value_and_grad(loss, (0, 1) if input_gradient else 0, has_aux=True))
    trained = [variable.value for variable in model.trainable_variables]
    state = [variable.value for variable in model.non_trainable_variables]
    data = jax.device_put(data)

    def step() -> Any:
        nonlocal state
        (value, state), gradients = jax.block_until_ready(differentiated(trained, data, state))
        return (value, *gradients) if input_gradient else (value, gradients, None)

    return step


def _tensorflow_step(
    model: Any, loss_of: Callable[[Any], Any], data: Any, input_gradient: bool
) -> Callable[[], Any]:
    import tensorflow as tf

    model.compile(loss="mse")
    data, trained = tf.constant(data), [variable.value for variable in model.trainable_variables]

    def gradients(data: Any) -> Any:
        with tf.GradientTape() as tape:
            if input_gradient:
                tape.watch(data)
            value = loss_of(model(data, training=True))
        found = tape.gradient(value, [*trained, data] if input_gradient else trained)
        found = [tf.convert_to_tensor(gradient) for gradient in found]
        return value, found[: len(trained)], found[len(trained)] if input_gradient else value

    compiled = tf.function(gradients, jit_compile=model.jit_compile)
    return lambda: compiled(data)


def _layer(work: Work) -> Any:
    if work.option == "layer_norm":
        return keras.layers.RNN(_NormedCell(work.hidden), return_sequences=not work.last_only)
    cell = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[work.cell]
    return cell(
        work.hidden, return_sequences=not work.last_only, recurrent_dropout=dropout_share(work), seed=1
    )


class _NormedCell(keras.layers.Layer):  # type: ignore[misc]
    """An LSTM step with layer norm, as one writes it in Keras."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.state_size, self.output_size, self.units = [units, units], units, units

    def build(self, shape: Any) -> None:
        units = self.units
        sizes = {
            "kernel": (shape[-1], 4 * units),
            "recurrent_kernel": (units, 4 * units),
            "bias": (4 * units,),
        }
        sizes |= {
            "gain_ih": (4 * units,),
            "gain_hh": (4 * units,),
            "gain_cell": (units,),
            "bias_cell": (units,),
        }
        self.weight = {name: self.add_weight(shape=size, name=name) for name, size in sizes.items()}

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        (h, c), weight = states, self.weight
        gates = _normed(ops.matmul(inputs, weight["kernel"])) * weight["gain_ih"] + weight["bias"]
        gates += _normed(ops.matmul(h, weight["recurrent_kernel"])) * weight["gain_hh"]
        i, f, g, o = ops.split(gates, 4, axis=-1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
        h = ops.sigmoid(o) * ops.tanh(_normed(c) * weight["gain_cell"] + weight["bias_cell"])
        return h, [h, c]


def _normed(values: Any) -> Any:
    mean, variance = ops.moments(values, axes=-1, keepdims=True)
    return (values - mean) * ops.rsqrt(variance + 1e-5)


def _to_keras(work: Work, arrays: Arrays) -> Arrays:
    both = np.stack([arrays["b_ih"], arrays["b_hh"]])
    if work.cell == "gru":
        order = _swapped(work)
        return {
            "kernel": arrays["w_ih"][order].T,
            "recurrent_kernel": arrays["w_hh"][order].T,
            "bias": both[:, order],
        }
    kept = {name: array for name, array in arrays.items() if name.startswith(("gain", "bias"))}
    return {"kernel": arrays["w_ih"].T, "recurrent_kernel": arrays["w_hh"].T, "bias": both.sum(0), **kept}


def _from_keras(work: Work, gradients: Arrays) -> Arrays:
    found = {"w_ih": gradients["kernel"].T, "w_hh": gradients["recurrent_kernel"].T}
    if work.cell == "gru":
        order = _swapped(work)
        found = {name: array[order] for name, array in found.items()}
        found |= {"b_ih": gradients["bias"][0][order], "b_hh": gradients["bias"][1][order]}
    else:
        found["b_ih"] = gradients["bias"]
    kept = {name: array for name, array in gradients.items() if name.startswith(("gain", "bias_"))}
    return found | kept | ({"table": gradients["embeddings"]} if work.vocabulary else {})


def _swapped(work: Work) -> Any:
    """Places that turn r z n into z r n, and back."""
    places = np.arange(3 * work.hidden)
    return np.concatenate(
        [places[work.hidden : 2 * work.hidden], places[: work.hidden], places[2 * work.hidden :]]
    )


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
