"""Every backend computes the same: the fused kernels against torch, the readable loop, NumPy and differences."""

import gc
import weakref

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from yeoul.errors import UsageError
from yeoul.kernels import GATES, Norm, Options, Weights, Zoneout, aten, backend, native, recurrence, reference
from yeoul.kernels import numpy_reference as plain
from yeoul.padded import Embedded, Padded

built = pytest.mark.skipif(bool(native.MISSING), reason="the fused kernels are not built")
CELLS = sorted(GATES)
TORCHS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
PLAIN = Options()
NAMES = ("input_hidden", "hidden_hidden", "input_bias", "hidden_bias")


def leaf(*shape, dtype=torch.float64):
    return (0.5 * torch.randn(*shape, dtype=dtype)).requires_grad_()


def weights_of(cell, size, hidden, *, norm=False, dtype=torch.float64):
    wide = GATES[cell] * hidden
    norms = None
    if norm:
        norms = Norm(leaf(wide, dtype=dtype), leaf(wide, dtype=dtype))
        if cell == "lstm":
            norms = Norm(
                norms.input_gain, norms.hidden_gain, leaf(hidden, dtype=dtype), leaf(hidden, dtype=dtype)
            )
    shapes = ((wide, size), (wide, hidden), (wide,), (wide,))
    return Weights(*(leaf(*shape, dtype=dtype) for shape in shapes), norms)


def leaves(weights):
    norm = weights.norm
    gains = (
        []
        if norm is None
        else [
            norm.input_gain,
            norm.hidden_gain,
            *([norm.cell_gain, norm.cell_bias] if norm.cell_gain is not None else []),
        ]
    )
    return [*(getattr(weights, name) for name in NAMES), *gains]


def initial_of(cell, rows, hidden, dtype=torch.float64):
    return tuple(leaf(rows, hidden, dtype=dtype) for _ in range(2 if cell == "lstm" else 1))


def poisoned(lengths, size, dtype=torch.float64):
    """Random rows whose padding is not a number."""
    values = torch.randn(len(lengths), max(lengths) + 1, size, dtype=dtype)
    for row, length in enumerate(lengths):
        values[row, length:] = float("nan")
    return values.requires_grad_()


def gradients(result, wanted):
    """Gradients of a sum in which every output and final state weighs differently."""
    outputs, states = result
    generator = torch.Generator().manual_seed(7)
    total = sum(
        (part * torch.randn(part.shape, dtype=part.dtype, generator=generator)).sum()
        for part in (outputs.values, *states)
    )
    return torch.autograd.grad(total, wanted, allow_unused=True)


def same(ours, expected, tolerance=1e-9):
    for value, reference_value in zip(ours, expected, strict=True):
        if reference_value is None:
            reference_value = torch.zeros_like(value)
        torch.testing.assert_close(value, reference_value.nan_to_num(0.0), rtol=tolerance, atol=tolerance)


sizes = st.sampled_from([1, 2, 3, 5, 8, 9, 16, 17, 33])
rows_of_lengths = st.lists(st.integers(0, 9), min_size=1, max_size=20)


@st.composite
def cases(draw):
    cell = draw(st.sampled_from(CELLS))
    lengths, size, hidden = draw(rows_of_lengths), draw(sizes), draw(sizes)
    torch.manual_seed(draw(st.integers(0, 1000)))
    weights = weights_of(cell, size, hidden, norm=draw(st.booleans()))
    mask = None
    if draw(st.booleans()):
        mask = torch.empty(len(lengths), hidden, dtype=torch.float64).bernoulli_(0.6) / 0.6
    zoneout = draw(st.sampled_from([None, Zoneout(0.3), Zoneout(0.4, 5), Zoneout(0.7, 2**32 - 1)]))
    nonlinearity = "tanh" if cell == "lstm" else draw(st.sampled_from(["tanh", "relu"]))
    kept = torch.rand(len(lengths), size, dtype=torch.float64) if draw(st.booleans()) else None
    options = Options(nonlinearity, mask, zoneout, kept)
    if draw(st.booleans()):
        ids = torch.randint(0, 7, (len(lengths), max(lengths) + 1))
        for row, length in enumerate(lengths):
            ids[row, length:] = -9
        inputs = Embedded(leaf(7, size), ids, torch.tensor(lengths))
    else:
        inputs = Padded(poisoned(lengths, size), torch.tensor(lengths))
    return cell, inputs, weights, initial_of(cell, len(lengths), hidden), options, draw(st.booleans())


