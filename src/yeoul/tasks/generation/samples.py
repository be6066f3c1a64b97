"""Texts that a model writes by itself, with how much of them is copied and how often they repeat themselves."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from yeoul.data.streams import Ids
from yeoul.decoding import Restarting, generate
from yeoul.metrics.language import Copied, distinct_share, longest_repeat
from yeoul.tasks.generation.manner import Manner, planned
from yeoul.tasks.generation.writer import Writer

TEMPERATURES = (0.0, 0.7, 1.0)
_DOCUMENTS = 10
_COPIED_WORDS, _COPIED_LETTERS = 6, 30
_REPEATED = 4
_LETTERS = ("byte", "character", "jamo", "syllable")


def written_samples(writer: Writer, training: Ids, seed: int) -> list[dict[str, Any]]:
    """Write a text at each temperature, from the beginning on, or some texts where each line is one.

    None of them says the unknown token. A text is copied as far as its runs of six words, or thirty letters, stand in
    the training text; texts of a line are copied whole or not.
    """
    return [_sample(writer, training, temperature, seed) for temperature in TEMPERATURES]


def _sample(writer: Writer, training: Ids, temperature: float, seed: int) -> dict[str, Any]:
    decoder, lines = writer.decoder, None
    if writer.documents and writer.end is not None:
        decoder, lines = Restarting(decoder, writer.start, writer.end), _DOCUMENTS if temperature else 1
    manner = Manner(temperature=temperature, lines=lines).after(writer.sampling)
    plan = planned(manner, writer.spelling, None)
    said = generate(decoder, None, writer.opening(), plan.limits, plan.steps, None if plan.greedy else seed)
    ids = np.array([each.token for each in said], np.int64)
    run = _COPIED_LETTERS if writer.vectorizer.settings.unit in _LETTERS else _COPIED_WORDS
    copied = Copied.of(ids, training, run)
    share = copied.share if lines is None else _copied_lines(ids, training, writer.start)
    return {
        "temperature": temperature,
        "prompt": "",
        "text": writer.decode(ids.tolist()),
        "tokens": len(ids),
        "copied": _told(share),
        "copied_run": run if lines is None else None,
        "copied_longest": copied.longest,
        "repetition": _told(1.0 - distinct_share(ids, _REPEATED)),
        "repeated_longest": longest_repeat(ids),
    }


def _copied_lines(ids: npt.NDArray[np.int64], training: Ids, end: int) -> float:
    """Return the share of lines that are whole lines of the training text; NaN where there is none."""
    bounds = np.concatenate([[-1], np.flatnonzero(training == end)])
    lengths = np.diff(bounds) - 1
    own = np.concatenate([[-1], np.flatnonzero(ids == end)])
    lines = [ids[first + 1 : last] for first, last in pairwise(own.tolist())]
    found = list[bool]()
    for line in lines:
        starts = bounds[:-1][lengths == len(line)] + 1
        for place, token in enumerate(line.tolist()):
            starts = starts[training[starts + place] == token]
        found.append(len(starts) > 0)
    return float(np.mean(found)) if found else math.nan


def _told(share: float) -> float | None:
    return None if math.isnan(share) else share
