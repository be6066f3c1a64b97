"""The laws of models of pairs: a step at a time or all at once, in any company, searched, saved; the loss is exact."""

import itertools
import math

import pytest
import torch
from pydantic import ValidationError

from yeoul.data.batches import Batch
from yeoul.decoding import Beams, Limits, beam_search, greedy_search, opened
from yeoul.errors import RecipeError
from yeoul.models.build_transducer import build_transducer, describe_transducer
from yeoul.models.loss import add_counts
from yeoul.padded import Padded
from yeoul.recipe import Seq2SeqRecipe
from yeoul.runs.weights import check_weights, load_tensors, save_tensors
from yeoul.tree import select

TOKENS = 9
END, START = TOKENS, TOKENS + 1
SMALL = {"size": 8, "num_heads": 2, "num_layers": 2, "feedforward": 12, "dropout": 0.0}
ENCODERS = {
    "lstm": {"kind": "lstm", "hidden_size": 6},
    "reversed": {"kind": "gru", "hidden_size": 6, "reverse": True},
    "both ways": {"kind": "lstm", "hidden_size": 3, "num_layers": 2, "bidirectional": True},
    "cnn": {"kind": "cnn", "channels": 6, "num_layers": 2, "dropout": 0.0},
    "transformer": {"kind": "transformer", **SMALL},
}
DECODERS = {
    "plain": {"kind": "lstm", "hidden_size": 6},
    "peeky": {"kind": "gru", "hidden_size": 6, "peeky": True},
    "deep": {"kind": "lstm", "hidden_size": 6, "num_layers": 2, "attention": "general"},
    "dot": {"kind": "gru", "hidden_size": 6, "attention": "dot", "peeky": True},
    "additive": {"kind": "rnn", "hidden_size": 5, "attention": "additive"},
    "fed": {"kind": "lstm", "hidden_size": 6, "attention": "general", "input_feeding": True, "peeky": True},
    "transformer": {"kind": "transformer", **SMALL},
}


def fitting():
    """Every decoder after a few encoders, tied and copying or not."""
    for place, (encoder, decoder) in enumerate(itertools.product(ENCODERS, DECODERS)):
        if decoder == "dot" and encoder == "transformer":
            continue  # states of unlike sizes
        attends = decoder not in ("plain", "peeky")
        tied, copies = place % 3 == 0, place % 2 == 0 and attends
        name = f"{encoder}, {decoder}{', tied' if tied else ''}{', copying' if copies else ''}"
        yield pytest.param(
            Seq2SeqRecipe.model_validate(
                {
                    "encoder": ENCODERS[encoder],
                    "decoder": DECODERS[decoder],
                    "embedding_size": 5,
                    "tied": tied,
                    "copy_source": copies,
                }
            ),
            id=name,
        )


EVERY = pytest.mark.parametrize("recipe", list(fitting()))
ATTENDING = [name for name in DECODERS if name not in ("plain", "peeky")]


def recipe_of(encoder="lstm", decoder="deep", **others):
    return Seq2SeqRecipe.model_validate(
        {"encoder": ENCODERS[encoder], "decoder": DECODERS[decoder], "embedding_size": 5, **others}
    )


def made(recipe, *, spread=1.0, seed=0, **options):
    torch.manual_seed(seed)
    model = build_transducer(recipe, TOKENS, TOKENS, **{"shared": recipe.copy_source, **options})
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(spread)
    return model.double().eval()


def drawn(size, seed=0):
    return torch.randint(0, TOKENS, (size,), generator=torch.Generator().manual_seed(seed))


def sources_of(lengths, filler=0, extra=0):
    """Sources, each drawn from its own seed, with ids of no account beyond their lengths."""
    values = torch.full((len(lengths), max(lengths) + extra), filler)
    for row, length in enumerate(lengths):
        values[row, :length] = drawn(length, 100 + row)
    return Padded(values, torch.tensor(lengths))