def dense(inputs):
    if isinstance(inputs, Padded):
        return inputs
    return Embedded(inputs.table, inputs.ids.clamp(min=0), inputs.lengths).dense()


@built
@settings(max_examples=60)
@given(case=cases())
def test_fused_kernels_equal_the_readable_loop(case):
    cell, inputs, weights, initial, options, reverse = case
    expected = reference.recurrence(cell, dense(inputs), weights, initial, options, reverse=reverse)
    ours = native.recurrence(cell, inputs, weights, initial, options, reverse=reverse)
    same([ours[0].values, *ours[1]], [expected[0].values, *expected[1]])
    source = inputs.table if isinstance(inputs, Embedded) else inputs.values
    wanted = [source, *leaves(weights), *initial]
    # a norm over one or two numbers has a slope of hundreds where they meet
    tolerance = 1e-9 if weights.norm is None else 1e-4
    same(gradients(ours, wanted), gradients(expected, wanted), tolerance)


@pytest.mark.parametrize("run", [native.recurrence, reference.recurrence, aten.recurrence])
@pytest.mark.parametrize("cell", CELLS)
@settings(max_examples=10)
@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=6), size=sizes, hidden=sizes)
def test_each_backend_equals_torch_on_packed_rows(run, cell, lengths, size, hidden):
    if run is native.recurrence and native.MISSING:
        pytest.skip("the fused kernels are not built")
    layer = TORCHS[cell](size, hidden, batch_first=True, dtype=torch.float64)
    values, initial = poisoned(lengths, size), initial_of(cell, len(lengths), hidden)
    packed = nn.utils.rnn.pack_padded_sequence(
        values.nan_to_num(0.0), torch.tensor(lengths), batch_first=True, enforce_sorted=False
    )
    states = tuple(state[None] for state in initial)
    outputs, last = layer(packed, states if cell == "lstm" else states[0])
    outputs, _ = nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True, total_length=max(lengths) + 1)
    last = tuple(state[0] for state in (last if cell == "lstm" else (last,)))
    weights = Weights(layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0)
    ours = run(cell, Padded(values, torch.tensor(lengths)), weights, initial, Options(), reverse=False)
    same([ours[0].values, *ours[1]], [outputs, *last])
    wanted = [values, *leaves(weights), *initial]
    same(gradients(ours, wanted), gradients((Padded(outputs, None), last), wanted))


@built
@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_are_the_slopes(cell, norm):
    torch.manual_seed(3)
    lengths = torch.tensor([2, 0, 1])
    weights, initial = weights_of(cell, 2, 2, norm=norm), initial_of(cell, 3, 2)
    masks = torch.rand(2, 3, 2, dtype=torch.float64)
    options = Options("tanh", masks[0], Zoneout(0.2, 11), masks[1])
    table, ids = leaf(4, 2), torch.tensor([[3, 0], [0, 0], [3, 1]])
    values = leaf(3, 2, 2)

    def run(table, values, *rest):
        gains = rest[4 : len(rest) - len(initial)]
        drawn = Weights(*rest[:4], Norm(*gains) if norm else None)
        states = rest[len(rest) - len(initial) :]
        found = []
        for inputs in (Padded(values, lengths), Embedded(table, ids, lengths)):
            outputs, last = native.recurrence(cell, inputs, drawn, states, options, reverse=True)
            found += [outputs.values, *last]
        return tuple(found)

    assert torch.autograd.gradcheck(run, (table, values, *leaves(weights), *initial))


