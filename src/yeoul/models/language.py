"""Say the next token of a text."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import final

import torch
from torch import Tensor, nn

from yeoul.data.batches import Batch
from yeoul.layers import GRU, LSTM, RNN, LockedDropout, TransformerBlock, WaveNet
from yeoul.models.build import check_reach
from yeoul.models.language_networks import (
    CausalNetwork,
    RecurrentNetwork,
    TransformerNetwork,
    WaveNetNetwork,
)
from yeoul.models.loss import Counts, Loss, Term
from yeoul.models.protocols import Decoded, Model, State
from yeoul.models.token_head import TokenHead, drawn_vectors
from yeoul.padded import Embedded, Padded, Sequences
from yeoul.recipe.language import (
    DecoderRecipe,
    RecurrentDecoderRecipe,
    TransformerDecoderRecipe,
    WaveNetDecoderRecipe,
)

_CELLS = {"lstm": LSTM, "gru": GRU, "rnn": RNN}
_NAMES = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}


@dataclass(frozen=True)
class Regularizers:
    """What keeps a language model from learning its text by heart (Merity et al. 2017, 2018)."""

    token_dropout: float = 0.0
    """Share of the vocabulary whose vectors are zero in a batch."""
    input_dropout: float = 0.0
    output_dropout: float = 0.0
    activation: float = 0.0
    """Weight of the mean square of the states that tokens are told by, dropped as they are."""
    slowness: float = 0.0
    """Weight of the mean square of the states' change from step to step; a row's first change is zero."""


@final
class LanguageModel(Model):
    """Token ids → vectors → a causal network → the next token.

    It is a decoder without a memory: `start`, `step` and `forward` read on from a state. A model that `carries` lets a
    training row begin with the state in which the row before it in the text, that of the index before, has ended.
    """

    table: nn.Parameter | None

    def __init__(
        self,
        table: nn.Parameter | None,
        network: CausalNetwork,
        head: TokenHead,
        regularizers: Regularizers,
        *,
        carries: bool,
    ) -> None:
        super().__init__()
        self.register_parameter("table", table)
        self.network = network
        self.head = head
        features = head.weight.shape[1]
        fits = network.output_size == features
        self.fit = None if fits else nn.Linear(network.output_size, features)
        self.regularizers = regularizers
        self.input_dropout = LockedDropout(regularizers.input_dropout)
        self.output_dropout = LockedDropout(regularizers.output_dropout)
        self.carries = carries
        self._carried: dict[str, Tensor] = {}

    def start(self, memory: None, rows: int) -> State:
        """Return the state of so many rows before their first token."""
        return self.network.start(rows)

    def step(self, previous: Tensor, state: State, memory: None) -> tuple[Decoded, State]:
        """Read one more token (B,) of each row; the state given may be overwritten."""
        states, after = self.network.step(self.vectors.index_select(0, previous), state)
        return Decoded(self.head.forward(self._features(states))), after

    def forward(self, inputs: Tensor, state: State, memory: None) -> tuple[Decoded, State]:
        """Read many more tokens (B, T)."""
        lengths = inputs.new_full((len(inputs),), inputs.shape[1])
        features, after = self.read(Padded(inputs, lengths), state)
        return Decoded(self.head(features.values)), after

    def read(self, text: Padded, state: State) -> tuple[Padded, State]:
        """Map more tokens (B, T) to the features (B, T, F) by which the next are told, and the state after them."""
        states, after = self.network.read(self._vectors(text), state)
        return Padded(self._features(states.values), states.lengths), after

    def loss(self, batch: Batch) -> Loss:
        """Return what the targets cost, and with regularizers the squares of states and of their change."""
        text, targets = _text(batch), _targets(batch)
        carrying = self.carries and self.training
        state = self._resumed(batch.index) if carrying else self.network.start(len(text.lengths))
        states, after = self.network.read(self._vectors(text), state)
        if carrying:
            self._keep(batch.index, after)
        dropped = self.output_dropout(states)
        features, real = self._features(dropped.values), text.mask
        count = float(text.lengths.sum())
        terms = {"cross_entropy": Term(self.head.cost(features[real], targets[real]), count)}
        if self.regularizers.activation:
            squares = dropped.values[real].float().square().mean(dim=1).sum()
            terms["activation"] = Term(squares, count, self.regularizers.activation)
        if self.regularizers.slowness:
            changes = (states.values[:, 1:] - states.values[:, :-1])[real[:, 1:]]
            squares = changes.float().square().mean(dim=1).sum()
            terms["slowness"] = Term(squares, count, self.regularizers.slowness)
        return Loss(terms)

    def counts(self, batch: Batch) -> Counts:
        tokens = float(_text(batch).lengths.sum())
        asked = {"activation": self.regularizers.activation, "slowness": self.regularizers.slowness}
        return {"cross_entropy": tokens} | {name: tokens for name, weight in asked.items() if weight}

    def answers(self, batch: Batch) -> Tensor:
        """Return the log-probability of each target (B, T), each row by itself from its beginning; zero beyond."""
        text, targets = _text(batch), _targets(batch)
        features, _ = self.read(text, self.network.start(len(text.lengths)))
        answers = features.values.new_zeros(targets.shape)
        answers[text.mask] = self.head.log_probs(features.values[text.mask], targets[text.mask])
        return answers

    def carried(self) -> Mapping[str, Tensor]:
        """Return the states that training rows wait for, all that `carry` needs; empty before the first batch."""
        return dict(self._carried)

    def carry(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from what `carried` returned; from an empty mapping, every row starts anew."""
        self._carried = dict(tensors)

    def _features(self, states: Tensor) -> Tensor:
        """Map states (…, H) to what tokens are told by, (…, F)."""
        if self.fit is None:
            return states
        features: Tensor = self.fit(states)
        return features

    @property
    def vectors(self) -> Tensor:
        """The vectors (V, D) by which tokens are read."""
        return self.head.weight if self.table is None else self.table

    def _vectors(self, text: Padded) -> Sequences:
        if not self.training or not (self.regularizers.token_dropout or self.regularizers.input_dropout):
            return Embedded(self.vectors, text.values, text.lengths)
        vectors = nn.functional.embedding(text.values, self.vectors)
        if share := self.regularizers.token_dropout:
            kept = vectors.new_empty(len(self.vectors)).bernoulli_(1.0 - share).div_(1.0 - share)
            vectors = vectors * kept[text.values][:, :, None]
        dropped: Padded = self.input_dropout(Padded(vectors, text.lengths))
        return dropped

    def _resumed(self, index: Tensor) -> State:
        """Return the states in which the rows before those of `index` (B,) have ended, and zeros where none has."""
        fresh = self.network.start(len(index))
        if not self._carried:
            return fresh
        waiting, *kept = self._waiting(index.device)
        same = index[:, None] == waiting  # (B, L)
        known, places = same.any(dim=1), same.int().argmax(dim=1)
        return tuple(
            torch.where(known.reshape(-1, *[1] * (new.dim() - 1)), old[places], new)
            for old, new in zip(kept, fresh, strict=True)
        )

    def _keep(self, index: Tensor, state: State) -> None:
        after = (index + 1, *(part.detach() for part in state))
        if self._carried:
            waiting, *kept = self._waiting(index.device)
            still = ~torch.isin(waiting, torch.cat([index, index + 1]))
            pairs = zip((waiting, *kept), after, strict=True)
            after = tuple(torch.cat([old[still], new]) for old, new in pairs)
        self._carried = {_carried_name(place): part for place, part in enumerate(after)}

    def _waiting(self, device: torch.device) -> list[Tensor]:
        """Return the rows (L,) that states wait for, and those states."""
        return [self._carried[_carried_name(place)].to(device) for place in range(len(self._carried))]