def batch_of(source_lengths, target_lengths, filler=0):
    """Pairs; targets are as long as said with their end."""
    steps = max(target_lengths)
    read, said = torch.full((2, len(target_lengths), steps), filler).unbind(0)
    for row, length in enumerate(target_lengths):
        ids = drawn(length - 1, 200 + row)
        read[row, :length] = torch.cat([torch.tensor([START]), ids])
        said[row, :length] = torch.cat([ids, torch.tensor([END])])
    target = Padded(read, torch.tensor(target_lengths))
    inputs = {"source": sources_of(source_lengths, filler), "target": target}
    return Batch(inputs, said, torch.arange(len(target_lengths)))


def sequences(size, longest, end):
    """Every sequence that ends within `longest` tokens, its end included."""
    others = [token for token in range(size) if token != end]
    for length in range(longest):
        for tokens in itertools.product(others, repeat=length):
            yield (*tokens, end)


def repeated(model, inputs, state, memory):
    said = []
    for previous in inputs.T:
        decoded, state = model.step(previous, state, memory)
        said.append(decoded)
    attention = [each.attention for each in said]
    told = None if attention[0] is None else torch.stack(attention, 1)
    return torch.stack([each.logits for each in said], 1), told, state


@EVERY
def test_reading_at_once_is_reading_step_by_step_and_in_parts(recipe):
    """Of three sources, one of them empty, each is the memory of two rows."""
    model = made(recipe)
    inputs = torch.cat([torch.full((6, 1), START), drawn(6 * 20).view(6, 20)], 1)
    inputs[2, 3] = END
    with torch.no_grad():
        memory = model.encode(sources_of([4, 0, 7]))
        whole, after = model(inputs, model.start(memory, 6), memory)
        logits, attention, state = repeated(model, inputs, model.start(memory, 6), memory)
        torch.testing.assert_close(logits, whole.logits)
        torch.testing.assert_close(attention, whole.attention)
        assert whole.logits.shape == (6, 21, TOKENS + 1)
        parts, on = [], model.start(memory, 6)
        for part in inputs.split([1, 18, 2], dim=1):
            decoded, on = model(part, on, memory)
            parts.append(decoded.logits)
        torch.testing.assert_close(torch.cat(parts, 1), whole.logits)
        following = torch.arange(6)
        said = [model.step(following, each, memory)[0].logits for each in (after, state, on)]
        torch.testing.assert_close(said[0], said[1])
        torch.testing.assert_close(said[0], said[2])


@EVERY
def test_batch_mates_padding_and_order_change_nothing(recipe):
    model = made(recipe)
    lengths, wanted = [5, 0, 8, 1], [4, 3, 1, 6]
    batch = batch_of(lengths, wanted)
    with torch.no_grad():
        answers = model.answers(batch)
        assert bool((answers[~batch.inputs["target"].mask] == 0).all())
        assert bool((answers[batch.inputs["target"].mask] < 0).all())
        torch.testing.assert_close(model.answers(batch_of(lengths, wanted, TOKENS - 1)), answers)
        order = torch.tensor([2, 0, 3, 1])
        turned = Batch(
            {name: select(part, order) for name, part in batch.inputs.items()},
            batch.targets[order],
            batch.index[order],
        )
        torch.testing.assert_close(model.answers(turned), answers[order])
        for row, (source, target) in enumerate(zip(lengths, wanted, strict=True)):
            alone = Batch(
                {
                    "source": Padded(
                        batch.inputs["source"].values[row : row + 1, :source], torch.tensor([source])
                    ),
                    "target": Padded(
                        batch.inputs["target"].values[row : row + 1, :target], torch.tensor([target])
                    ),
                },
                batch.targets[row : row + 1, :target],
                batch.index[row : row + 1],
            )
            torch.testing.assert_close(model.answers(alone)[0], answers[row, :target])