@built
@pytest.mark.parametrize("cell", CELLS)
def test_numpy_says_the_same_row_by_row(cell):
    torch.manual_seed(4)
    lengths, size, hidden = [6, 1, 4], 3, 5
    weights, initial = weights_of(cell, size, hidden), initial_of(cell, 3, hidden)
    values = poisoned(lengths, size)
    result = native.recurrence(
        cell, Padded(values, torch.tensor(lengths)), weights, initial, Options(), reverse=False
    )
    total = result[0].values.sum() + sum(state.pow(2).sum() / 2 for state in result[1])
    wanted = [values, *leaves(weights), *initial]
    expected = torch.autograd.grad(total, wanted)
    arrays = tuple(weight.detach().numpy() for weight in leaves(weights))
    sums = [np.zeros_like(array) for array in arrays]
    for k, length in enumerate(lengths):
        state = tuple(part[k].detach().numpy() for part in initial)
        row = plain.forward(cell, values[k, :length].detach().numpy(), arrays, state)
        np.testing.assert_allclose(row.outputs, result[0].values[k, :length].detach(), rtol=1e-10)
        back = plain.backward(cell, row, arrays, np.ones_like(row.outputs), row.state)
        np.testing.assert_allclose(back.inputs, expected[0][k, :length], rtol=1e-9, atol=1e-12)
        for ours, theirs in zip(back.state, expected[5:], strict=True):
            np.testing.assert_allclose(ours, theirs[k], rtol=1e-9, atol=1e-12)
        sums = [summed + part for summed, part in zip(sums, back.weights, strict=True)]
    for ours, theirs in zip(sums, expected[1:5], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@built
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("masked", [False, True])
def test_bits_do_not_depend_on_threads_or_on_the_run(cell, dtype, masked):
    torch.manual_seed(5)
    weights = weights_of(cell, 6, 20, norm=True, dtype=dtype)
    initial = initial_of(cell, 90, 20, dtype)
    table, ids = leaf(300, 6, dtype=dtype), torch.randint(0, 300, (90, 12))
    inputs = Embedded(table, ids, torch.randint(0, 13, (90,)))
    options = Options(input_mask=torch.rand(90, 6, dtype=dtype)) if masked else PLAIN
    threads = torch.get_num_threads()
    found = []
    try:
        for number in (1, 2, 3, 2):
            torch.set_num_threads(number)
            outputs, last = native.recurrence(cell, inputs, weights, initial, options, reverse=False)
            wanted = [table, *leaves(weights), *initial]
            found.append([outputs.values, *last, *gradients((outputs, last), wanted)])
    finally:
        torch.set_num_threads(threads)
    for other in found[1:]:
        assert all(torch.equal(first, second) for first, second in zip(found[0], other, strict=True))


@built
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("lengths", [[1], [4], [2, 0, 1]])
@pytest.mark.parametrize("source", ["dense", "embedded"])
def test_a_handful_of_steps_is_computed_with_the_weights_as_they_lie(cell, norm, lengths, source):
    torch.manual_seed(8)
    weights, initial = weights_of(cell, 5, 19, norm=norm), initial_of(cell, len(lengths), 19)
    masks = torch.rand(len(lengths), 24, dtype=torch.float64).split([19, 5], dim=1)
    options = Options("tanh", masks[0], input_mask=masks[1])
    inputs = Padded(poisoned(lengths, 5), torch.tensor(lengths))
    if source == "embedded":
        ids = torch.randint(0, 3, (len(lengths), max(lengths)))
        inputs = Embedded(leaf(7, 5), ids, torch.tensor(lengths))
    wanted = [inputs.table if source == "embedded" else inputs.values, *leaves(weights), *initial]
    ours = native.recurrence(cell, inputs, weights, initial, options, reverse=True)
    expected = reference.recurrence(cell, dense(inputs), weights, initial, options, reverse=True)
    same([ours[0].values, *ours[1]], [expected[0].values, *expected[1]])
    same(gradients(ours, wanted), gradients(expected, wanted))


@built
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("hidden", [127, 128])
def test_layer_norm_is_the_same_where_its_products_are_kept_and_where_they_are_computed_again(cell, hidden):
    torch.manual_seed(12)
    lengths = [5, 0, 3, 5, 1]
    weights, initial = weights_of(cell, 4, hidden, norm=True), initial_of(cell, len(lengths), hidden)
    inputs = Padded(poisoned(lengths, 4), torch.tensor(lengths))
    options = Options("tanh", torch.rand(len(lengths), hidden, dtype=torch.float64), Zoneout(0.2, 3))
    wanted = [inputs.values, *leaves(weights), *initial]
    ours = native.recurrence(cell, inputs, weights, initial, options, reverse=False)
    expected = reference.recurrence(cell, inputs, weights, initial, options, reverse=False)
    same([ours[0].values, *ours[1]], [expected[0].values, *expected[1]])
    same(gradients(ours, wanted), gradients(expected, wanted))


@built
def test_many_occurrences_of_a_token_lose_no_digits_and_are_added_in_one_order():
    torch.manual_seed(9)
    rows, steps, hidden = 40, 60, 70
    ids = torch.where(torch.rand(rows, steps) < 0.8, 0, torch.randint(0, 50, (rows, steps)))
    lengths = torch.full((rows,), steps)
    drawn = [leaf(50, 6), *leaves(weights_of("lstm", 6, hidden)), *initial_of("lstm", rows, hidden)]
    exact = [(0.2 * part).detach().requires_grad_() for part in drawn]  # small: the loop itself loses nothing

    def run(leaves_there, threads):
        before = torch.get_num_threads()
        try:
            torch.set_num_threads(threads)
            table, *rest = leaves_there
            inputs = Embedded(table, ids, lengths)
            result = native.recurrence(
                "lstm", inputs, Weights(*rest[:4]), tuple(rest[4:]), PLAIN, reverse=False
            )
            return torch.autograd.grad(result[0].values.sum(), leaves_there)
        finally:
            torch.set_num_threads(before)

    expected = run(exact, 1)
    rounded = [part.detach().float().requires_grad_() for part in exact]
    alone, together = run(rounded, 1), run(rounded, 3)
    for one, other, true in zip(alone, together, expected, strict=True):
        assert torch.equal(one, other)
        assert (one - true).abs().max() < 1e-5 * true.abs().max()


@built
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("instructions", native.instruction_sets())
def test_every_instruction_set_computes_the_same(cell, dtype, instructions):
    torch.manual_seed(6)
    lengths, hidden = torch.tensor([7, 3, 5, 0]), 21
    weights, initial = weights_of(cell, 5, hidden, dtype=dtype), initial_of(cell, 4, hidden, dtype)
    values = leaf(4, 7, 5, dtype=dtype)
    expected = reference.recurrence(cell, Padded(values, lengths), weights, initial, Options(), reverse=False)
    wanted = [*leaves(weights), *initial]
    slopes = torch.autograd.grad(expected[0].values.sum(), wanted, allow_unused=True)
    make = native._native.LoopFloat if dtype == torch.float32 else native._native.LoopDouble
    loop = make(cell, relu=False, reverse=False, threads=1, instructions=instructions)
    loop.weights(*(weight.detach() for weight in leaves(weights)))
    loop.dense(values.detach(), lengths)
    loop.initial(*[*(state.detach() for state in initial), None][:2])
    outputs = torch.empty(4, 7, hidden, dtype=dtype)
    last = [torch.empty(4, hidden, dtype=dtype) for _ in initial]
    loop.forward(outputs, *[*last, None][:2], for_backward=True)
    found = [torch.empty_like(part) for part in wanted]
    loop.backward([torch.ones_like(outputs), *[None] * len(initial)], None, found[:4], found[4:])
    tolerance = 2e-5 if dtype == torch.float32 else 1e-12
    same([outputs, *last], [expected[0].values, *expected[1]], tolerance)
    same(found, slopes, tolerance)


@built
def test_the_nonlinearities_are_right_to_a_few_units_in_the_last_place():
    x = torch.cat(
        [torch.linspace(-30, 30, 20001), torch.logspace(-30, 1, 2001), torch.tensor([-1e30, 1e30, 0.0])]
    )
    for dtype, units in ((torch.float32, 4), (torch.float64, 4)):
        values = x.to(dtype)
        exact = values.double().tanh().to(dtype)
        weights = Weights(*(torch.tensor(part, dtype=dtype) for part in ([[1.0]], [[0.0]], [0.0], [0.0])))
        outputs, _ = native.recurrence(
            "rnn",
            Padded(values[:, None, None], torch.ones(len(x), dtype=torch.int64)),
            weights,
            (torch.zeros(len(x), 1, dtype=dtype),),
            Options(),
            reverse=False,
        )
        distance = (outputs.values[:, 0, 0] - exact).abs()
        assert (distance <= units * torch.finfo(dtype).eps * exact.abs()).all()


@built
def test_not_a_number_stays_visible():
    values = torch.zeros(2, 3, 4)
    values[1, 1] = float("nan")
    weights, initial = weights_of("lstm", 4, 5, dtype=torch.float32), initial_of("lstm", 2, 5, torch.float32)
    outputs, _ = native.recurrence(
        "lstm", Padded(values, torch.tensor([3, 3])), weights, initial, Options(), reverse=False
    )
    assert outputs.values[1, 1:].isnan().all()
    assert not outputs.values[0].isnan().any()
    assert not outputs.values[1, 0].isnan().any()


@built
def test_a_graph_that_is_dropped_is_freed_and_one_kept_can_be_used_twice():
    weights, initial = weights_of("gru", 3, 4), initial_of("gru", 2, 4)
    inputs = Padded(leaf(2, 5, 3), torch.tensor([5, 3]))
    outputs, _ = native.recurrence("gru", inputs, weights, initial, Options(), reverse=False)
    total = outputs.values.pow(2).sum()
    first = torch.autograd.grad(total, leaves(weights), retain_graph=True)
    second = torch.autograd.grad(total, leaves(weights), retain_graph=True)
    assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))
    node = weakref.ref(outputs.values.grad_fn)
    del outputs, total, _
    gc.collect()
    assert node() is None