def build_language_model(recipe: DecoderRecipe, tokens: int, *, carries: bool) -> LanguageModel:
    """Return an untrained model of so many tokens; draw its weights from torch's random numbers.

    Raises `RecipeError` for what cannot be built.
    """
    table = None if recipe.tied else drawn_vectors(tokens, recipe.embedding_size)
    network = _network(recipe)
    head = TokenHead(recipe.embedding_size if recipe.tied else network.output_size, tokens)
    regularizers = Regularizers(
        recipe.token_dropout,
        recipe.input_dropout,
        recipe.output_dropout,
        recipe.activation,
        recipe.slowness,
    )
    return LanguageModel(table, network, head, regularizers, carries=carries)


def describe_decoder(recipe: DecoderRecipe) -> str:
    """Name a model in a few words: "LSTM 2×650, tied 400"."""
    match recipe.network:
        case RecurrentDecoderRecipe() as network:
            name = f"{_NAMES[network.kind]} {network.num_layers}×{network.hidden_size}"
            name += ", layer norm" if network.layer_norm else ""
        case WaveNetDecoderRecipe() as network:
            stacks = f"{network.stacks}×" if network.stacks > 1 else ""
            name = f"WaveNet {stacks}{network.num_layers}×{network.channels}×({network.width})"
        case TransformerDecoderRecipe() as network:
            name = f"transformer {network.num_layers}×{network.size}"
    return f"{name}, {'tied ' if recipe.tied else ''}{recipe.embedding_size}"


def _network(recipe: DecoderRecipe) -> CausalNetwork:
    match recipe.network:
        case RecurrentDecoderRecipe() as network:
            return _recurrent(network, recipe.embedding_size, tied=recipe.tied)
        case WaveNetDecoderRecipe() as network:
            return _wavenet(network, recipe.embedding_size)
        case TransformerDecoderRecipe() as network:
            blocks = [
                TransformerBlock(
                    network.size, network.num_heads, network.feedforward, dropout=network.dropout
                )
                for _ in range(network.num_layers)
            ]
            return TransformerNetwork(
                recipe.embedding_size, blocks, network.size, reach=network.reach, dropout=network.dropout
            )


def _recurrent(recipe: RecurrentDecoderRecipe, input_size: int, *, tied: bool) -> RecurrentNetwork:
    sizes = [input_size, *[recipe.hidden_size] * recipe.num_layers]
    if tied and recipe.num_layers > 1:
        sizes[-1] = input_size
    make = _CELLS[recipe.kind]
    layers = [make(size, hidden, layer_norm=recipe.layer_norm) for size, hidden in pairwise(sizes)]
    return RecurrentNetwork(layers, weight_drop=recipe.weight_drop, hidden_dropout=recipe.hidden_dropout)


def _wavenet(recipe: WaveNetDecoderRecipe, input_size: int) -> WaveNetNetwork:
    check_reach(recipe, "model.network")
    network = WaveNet(
        input_size,
        recipe.channels,
        recipe.skip_channels,
        width=recipe.width,
        num_layers=recipe.num_layers,
        stacks=recipe.stacks,
        dropout=recipe.dropout,
    )
    return WaveNetNetwork(network)


def _carried_name(place: int) -> str:
    return f"state.{place - 1}" if place else "next"


def _text(batch: Batch) -> Padded:
    text = batch.inputs["text"]
    if not isinstance(text, Padded):
        raise TypeError("the text must be Padded")
    return text


def _targets(batch: Batch) -> Tensor:
    if batch.targets is None:
        raise ValueError("these rows have no targets")
    return batch.targets