@EVERY
def test_what_comes_later_changes_nothing_and_sources_do(recipe):
    model = made(recipe)
    inputs = torch.cat([torch.full((2, 1), START), drawn(12).view(2, 6)], 1)
    other = inputs.clone()
    other[:, 4:] = (other[:, 4:] + 1) % TOKENS
    with torch.no_grad():
        memory = model.encode(sources_of([4, 3]))
        first, _ = model(inputs, model.start(memory, 2), memory)
        second, _ = model(other, model.start(memory, 2), memory)
        torch.testing.assert_close(first.logits[:, :4], second.logits[:, :4])
        assert not torch.allclose(first.logits[:, 4:], second.logits[:, 4:])
        third, _ = model(inputs[[0, 0]], model.start(memory, 2), memory)
        assert not torch.allclose(third.logits[0], third.logits[1])


@pytest.mark.parametrize("encoder", ["lstm", "reversed", "cnn", "transformer"])
def test_the_order_of_a_source_matters(encoder):
    model = made(recipe_of(encoder, "additive"))
    ids = torch.tensor([[1, 2, 3, 4]])
    batch = batch_of([4], [3])
    for other in (ids.flip(1), ids[:, [0, 2, 1, 3]]):
        said = [
            model.answers(
                Batch({**batch.inputs, "source": Padded(each, torch.tensor([4]))}, batch.targets, batch.index)
            )
            for each in (ids, other)
        ]
        assert not torch.allclose(*said)


@EVERY
def test_a_loss_is_the_mean_cost_and_every_weight_has_its_gradient(recipe):
    model = made(recipe).train()
    batch = batch_of([5, 0, 8, 1], [4, 3, 1, 6])
    loss = model.loss(batch)
    torch.testing.assert_close(loss.value(model.counts(batch)), -model.answers(batch).sum() / 14)
    loss.value(model.counts(batch)).backward()
    for name, weight in model.named_parameters():
        assert weight.grad is not None, name
        assert bool(weight.grad.isfinite().all()), name
        assert bool(weight.grad.any()) or "look.memorize" in name or "look.query" in name, name
    parts = [batch_of([5, 0], [4, 3]), batch]
    counts = add_counts([model.counts(part) for part in parts])
    assert counts == {"cross_entropy": 21.0}


@EVERY
def test_nothing_but_empty_sources_is_no_trouble(recipe):
    model = made(recipe).train()
    batch = batch_of([0, 0], [2, 3])
    model.loss(batch).value(model.counts(batch)).backward()
    grads = [weight.grad for weight in model.parameters() if weight.grad is not None]
    assert all(bool(grad.isfinite().all()) for grad in grads)
    memory = model.eval().encode(batch.inputs["source"])
    found = beam_search(model, memory, opened(model, memory, 2, START), Limits(4, END), Beams(size=3))
    assert all(math.isfinite(each.score) for one in found for each in one.hypotheses)


@pytest.mark.parametrize("share", [0.0, 0.3])
@pytest.mark.parametrize("copies", [False, True])
def test_smoothing_spreads_a_share_over_all_tokens(share, copies):
    model = made(recipe_of(copy_source=copies), label_smoothing=share)
    batch = batch_of([5, 3], [4, 2])
    memory = model.encode(batch.inputs["source"])
    inputs = batch.inputs["target"]
    decoded, _ = model(inputs.values, model.start(memory, 2), memory)
    log_probs = decoded.logits.log_softmax(2)[inputs.mask]
    reached = log_probs.gather(1, batch.targets[inputs.mask][:, None]).sum()
    wanted = -(1 - share) * reached - share * log_probs.mean(1).sum()
    torch.testing.assert_close(model.loss(batch).terms["cross_entropy"].total, wanted)
    torch.testing.assert_close(model.answers(batch).sum(), reached)