@built
def test_weights_changed_before_the_way_back_are_refused():
    weights, initial = weights_of("rnn", 3, 4), initial_of("rnn", 2, 4)
    outputs, _ = native.recurrence(
        "rnn", Padded(leaf(2, 5, 3), torch.tensor([5, 3])), weights, initial, Options(), reverse=False
    )
    with torch.no_grad():
        weights.hidden_hidden.add_(1.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        outputs.values.sum().backward()


@built
@pytest.mark.parametrize("cell", CELLS)
def test_no_rows_and_no_steps(cell):
    weights = weights_of(cell, 3, 4)
    for rows, steps in ((0, 5), (2, 0), (0, 0)):
        initial, values = initial_of(cell, rows, 4), leaf(rows, steps, 3)
        result = native.recurrence(
            cell,
            Padded(values, torch.zeros(rows, dtype=torch.int64)),
            weights,
            initial,
            Options(),
            reverse=False,
        )
        assert result[0].values.shape == (rows, steps, 4)
        same(result[1], initial)
        found = gradients(result, [values, *leaves(weights)])
        assert not any(part.any() for part in found)


@built
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"values": torch.zeros(2, 5, 3)}, TypeError, "given torch.float32"),
        ({"values": torch.zeros(2, 5, 4, dtype=torch.float64)}, ValueError, "values has shape"),
        ({"lengths": torch.tensor([6, 1])}, ValueError, "cannot have length 6"),
        ({"lengths": torch.tensor([-1, 1])}, ValueError, "cannot have length -1"),
        ({"lengths": torch.tensor([1, 2, 3])}, ValueError, "lengths has shape"),
        ({"lengths": torch.tensor([1.0, 2.0])}, TypeError, "lengths must be int64"),
        ({"lengths": torch.tensor([1, 2], device="meta")}, TypeError, "lengths must be int64 on cpu"),
        ({"initial": (torch.zeros(3, 4, dtype=torch.float64),)}, ValueError, "h has shape"),
        ({"mask": torch.ones(2, 5, dtype=torch.float64)}, ValueError, "mask has shape"),
        ({"mask": torch.ones(2, 4)}, TypeError, "given torch.float32"),
        ({"input_mask": torch.ones(2, 4, dtype=torch.float64)}, ValueError, "input mask has shape"),
        ({"input_mask": torch.ones(2, 3)}, TypeError, "given torch.float32"),
    ],
)
def test_what_does_not_fit_is_a_python_error(change, error, message):
    values = change.get("values", torch.zeros(2, 5, 3, dtype=torch.float64))
    inputs = Padded(values, change.get("lengths", torch.tensor([5, 2])))
    initial = change.get("initial", (torch.zeros(2, 4, dtype=torch.float64),))
    with pytest.raises(error, match=message):
        native.recurrence(
            "gru",
            inputs,
            weights_of("gru", 3, 4),
            initial,
            Options("tanh", change.get("mask"), input_mask=change.get("input_mask")),
            reverse=False,
        )


