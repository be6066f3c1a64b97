"""Encoders of sentences whose words are tagged: what they say of a word is where the word stands."""

from collections.abc import Sequence
from typing import cast, final

import torch
from torch import nn

from yeoul.layers import Convolution, Dropout, FixedPooling, TransformerBlock
from yeoul.models.encoders import Recurrent, reversed_rows
from yeoul.models.protocols import Encoded, Encoder
from yeoul.models.transduction_encoders import PlacedVectors, TransformerSource
from yeoul.padded import Padded, Sequences

_HALF = 0.5**0.5
_PART = 4096


@final
class RecurrentRows(nn.Module):
    """Recurrent layers over the words of a sentence.

    When it does not train, it reads longer rows in parts of `part` steps, each direction and layer for itself, and
    carries the state from part to part: the states are the same, and the memory is that of a part.
    """

    def __init__(self, layers: Recurrent, part: int = _PART) -> None:
        super().__init__()
        self.layers = layers
        self.part = part
        self.pooling = FixedPooling("mean")
        self.output_size = layers.output_size

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, T, H · directions)."""
        long = inputs.lengths.numel() > 0 and int(inputs.lengths.max()) > self.part
        if long and not self.training and not self.layers.layer_norm:
            states = self._in_parts(inputs.dense())
        else:
            states, _ = self.layers(inputs)
        return Encoded(states, self.pooling(states).summary)

    def _in_parts(self, rows: Padded) -> Padded:
        for layer in range(self.layers.num_layers):
            read = [_read_on(self._single(f"l{layer}", rows), rows, self.part)]
            if self.layers.bidirectional:
                turned = reversed_rows(rows).dense()
                backward = _read_on(self._single(f"l{layer}_reverse", rows), turned, self.part)
                read.append(reversed_rows(backward).dense())
            rows = Padded(torch.cat([one.values for one in read], dim=2), rows.lengths)
        return rows

    def _single(self, suffix: str, rows: Padded) -> Recurrent:
        """Return one layer in one direction, with the weights that it has here."""
        single = type(self.layers)(rows.values.shape[2], self.layers.hidden_size).to(rows.values)
        with torch.no_grad():
            for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                single.get_parameter(f"{kind}_l0").copy_(self.layers.get_parameter(f"{kind}_{suffix}"))
        return single.eval()


def _read_on(layer: Recurrent, rows: Padded, part: int) -> Padded:
    """Read rows (B, T, D) part by part, the state carried on."""
    state, parts = None, []
    for start in range(0, rows.values.shape[1], part):
        lengths = (rows.lengths - start).clamp(0, part)
        states, state = layer(Padded(rows.values[:, start : start + part].contiguous(), lengths), state)
        parts.append(states.values)
    return Padded(torch.cat(parts, dim=1), rows.lengths)


@final
class ConvolutionRows(nn.Module):
    """Gated convolutions, each added to what it read (Gehring et al. 2017), blind to the places of the words.

    x ← √½ (x + a ∘ sigmoid(b)),  (a, b) = convolution(x)
    """

    def __init__(self, input_size: int, channels: int, width: int, num_layers: int, dropout: float) -> None:
        super().__init__()
        self.enter = nn.Linear(input_size, channels)
        self.convolutions = nn.ModuleList(
            Convolution(channels, 2 * channels, width) for _ in range(num_layers)
        )
        self.dropout = Dropout(dropout)
        self.pooling = FixedPooling("mean")
        self.output_size = channels

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, T, channels)."""
        read = inputs.dense()
        rows = Padded(self.enter(read.values), read.lengths)
        for convolution in cast(Sequence[Convolution], self.convolutions):
            gates: Padded = convolution(Padded(self.dropout(rows.values), rows.lengths))
            values = (
                rows.values + nn.functional.glu(gates.values, dim=2) if rows.values.shape[1] else rows.values
            )
            rows = Padded(values * _HALF, rows.lengths)
        return Encoded(rows, self.pooling(rows).summary)


@final
class Parted(nn.Module):
    """Reads rows in parts of at most `reach` steps, each by itself, so that the cost grows with the length only."""

    def __init__(self, encoder: Encoder, reach: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.reach = reach
        self.pooling = FixedPooling("mean")
        self.output_size = encoder.output_size

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, T, H)."""
        rows = inputs.dense()
        if rows.values.shape[1] <= self.reach:
            return self.encoder(rows)
        parts = self.encoder(parted(rows, self.reach)).states.values
        values = parts.reshape(len(rows.values), -1, parts.shape[2])[:, : rows.values.shape[1]]
        states = Padded(values, rows.lengths)
        return Encoded(states, self.pooling(states).summary)


def parted(rows: Padded, reach: int) -> Padded:
    """Cut rows (B, T, D) into parts (B · P, reach, D), those of a row one after another, the last ones maybe empty."""
    batch, steps = rows.values.shape[:2]
    count = -(-steps // reach)
    filled = nn.functional.pad(rows.values, (0, 0, 0, count * reach - steps))
    starts = torch.arange(count, device=rows.lengths.device) * reach
    lengths = (rows.lengths[:, None] - starts).clamp(0, reach)
    return Padded(filled.reshape(batch * count, reach, -1), lengths.reshape(-1))


def transformer_rows(
    input_size: int, size: int, blocks: Sequence[TransformerBlock], dropout: float, reach: int
) -> Encoder:
    """Return an encoder whose words see one another within parts of `reach` words."""
    return Parted(TransformerSource(PlacedVectors(input_size, size, dropout), blocks), reach)
