"""The laws of captioners: in any company, a step at a time or all at once, searched, saved; the loss is exact."""

import math

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from yeoul.data.batches import Batch
from yeoul.decoding import Beams, Limits, beam_search, greedy_search, opened
from yeoul.layers.residual import ResidualNetwork
from yeoul.models.build_captioner import build_captioner, describe_captioner
from yeoul.models.loss import add_counts
from yeoul.models.pictures import Moved
from yeoul.padded import Padded
from yeoul.recipe import CaptionerRecipe, PicturesRecipe
from yeoul.recipefile import read_recipe
from yeoul.runs.weights import check_weights, load_tensors, save_tensors
from yeoul.tree import select

TOKENS, WORDS, PIXELS = 9, 4, 16
END, START = TOKENS, TOKENS + 1
GRID = {"kind": "resnet", "channels": [6, 8], "stride": 2, "size": 6}
ENCODERS = {
    "grid": GRID,
    "flat": {**GRID, "summary": "flat"},
    "told": {"kind": "features", "size": 6},
}
DECODERS = {
    "plain": {"kind": "lstm", "hidden_size": 6},
    "peeky": {"kind": "gru", "hidden_size": 6, "peeky": True},
    "additive": {"kind": "lstm", "hidden_size": 6, "attention": "additive"},
    "gated": {"kind": "gated", "hidden_size": 6, "attention_size": 5},
    "gated gru": {"kind": "gated", "cell": "gru", "hidden_size": 6, "attention_size": 5},
    "transformer": {"kind": "transformer", "size": 8, "num_heads": 2, "num_layers": 2, "feedforward": 12},
}
LOOKED_FOR = {"most": WORDS, "read": 2}


FITTING = [
    *(("grid", decoder) for decoder in DECODERS),
    ("flat", "plain"),
    ("flat", "peeky"),
    ("told", "gated"),
    ("told", "transformer"),
]


def fitting():
    """Every decoder after an encoder or two, of which some look for words that the decoder reads."""
    for place, (encoder, decoder) in enumerate(FITTING):
        attends = decoder not in ("plain", "peeky")
        others = {"words": LOOKED_FOR, "balance": 0.5} if attends and place % 2 else {}
        yield pytest.param(recipe_of(encoder, decoder, **others), id=f"{encoder}, {decoder}")


def recipe_of(encoder="grid", decoder="gated", **others):
    told = {"dropout": 0.0} if decoder == "transformer" else {}
    return CaptionerRecipe.model_validate(
        {
            "encoder": ENCODERS[encoder],
            "decoder": {**DECODERS[decoder], **told},
            "embedding_size": 5,
            **others,
        }
    )


EVERY = pytest.mark.parametrize("recipe", list(fitting()))


def made(recipe, *, seed=0, spread=1.0, pictures=None, **options):
    torch.manual_seed(seed)
    told = (7, 3) if recipe.encoder.kind == "features" else None
    pictures = pictures or PicturesRecipe(size=PIXELS)
    model = build_captioner(recipe, pictures, told, TOKENS, WORDS, **options)
    with torch.no_grad():
        model.head.weight.mul_(spread)
        if model.detector is not None:
            model.detector.score.bias.fill_(
                -2.0
            )  # common words, so that which are read is no matter of digits
    return model.double().eval()


def seen(recipe, rows, seed=0):
    made_by = torch.Generator().manual_seed(seed)
    if recipe.encoder.kind == "features":
        return torch.randn(rows, 7, 3, generator=made_by)
    return torch.randint(0, 256, (rows, PIXELS, PIXELS, 3), generator=made_by, dtype=torch.uint8)


def batch_of(recipe, counts, lengths, filler=0):
    """Pictures that have so many captions each; captions are as long as said with their end."""
    read, said = torch.full((2, len(lengths), max(lengths)), filler).unbind(0)
    for row, length in enumerate(lengths):
        ids = torch.randint(0, TOKENS, (length - 1,), generator=torch.Generator().manual_seed(200 + row))
        read[row, :length] = torch.cat([torch.tensor([START]), ids])
        said[row, :length] = torch.cat([ids, torch.tensor([END])])
    words = torch.arange(len(counts) * WORDS).view(-1, WORDS) % 3 == 0
    inputs = {
        "picture": seen(recipe, len(counts)),
        "captions": torch.tensor(counts),
        "target": Padded(read, torch.tensor(lengths)),
        "words": words.float(),
    }
    return Batch(inputs, said, torch.arange(len(counts)))