@pytest.mark.parametrize("decoder", ATTENDING)
@pytest.mark.parametrize("encoder", ["lstm", "reversed", "both ways"])
def test_attention_is_a_share_of_each_true_step_in_the_order_of_the_source(encoder, decoder):
    model = made(recipe_of(encoder, decoder), spread=3.0)
    with torch.no_grad():
        memory = model.encode(sources_of([4, 0, 7], extra=2))
        inputs = torch.full((6, 1), START)
        decoded, _ = model(inputs, model.start(memory, 6), memory)
        weights = decoded.attention
        assert weights.shape == (6, 1, 9)
        torch.testing.assert_close(weights.sum(2)[:, 0], torch.tensor([1.0, 1, 0, 0, 1, 1]).double())
        assert not weights[:2, :, 4:].any()
        assert not weights[4:, :, 7:].any()
        alone = model.encode(sources_of([4]))
        single, _ = model(inputs[:1], model.start(alone, 1), alone)
        torch.testing.assert_close(single.attention[0], weights[0, :, :4])


def test_a_reversed_reader_begins_at_the_end_and_tells_steps_at_their_places():
    """The state at the last step of a source knows that step alone; in a source read forwards that is the first."""
    for encoder, place in (("lstm", 0), ("reversed", 3)):
        model = made(recipe_of(encoder))
        with torch.no_grad():
            one = model.encode(Padded(torch.tensor([[1, 2, 3, 4]]), torch.tensor([4]))).states[0, place]
            other = torch.tensor([[5, 6, 7, 8]])
            other[0, place] = [1, 2, 3, 4][place]
            torch.testing.assert_close(model.encode(Padded(other, torch.tensor([4]))).states[0, place], one)


def test_equal_layers_hand_their_states_over_as_they_are():
    """The plain model of the lecture: what the decoder begins with is what the encoder ended in."""
    model = made(recipe_of("lstm", "plain"))
    sources = sources_of([4, 2])
    memory = model.encode(sources)
    states, (hidden, cell) = model.encoder.layers(model.vectors.of_sources(sources, model.head.weight))
    first, second = model.start(memory, 2)
    torch.testing.assert_close(first, hidden[0])
    torch.testing.assert_close(second, cell[0])
    torch.testing.assert_close(memory.states, states.values)


@EVERY
def test_a_beam_of_one_is_greedy_and_rows_that_are_done_leave(recipe):
    model = made(recipe, spread=2.0)
    lengths = [5, 1, 8, 3]
    limits = Limits(7, END)

    def found_in(sources, rows, beams):
        with torch.no_grad():
            memory = model.encode(sources)
        return beam_search(model, memory, opened(model, memory, rows, START), limits, beams)

    sources = sources_of(lengths)
    together = found_in(sources, 4, Beams(size=3))
    for row, length in enumerate(lengths):
        own = Padded(sources.values[row : row + 1, :length], torch.tensor([length]))
        (alone,) = found_in(own, 1, Beams(size=3))
        for one, other in zip(alone.hypotheses, together[row].hypotheses, strict=True):
            assert one.tokens == other.tokens
            assert one.score == pytest.approx(other.score)
    with torch.no_grad():
        memory = model.encode(sources)
    greedy = greedy_search(model, memory, opened(model, memory, 4, START), limits)
    for row, each in enumerate(greedy):
        with torch.no_grad():
            own = select(memory, torch.tensor([row]))
            state, previous, tokens = model.start(own, 1), torch.tensor([START]), []
            for _ in range(7):
                decoded, state = model.step(previous, state, own)
                previous = decoded.logits.argmax(1)
                if int(previous) == END:
                    break
                tokens.append(int(previous))
        assert each.tokens == tuple(tokens)


