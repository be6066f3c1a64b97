"""What a language model says of a long text: as it was trained, with a cache, or learning on while it reads.

A text may be read in several lanes side by side, which is faster. Each lane begins some tokens before its own, so that
its first ones have a past too; every token counts once.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from yeoul.data.batches import Batch
from yeoul.data.streams import Ids, StreamRows
from yeoul.metrics.language import interpolated, interpolation_weights
from yeoul.models.language import LanguageModel
from yeoul.padded import Padded
from yeoul.recipe.language import DynamicRecipe

Floats = npt.NDArray[np.float64]

_FLATNESSES = (0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5)
_TOKENS_AT_ONCE = 256
_SMALLEST_SCALE = 1e-3


@dataclass(frozen=True)
class Reading:
    """How a text is read."""

    lanes: int = 1
    window: int = 256
    """Tokens that are read at once."""
    warmup: int = 256
    """Tokens before a lane's own from which it reads."""


@dataclass(frozen=True, eq=False)
class ReadText:
    """What a model said of every token (N,), and the features (N, F) by which it told them."""

    log_probs: Floats
    features: Tensor


@dataclass(frozen=True)
class CacheSettings:
    """How sharply a cache tells states apart, and its share of the probability."""

    flatness: float
    share: float


def text_log_probs(
    model: LanguageModel, ids: Ids, start: int, device: torch.device, reading: Reading = Reading()
) -> Floats:
    """Return the log-probability of every token (N,) after those before it, the first after the id `start`.

    The model is put into evaluation mode.
    """
    told = np.empty(len(ids))
    for places, log_probs, _ in _read(model, ids, start, device, reading):
        told[places] = log_probs
    return told


def read_text(
    model: LanguageModel, ids: Ids, start: int, device: torch.device, reading: Reading = Reading()
) -> ReadText:
    """Return also the features, which take 4 F bytes a token, as a cache needs them."""
    told, features = np.empty(len(ids)), torch.empty(len(ids), model.head.weight.shape[1])
    for places, log_probs, found in _read(model, ids, start, device, reading):
        told[places] = log_probs
        features[torch.from_numpy(places)] = found
    return ReadText(told, features)


def cache_log_probs(features: Tensor, ids: Ids, size: int, flatnesses: Sequence[float]) -> Floats:
    """Return what a cache (Grave et al. 2017) of the last `size` tokens says of every token, (len(flatnesses), N).

    The token that once followed the features f_i is expected after f with a weight of exp(θ f · f_i), θ being the
    flatness. Before the first token the cache is empty and expects nothing: -∞.
    """
    targets = torch.from_numpy(ids.astype(np.int64))
    told = features.new_full((len(flatnesses), len(ids)), -torch.inf)
    for first in range(1, len(ids), _TOKENS_AT_ONCE):
        here = torch.arange(first, min(first + _TOKENS_AT_ONCE, len(ids)))  # (T,)
        past = torch.arange(max(0, first - size), int(here[-1]))  # (S,)
        back = here[:, None] - past
        near = (back > 0) & (back <= size)
        alike = features[here] @ features[past].T  # (T, S)
        same = targets[here][:, None] == targets[past]
        for place, flatness in enumerate(flatnesses):
            scores = (flatness * alike).masked_fill(~near, -torch.inf)
            right = scores.masked_fill(~same, -torch.inf).logsumexp(dim=1)
            told[place, here] = right - scores.logsumexp(dim=1)
    logs: Floats = told.numpy().astype(np.float64)
    return logs


def choose_cache(
    read: ReadText, ids: Ids, size: int, *, flatness: float | None = None, share: float | None = None
) -> CacheSettings:
    """Return the settings under which a cache helps most on a text that models are chosen on.

    One that is given is kept, and the other chosen for it.
    """
    tried = _FLATNESSES if flatness is None else (flatness,)
    best = CacheSettings(tried[0], share or 0.0)
    most = -np.inf
    for each, told in zip(tried, cache_log_probs(read.features, ids, size, tried), strict=True):
        both = np.stack([read.log_probs, told])
        weights = interpolation_weights(both) if share is None else np.array([1.0 - share, share])
        if (reached := interpolated(both, weights).sum()) > most:
            best, most = CacheSettings(each, float(weights[1])), reached
    return best


def cached_log_probs(read: ReadText, ids: Ids, size: int, settings: CacheSettings) -> Floats:
    """Return the log-probability of every token (N,) by model and cache together."""
    told = cache_log_probs(read.features, ids, size, [settings.flatness])
    weights = np.array([1.0 - settings.share, settings.share])
    return interpolated(np.stack([read.log_probs, told[0]]), weights)