@EVERY
def test_reading_at_once_is_reading_step_by_step(recipe):
    """Of two pictures, each is the memory of three rows."""
    model = made(recipe)
    inputs = torch.cat([torch.full((6, 1), START), torch.arange(30).view(6, 5) % TOKENS], 1)
    with torch.no_grad():
        memory = model.encode(seen(recipe, 2))
        whole, _ = model(inputs, model.start(memory, 6), memory)
        state = model.start(memory, 6)
        for place, previous in enumerate(inputs.T):
            decoded, state = model.step(previous, state, memory)
            torch.testing.assert_close(decoded.logits, whole.logits[:, place])
            if whole.attention is not None:
                torch.testing.assert_close(decoded.attention, whole.attention[:, place])
    assert whole.logits.shape == (6, 6, TOKENS + 1)


@EVERY
def test_company_padding_and_the_picture_of_another_change_nothing(recipe):
    model = made(recipe)
    batch = batch_of(recipe, [2, 1], [4, 3, 6])
    with torch.no_grad():
        answers = model.answers(batch)
        assert bool((answers[~batch.inputs["target"].mask] == 0).all())
        torch.testing.assert_close(model.answers(batch_of(recipe, [2, 1], [4, 3, 6], 5)), answers)
        for captions, picture in (([0, 1], 0), ([2], 1)):
            inputs = {
                "picture": batch.inputs["picture"][picture : picture + 1],
                "captions": torch.tensor([len(captions)]),
                "target": select(batch.inputs["target"], torch.tensor(captions)),
            }
            alone = Batch(inputs, batch.targets[captions], torch.tensor([picture]))
            torch.testing.assert_close(model.answers(alone), answers[captions])
        other = {**batch.inputs, "picture": batch.inputs["picture"].flip(0)}
        assert not torch.allclose(model.answers(Batch(other, batch.targets, batch.index)), answers)


@EVERY
def test_the_gradient_of_a_batch_is_that_of_its_parts(recipe):
    """Nothing is normalized over the pictures of a batch, so accumulation changes nothing."""
    model = made(recipe).train()
    whole = batch_of(recipe, [1, 1, 1], [4, 3, 6])
    counts = model.counts(whole)
    model.loss(whole).value(counts).backward()
    wanted = {
        name: weight.grad.clone() for name, weight in model.named_parameters() if weight.grad is not None
    }
    model.zero_grad()
    parts = []
    for rows in ([0, 2], [1]):
        inputs = {name: select(part, torch.tensor(rows)) for name, part in whole.inputs.items()}
        parts.append(Batch(inputs, whole.targets[rows], whole.index[rows]))
    assert add_counts([model.counts(part) for part in parts]) == counts
    for part in parts:
        model.loss(part).value(counts).backward()
    assert wanted.keys() == {name for name, _ in model.named_parameters()}
    for name, weight in model.named_parameters():
        torch.testing.assert_close(weight.grad, wanted[name])


def test_a_loss_is_the_sum_of_its_terms():
    recipe = recipe_of(words=LOOKED_FOR, balance=0.5)
    model = made(recipe)
    batch = batch_of(recipe, [2, 1], [4, 3, 6])
    loss = model.loss(batch)
    assert loss.terms.keys() == {"words", "cross_entropy", "balance"}
    torch.testing.assert_close(loss.terms["cross_entropy"].total, -model.answers(batch).sum())
    memory = select(model.encode(batch.inputs["picture"]), torch.tensor([0, 0, 1]))
    target = batch.inputs["target"]
    decoded, _ = model(target.values, model.start(memory, 3), memory)
    looks = [decoded.attention[row, :length].sum(0) for row, length in enumerate([4, 3, 6])]
    wanted = sum((1 - each).square().mean() for each in looks)
    torch.testing.assert_close(loss.terms["balance"].total, wanted)
    chances = 1 - (-model.see(batch.inputs["picture"]).absent.exp()).neg()
    truth = batch.inputs["words"].double()
    cost = nn.functional.binary_cross_entropy(chances, truth, reduction="sum")
    torch.testing.assert_close(loss.terms["words"].total, cost)