@pytest.mark.parametrize("decoder", [*DECODERS])
def test_a_beam_as_wide_as_the_space_finds_what_is_best(decoder):
    """All ways of up to three of two tokens are scored by the full pass."""
    torch.manual_seed(1)
    model = build_transducer(recipe_of("lstm", decoder), TOKENS, 2, shared=False).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3.0)
        memory = model.encode(sources_of([4]))
        scored = {}
        for tokens in sequences(3, 3, 2):
            inputs = torch.tensor([[3, *tokens[:-1]]])
            decoded, _ = model(inputs, model.start(memory, 1), memory)
            told = decoded.logits.log_softmax(2)[0].gather(1, torch.tensor(tokens)[:, None]).sum()
            scored[tokens] = float(told)
        (found,) = beam_search(
            model,
            memory,
            opened(model, memory, 1, 3),
            Limits(3, 2),
            Beams(size=16, best=16, length_penalty=0.0),
        )
    best = max(scored, key=scored.get)
    assert found.hypotheses[0].tokens == best[:-1]
    assert found.hypotheses[0].log_prob == pytest.approx(scored[best])


@pytest.mark.parametrize(
    ("encoder", "decoder"),
    [("reversed", "plain"), ("lstm", "fed"), ("cnn", "deep"), ("transformer", "transformer")],
)
def test_a_dozen_pairs_are_learned_and_saved(encoder, decoder, tmp_path):
    recipe = recipe_of(encoder, decoder, tied=decoder != "plain")
    wide = {"hidden_size": 32} if decoder != "transformer" else {"size": 32, "dropout": 0.0}
    recipe = recipe.model_copy(
        update={"decoder": recipe.decoder.model_copy(update=wide), "embedding_size": 16}
    )
    torch.manual_seed(0)
    model = build_transducer(recipe, TOKENS, TOKENS, shared=True)
    lengths = [1 + row % 5 for row in range(12)]
    batch = batch_of([2 + row % 4 for row in range(12)], lengths)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(150):
        optimizer.zero_grad()
        loss = model.loss(batch).value(model.counts(batch))
        loss.backward()
        optimizer.step()
    save_tensors(tmp_path / "weights", model.state_dict())
    other = build_transducer(recipe, TOKENS, TOKENS, shared=True)
    tensors = load_tensors(tmp_path / "weights")
    check_weights(other, tensors, "weights")
    other.load_state_dict(tensors)
    wanted = [tuple(row[: length - 1].tolist()) for row, length in zip(batch.targets, lengths, strict=True)]
    for one in (model, other):
        with torch.no_grad():
            memory = one.eval().encode(batch.inputs["source"])
        told = greedy_search(one, memory, opened(one, memory, 12, START), Limits(8, END))
        assert [each.tokens for each in told] == wanted


def test_copying_models_tell_distributions():
    model = made(recipe_of(copy_source=True), spread=3.0)
    with torch.no_grad():
        memory = model.encode(sources_of([4, 0, 7]))
        decoded, _ = model(torch.full((6, 2), START), model.start(memory, 6), memory)
    torch.testing.assert_close(decoded.logits.exp().sum(2), torch.ones(6, 2).double())


def cost(model, batch):
    return float(model.loss(batch).terms["cross_entropy"].total.detach())


def test_own_tokens_take_the_place_of_true_ones_as_training_goes_on():
    def recipe(decay):
        return recipe_of(scheduled={"share": 0.8, "decay": decay})

    batch = batch_of([5, 3], [9, 9])
    plain = cost(made(recipe("linear")), batch)
    for decay in ("linear", "sigmoid"):
        model = made(recipe(decay))
        model.progress(1.0)
        assert cost(model, batch) == plain  # evaluation reads the truth
        model.train()
        torch.manual_seed(3)
        assert cost(model, batch) != plain
        model.progress(0.0)
        assert model._own_share == pytest.approx(0.0 if decay == "linear" else 0.8 / (1 + math.e**5))
    model = made(recipe("linear")).train()
    model.progress(1.0)
    target = batch.inputs["target"]
    memory = model.encode(batch.inputs["source"])
    mixed = [model._mixed(target, memory).values for _ in range(60)]
    assert all(torch.equal(each[:, 0], target.values[:, 0]) for each in mixed)
    changed = torch.stack([each != target.values for each in mixed])[:, :, 1:].double().mean()
    # 0.8 are drawn, of which about one in ten is the true one
    assert 0.6 < float(changed) < 0.8
    assert max(int(each[:, 1:].max()) for each in mixed) <= END
    copying = made(recipe_of(copy_source=True, scheduled={"share": 0.5})).train()
    copying.progress(1.0)
    copying.loss(batch).value(copying.counts(batch)).backward()