@built
@pytest.mark.parametrize("bad", [-1, 7])
def test_an_id_outside_the_table_is_a_python_error(bad):
    ids = torch.tensor([[0, bad, 3]])
    with pytest.raises(ValueError, match=f"id {bad} is not in a table of 7"):
        native.recurrence(
            "rnn",
            Embedded(leaf(7, 3), ids, torch.tensor([2])),
            weights_of("rnn", 3, 4),
            initial_of("rnn", 1, 4),
            Options(),
            reverse=False,
        )


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_rows_without_padding_take_torchs_kernel_as_they_are(cell, reverse):
    torch.manual_seed(10)
    weights, initial, values = weights_of(cell, 3, 4), initial_of(cell, 3, 4), leaf(3, 6, 3)
    inputs = Padded(values, torch.full((3,), 6))
    ours, expected = (
        run(cell, inputs, weights, initial, PLAIN, reverse=reverse)
        for run in (aten.recurrence, reference.recurrence)
    )
    same([ours[0].values, *ours[1]], [expected[0].values, *expected[1]])
    wanted = [values, *leaves(weights), *initial]
    same(gradients(ours, wanted), gradients(expected, wanted))


class TestChoice:
    """Which backend serves is decided by what each can do, and by the environment."""

    @staticmethod
    def node(options=PLAIN, hidden=4, cell="gru", steps=3):
        inputs = Padded(leaf(2, steps, 3), torch.tensor([steps, 2]))
        weights = weights_of(cell, 3, hidden)
        outputs, _ = recurrence(cell, inputs, weights, initial_of(cell, 2, hidden), options, reverse=False)
        names, todo = set(), [outputs.values.grad_fn]
        while todo:
            node = todo.pop()
            names.add(type(node).__name__)
            todo += [follower for follower, _ in node.next_functions if follower is not None]
        return "native" if "_RecurrenceBackward" in names else "other"

    @built
    def test_fused_kernels_unless_the_environment_says_otherwise(self, monkeypatch):
        monkeypatch.delenv("YEOUL_KERNELS", raising=False)
        assert backend().name == "native"
        assert self.node() == "native"
        assert self.node(Options(zoneout=Zoneout(0.5, 1))) == "native"
        for wanted in ("torch", "reference"):
            monkeypatch.setenv("YEOUL_KERNELS", wanted)
            assert backend().name == wanted
            assert self.node() == "other"

    def test_without_a_build_everything_is_served_all_the_same(self, monkeypatch):
        monkeypatch.delenv("YEOUL_KERNELS", raising=False)
        monkeypatch.setattr(native, "MISSING", "no compiler")
        assert backend().name == "torch"
        assert "no compiler" in backend().reason
        assert self.node() == "other"
        assert self.node(Options(zoneout=Zoneout(0.5, 1))) == "other"
        monkeypatch.setenv("YEOUL_KERNELS", "native")
        with pytest.raises(UsageError, match="not built"):
            backend()

    def test_an_unknown_name_is_refused(self, monkeypatch):
        monkeypatch.setenv("YEOUL_KERNELS", "cudnn")
        with pytest.raises(UsageError, match="no kernels called cudnn"):
            backend()

    @built
    def test_a_large_lstm_is_torchs_but_for_a_handful_of_steps(self, monkeypatch):
        monkeypatch.delenv("YEOUL_KERNELS", raising=False)
        assert self.node(hidden=400, cell="lstm") == "other"
        assert self.node(hidden=400, cell="lstm", steps=2) == "native"

    def test_torch_has_no_options_inside_the_cell(self):
        weights = weights_of("gru", 3, 4)
        assert aten.serves("gru", weights, Options())
        assert aten.serves("rnn", weights, Options("relu"))
        assert not aten.serves("gru", weights, Options("relu"))
        assert not aten.serves("gru", weights, Options(zoneout=Zoneout(0.5)))
        assert not aten.serves("gru", weights_of("gru", 3, 4, norm=True), Options())