def test_a_word_is_there_unless_it_is_in_no_place():
    """One place of two that holds it by halves, and the other for sure not: 1 - (1 - ½)(1 - 0) = ½."""
    detector = made(recipe_of(words=LOOKED_FOR)).detector
    with torch.no_grad():
        detector.score.weight.zero_()
        detector.score.weight[0, 0] = 1.0
        detector.score.bias.zero_()
        places = torch.zeros(1, 2, 6).double()
        places[0, 1, 0] = -1e3
        absent = detector(places)
    assert absent[0, 0].exp() == pytest.approx(0.5)
    assert absent[0, 1].exp() == pytest.approx(0.25)


def test_words_come_first_and_captions_leave_a_frozen_encoder_alone():
    recipe = recipe_of(words={**LOOKED_FOR, "first": 0.5})
    frozen = CaptionerRecipe.model_validate(
        {**recipe.model_dump(), "encoder": {**recipe.encoder.model_dump(), "frozen": True}}
    )
    batch = batch_of(recipe, [1, 1], [4, 3])
    model = made(recipe).train()
    model.progress(0.2)
    assert model.loss(batch).terms.keys() == model.counts(batch).keys() == {"words"}
    model.progress(0.5)
    assert model.loss(batch).terms.keys() == model.counts(batch).keys() == {"words", "cross_entropy"}
    for one, moved in ((recipe, True), (frozen, False)):
        model = made(one).train()
        model.progress(1.0)
        model.loss(batch).terms["cross_entropy"].total.backward()
        grads = [weight.grad for weight in model.encoder.parameters()]
        assert any(grad is not None and bool(grad.any()) for grad in grads) == moved


@pytest.mark.parametrize("decoder", ["additive", "gated", "transformer"])
def test_attention_is_a_share_of_every_place_and_of_the_words_that_are_read(decoder):
    recipe = recipe_of(decoder=decoder, words=LOOKED_FOR)
    model = made(recipe)
    memory = model.encode(seen(recipe, 2))
    assert model.encoder.grid == (4, 4)
    decoded, _ = model(torch.full((2, 3), START), model.start(memory, 2), memory)
    assert decoded.attention.shape == (2, 3, 16 + 2)
    torch.testing.assert_close(decoded.attention.sum(2), torch.ones(2, 3).double())


@EVERY
def test_a_beam_of_one_is_greedy_and_pictures_that_are_done_leave(recipe):
    model = made(recipe, spread=3.0)
    pictures = seen(recipe, 4)
    limits = Limits(7, END)

    def found(rows, beams):
        with torch.no_grad():
            memory = model.encode(pictures[rows])
        return beam_search(model, memory, opened(model, memory, len(rows), START), limits, beams)

    together = found([0, 1, 2, 3], Beams(size=3))
    for row in range(4):
        (alone,) = found([row], Beams(size=3))
        for one, other in zip(alone.hypotheses, together[row].hypotheses, strict=True):
            assert one.tokens == other.tokens
            assert one.score == pytest.approx(other.score)
    with torch.no_grad():
        memory = model.encode(pictures)
        greedy = greedy_search(model, memory, opened(model, memory, 4, START), limits)
        for row, each in enumerate(greedy):
            own = select(memory, torch.tensor([row]))
            state, previous, tokens = model.start(own, 1), torch.tensor([START]), []
            for _ in range(7):
                decoded, state = model.step(previous, state, own)
                previous = decoded.logits.argmax(1)
                if int(previous) == END:
                    break
                tokens.append(int(previous))
            assert each.tokens == tuple(tokens)