def gradient_scales(model: LanguageModel, batches: Sequence[Batch]) -> Mapping[str, Tensor]:
    """Return the root mean square of each weight's gradient over training batches, without regularizers.

    The model's gradients are cleared.
    """
    model.eval()
    squares = {name: torch.zeros_like(weight) for name, weight in model.named_parameters()}
    for batch in batches:
        torch.autograd.backward(_mean_cost(model, batch))
        for name, weight in model.named_parameters():
            if weight.grad is not None:
                squares[name] += weight.grad.square()
        model.zero_grad(set_to_none=True)
    return {name: (square / max(1, len(batches))).sqrt() for name, square in squares.items()}


def dynamic_log_probs(
    model: LanguageModel, ids: Ids, start: int, recipe: DynamicRecipe, scales: Mapping[str, Tensor]
) -> Floats:
    """Return the log-probability of every token (N,) by a model that learns from each window it was scored on.

    Dynamic evaluation as of Krause et al. (2018): a weight w of scale s, once v, becomes

        w - rate · g / (s + 0.001) + min(1, decay · s / mean s) (v - w)

    after every window. No token is scored by weights that have seen it. The model given stays as it is.
    """
    learning = copy.deepcopy(model).eval()
    learning.carry({})
    trained = dict(model.named_parameters())
    pulls = _pulls(scales, recipe.decay)
    rows, device = StreamRows.in_windows(ids, start, recipe.window), learning.head.weight.device
    told, state = [np.empty(0)], learning.start(None, 1)
    for row in range(len(rows)):
        batch = rows.batch(np.array([row])).to(device)
        log_probs, state = _window(learning, batch, state)
        told.append(log_probs.detach().cpu().double().numpy())
        torch.autograd.backward(-log_probs.mean())
        _follow(learning, trained, scales, pulls, recipe.rate)
    return np.concatenate(told)


def _read(
    model: LanguageModel, ids: Ids, start: int, device: torch.device, reading: Reading
) -> Iterator[tuple[npt.NDArray[np.int64], Floats, Tensor]]:
    """Yield places (n,) of the text, what was said of their tokens, and the features (n, F)."""
    ends = np.arange(reading.lanes + 1) * len(ids) // reading.lanes
    firsts = np.maximum(0, ends[:-1] - reading.warmup)  # (L,)
    windows = max(1, -(-int((ends[1:] - firsts).max()) // reading.window))
    begins = firsts[:, None] + np.arange(windows) * reading.window  # (L, K)
    lengths = np.clip(ends[1:, None] - begins, 0, reading.window)
    rows = StreamRows(ids, start, begins.ravel(), lengths.ravel())
    model.eval()
    with torch.inference_mode():
        state = model.start(None, reading.lanes)
        for window, places in enumerate(np.arange(len(rows)).reshape(reading.lanes, windows).T):
            batch = rows.batch(places).to(device)
            text = _text(batch)
            features, state = model.read(text, state)
            steps = begins[:, window, None] + np.arange(text.values.shape[1])
            own = (
                steps >= ends[:-1, None]
            ) & text.mask.cpu().numpy()  # what is read to warm up counts elsewhere
            mine = torch.from_numpy(own).to(device)
            found = features.values[mine]
            log_probs = model.head.log_probs(found, _targets(batch)[mine])
            yield steps[own], log_probs.cpu().double().numpy(), found.float().cpu()


def _window(
    model: LanguageModel, batch: Batch, state: tuple[Tensor, ...]
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Return the log-probabilities of a row's targets (T,) and the state after it, from which no gradient flows."""
    features, after = model.read(_text(batch), state)
    log_probs = model.head.log_probs(features.values[0], _targets(batch)[0])
    return log_probs, tuple(part.detach() for part in after)


def _mean_cost(model: LanguageModel, batch: Batch) -> Tensor:
    text = _text(batch)
    features, _ = model.read(text, model.start(None, len(text.lengths)))
    return model.head.cost(features.values[text.mask], _targets(batch)[text.mask]) / text.lengths.sum()


def _pulls(scales: Mapping[str, Tensor], decay: float) -> dict[str, Tensor]:
    """Return by how much of the way each weight goes back to where it was."""
    total = sum(float(scale.double().sum()) for scale in scales.values())
    mean = total / sum(scale.numel() for scale in scales.values())
    return {
        name: (decay / max(mean, torch.finfo(scale.dtype).tiny) * scale).clamp(max=1.0)
        for name, scale in scales.items()
    }


def _follow(
    model: nn.Module,
    trained: Mapping[str, Tensor],
    scales: Mapping[str, Tensor],
    pulls: Mapping[str, Tensor],
    rate: float,
) -> None:
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.grad is not None:
                weight.addcdiv_(weight.grad, scales[name] + _SMALLEST_SCALE, value=-rate)
            weight.addcmul_(pulls[name], trained[name] - weight)
    model.zero_grad(set_to_none=True)


def _text(batch: Batch) -> Padded:
    text = batch.inputs["text"]
    if not isinstance(text, Padded):
        raise TypeError("the text must be Padded")
    return text


def _targets(batch: Batch) -> Tensor:
    if batch.targets is None:
        raise ValueError("these rows have no targets")
    return batch.targets