def test_half_the_bits_are_near():
    for encoder, decoder in (
        ("lstm", "deep"),
        ("both ways", "fed"),
        ("transformer", "transformer"),
        ("cnn", "dot"),
    ):
        model = made(recipe_of(encoder, decoder)).float()
        batch = batch_of([5, 0, 8, 1], [4, 3, 1, 6])
        exact = model.loss(batch).value(model.counts(batch))
        with torch.autocast("cpu", torch.bfloat16):
            near = model.train().loss(batch).value(model.counts(batch))
        near.backward()
        assert near.dtype == torch.float32
        assert all(weight.grad.dtype == torch.float32 for weight in model.parameters())
        torch.testing.assert_close(near, exact, rtol=0.2 if encoder == "transformer" else 2e-2, atol=0)


DROPOUTS = {
    "cnn": {"encoder": {**ENCODERS["cnn"], "dropout": 0.5}},
    "transformer": {"encoder": {"kind": "transformer", **SMALL, "dropout": 0.5}},
    "transformer decoder": {"decoder": {"kind": "transformer", **SMALL, "dropout": 0.5}},
    "dropout": {"dropout": 0.5},
    "decoder": {"decoder": {**DECODERS["deep"], "dropout": 0.5}},
    "plain": {"decoder": {**DECODERS["plain"], "dropout": 0.5}},
    "encoder": {"encoder": {**ENCODERS["both ways"], "dropout": 0.5}},
}


@pytest.mark.parametrize("name", DROPOUTS)
def test_dropout_acts_while_training_alone(name):
    batch = batch_of([5, 3], [4, 2])
    recipe = Seq2SeqRecipe.model_validate(
        {"encoder": ENCODERS["lstm"], "decoder": DECODERS["deep"], "embedding_size": 6} | DROPOUTS[name]
    )
    model = made(recipe)
    assert torch.equal(model.answers(batch), model.answers(batch))
    model.train()
    assert not torch.equal(model.answers(batch), model.answers(batch))


def test_what_cannot_be_built_is_said():
    with pytest.raises(RecipeError, match="one size"):
        made(recipe_of("transformer", "dot"))
    with pytest.raises(RecipeError, match="one vocabulary"):
        made(recipe_of(copy_source=True), shared=False)
    with pytest.raises(ValueError, match="shared"):
        build_transducer(recipe_of(), 5, 6, shared=True)
    with pytest.raises(ValidationError, match="reverse"):
        Seq2SeqRecipe.model_validate({"encoder": {"reverse": True, "bidirectional": True}})
    with pytest.raises(ValidationError, match="num_layers"):
        Seq2SeqRecipe.model_validate({"encoder": {"dropout": 0.1}})
    with pytest.raises(ValidationError, match="num_heads"):
        Seq2SeqRecipe.model_validate({"encoder": {"kind": "transformer", "size": 10}})


def test_models_are_named():
    assert describe_transducer(Seq2SeqRecipe()) == "LSTM 1×128 → LSTM 1×128, 128"
    assert describe_transducer(recipe_of("reversed", "fed", copy_source=True)) == (
        "reversed GRU 1×6 → peeky LSTM 1×6, general attention, input feeding, copying, 5"
    )
    assert describe_transducer(recipe_of("cnn", "transformer", tied=True)) == (
        "gated CNN 2×6×(3) → transformer 2×8, tied 5"
    )