def test_pictures_move_in_training_alone_and_by_the_seed():
    moved = Moved(flip=True, shift=2)
    pictures = torch.arange(4 * 3 * 8 * 8).view(4, 3, 8, 8).float()
    assert moved.eval()(pictures) is pictures
    moved.train()
    drawn = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        drawn.append(moved(pictures))
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])
    only = Moved(flip=True, shift=0).train()(pictures)
    for one, own in zip(only, pictures, strict=True):
        assert torch.equal(one, own) or torch.equal(one, own.flip(2))
    shifted = Moved(flip=False, shift=1).train()(pictures)
    edges = nn.functional.pad(pictures, (1, 1, 1, 1), mode="replicate")
    for one, own in zip(shifted, edges, strict=True):
        crops = [own[:, down : down + 8, right : right + 8] for down in range(3) for right in range(3)]
        assert any(torch.equal(one, crop) for crop in crops)


@pytest.mark.parametrize("pixels", [8, 15, 16, 33])
def test_a_grid_is_as_wide_as_it_says(pixels):
    for stride in (1, 2, 3):
        network = ResidualNetwork((4, 4, 4), 1, stride)
        side = network.side(pixels)
        assert network(torch.zeros(1, 3, pixels, pixels)).shape == (1, 4, side, side)


def test_a_few_pictures_are_learned_by_heart_saved_and_said_again(tmp_path):
    recipe = recipe_of(decoder="gated", words=LOOKED_FOR)
    batch = batch_of(recipe, [1, 1, 1], [5, 4, 6])
    model = made(recipe).float().train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-2)
    for _ in range(80):
        optimizer.zero_grad()
        model.loss(batch).value(model.counts(batch)).backward()
        optimizer.step()
    save_tensors(tmp_path / "weights.safetensors", model.state_dict())
    tensors = load_tensors(tmp_path / "weights.safetensors")
    with torch.device("meta"):
        again = build_captioner(recipe, PicturesRecipe(size=PIXELS), None, TOKENS, WORDS)
    check_weights(again, tensors, tmp_path)
    again.load_state_dict(tensors, assign=True)
    again.eval()
    with torch.no_grad():
        memory = again.encode(batch.inputs["picture"])
    found = greedy_search(again, memory, opened(again, memory, 3, START), Limits(8, END))
    for row, (one, length) in enumerate(zip(found, [5, 4, 6], strict=True)):
        assert one.tokens == tuple(batch.targets[row, : length - 1].tolist())
        assert one.ended
        assert math.exp(one.log_prob) > 0.5


def test_recipes_say_nothing_without_effect():
    with pytest.raises(ValidationError, match="balance acts on attention"):
        recipe_of(decoder="plain", balance=1.0)
    with pytest.raises(ValidationError, match="words are read by attention"):
        recipe_of(decoder="plain", words=LOOKED_FOR)
    with pytest.raises(ValidationError, match="a transformer reads places alone"):
        recipe_of("flat", "transformer")
    assert describe_captioner(recipe_of()) == "ResNet 6-8 → gated LSTM 1×6"
    assert describe_captioner(recipe_of("flat", "plain")) == "ResNet 6-8, flattened → LSTM 1×6"


@pytest.mark.parametrize(
    "name", ["scenes", "flickr8k-plain", "flickr8k-attention", "flickr8k-transformer", "flickr8k-parts"]
)
def test_the_recipes_that_come_along_learn(name):
    recipe = read_recipe(name, {}).recipe
    size = recipe.pictures.size
    model = build_captioner(recipe.model, recipe.pictures, None, TOKENS, WORDS).train()
    model.progress(1.0)
    target = Padded(torch.tensor([[START, 1, 2], [START, 3, 4], [START, 5, 0]]), torch.tensor([3, 3, 2]))
    pictures = torch.randint(0, 256, (2, size, size, 3), dtype=torch.uint8)
    inputs = {"picture": pictures, "captions": torch.tensor([2, 1]), "target": target}
    inputs["words"] = torch.tensor([[1.0, 0, 0, 1], [0, 1, 0, 0]])
    batch = Batch(inputs, torch.tensor([[1, 2, END], [3, 4, END], [5, END, 0]]), torch.arange(2))
    before = model.loss(batch).value(model.counts(batch))
    before.backward()
    assert all(
        weight.grad is not None and bool(weight.grad.isfinite().all()) for weight in model.parameters()
    )
