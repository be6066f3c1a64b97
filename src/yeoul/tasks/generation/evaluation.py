"""Score a language model beside its baselines, and write what a person looks at afterwards.

`evaluation/<split>/` then holds `metrics.json` (scores, intervals, verdict; of the test part also the model together
with the n-grams, with a cache, learning on, and texts that it wrote) and `passages.json` (what surprised it most).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from yeoul.metrics.intervals import Floats, Interval
from yeoul.metrics.language import (
    LanguageScores,
    Metric,
    compare_texts,
    interpolated,
    interpolation_weights,
)
from yeoul.runs.folder import RunFolder, write_json
from yeoul.tasks.generation.lines import write_lines
from yeoul.tasks.generation.texts import TextStream
from yeoul.tasks.generation.writer import Writer

Scores = dict[str, Any]
_WORDS = ("word", "spaced", "morpheme")
_PASSAGE_TOKENS = 60
_SURPRISING, _TYPICAL = 12, 2


def deciding(unit: str) -> str:
    """Name the score that decides: what is usual for words, and what compares over units for all others."""
    return "perplexity" if unit in _WORDS else "bits_per_byte"


def point_scores(text: TextStream, log_probs: Floats) -> dict[str, float]:
    """Return the scores of a text without their intervals, "loss" in nats a token; a larger "score" is better."""
    if not np.isfinite(log_probs).all():
        return {"loss": math.nan, "score": math.nan}
    nats, spelled = -float(log_probs.mean()), text.spelled(log_probs)
    bits = -float(spelled.log_probs.sum()) / math.log(2.0)
    per_byte = bits / max(1, int(text.bytes.sum()))
    return {
        "loss": nats,
        "perplexity": math.exp(min(nats, _LARGEST)),
        "bits_per_character": bits / max(1, int(text.characters.sum())),
        "bits_per_byte": per_byte,
        "score": -per_byte,
    }


@dataclass(frozen=True, eq=False)
class Told:
    """A text of a split with what is said of its tokens by the model and by every baseline."""

    text: TextStream
    ours: Floats
    baselines: Mapping[str, Floats]
    seed: int

    def evaluate(self, unit: str, against: str) -> Scores:
        """Score the model and every baseline; the verdict is against `against`."""
        metric = deciding(unit)
        compared = [
            {"name": name, "scores": self.scores(theirs), "verdict": self._verdict(theirs, metric, name)}
            for name, theirs in self.baselines.items()
        ]
        return {
            "task": "generate",
            "metric": metric,
            "unit": unit,
            "seed": self.seed,
            "rows": len(self.text.offsets) - 1,
            "tokens": len(self.text.ids),
            "characters": int(self.text.characters.sum()),
            "bytes": int(self.text.bytes.sum()),
            "unknown_share": float(self.text.unknown.mean()),
            "scores": self.scores(self.ours),
            "baselines": compared,
            "verdict": next(one["verdict"] for one in compared if one["name"] == against),
        }

    def first(self, tokens: int) -> "Told":
        """Return what is said of the first so many tokens."""
        others = {name: theirs[:tokens] for name, theirs in self.baselines.items()}
        return Told(self.text.first(tokens), self.ours[:tokens], others, self.seed)

    def scores(self, log_probs: Floats) -> Scores:
        """Return all scores with their intervals."""
        per_token = LanguageScores.of(self.text.scored(log_probs), seed=self.seed).to_json()
        spelled = LanguageScores.of(self.text.spelled(log_probs), seed=self.seed).to_json()
        return {
            name: (per_token if name in ("nats_per_token", "perplexity") else spelled)[name]
            for name in ("perplexity", "nats_per_token", "bits_per_character", "bits_per_byte")
        }

    def _verdict(self, theirs: Floats, metric: str, against: str) -> Scores:
        own: Metric = "nats_per_token" if metric == "perplexity" else "bits_per_byte"
        read = self.text.scored if own == "nats_per_token" else self.text.spelled
        ours, other = read(self.ours), read(theirs)
        found = compare_texts(ours, other, metric=own, against=against, seed=self.seed)
        if metric == "perplexity":
            size = math.exp(-float(theirs.mean()))
            gain = _mapped(found.difference, lambda nats: -math.expm1(-nats))
            difference = _mapped(gain, lambda share: size * share)
        else:
            size = -float(other.log_probs.sum()) / math.log(2.0) / max(1, int(self.text.bytes.sum()))
            difference = found.difference
            gain = _mapped(difference, lambda bits: bits / size)
        return {
            "outcome": found.outcome,
            "metric": metric,
            "against": against,
            "difference": _told(difference),
            "gain": _told(_mapped(gain, lambda share: 100.0 * share)),
        }


def mixed(validation: tuple[Floats, Floats], test: tuple[Floats, Floats]) -> tuple[float, Floats]:
    """Return the weight of the first of two models that say the validation text best together, and the test text so."""
    weight = float(interpolation_weights(validation)[0])
    return weight, interpolated(test, np.array([weight, 1.0 - weight]))


def write_evaluation(run: RunFolder, split: str, scores: Scores, told: Told, writer: Writer) -> None:
    """Write `evaluation/<split>/`."""
    folder = run.evaluation(split)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "metrics.json", {"split": split, **scores})
    write_json(folder / "passages.json", _passages(told, writer))
    write_lines(folder / "lines.csv", told.text, told.ours)


def _passages(told: Told, writer: Writer) -> Scores:
    """Return pieces of the text that the model found hardest, and such as were as hard as most."""
    starts = np.arange(0, len(told.ours), _PASSAGE_TOKENS)
    sizes = np.diff(np.append(starts, len(told.ours)))
    costs = -np.add.reduceat(told.ours, starts) / sizes
    whole = np.flatnonzero(sizes >= min(_PASSAGE_TOKENS, len(told.ours)))
    order = whole[np.argsort(-costs[whole], kind="stable")]
    middle = max(0, (len(order) - _TYPICAL) // 2)
    chosen = {"surprising": order[:_SURPRISING], "typical": order[middle : middle + _TYPICAL]}
    pieces = writer.spelling.pieces
    return {
        name: [
            {
                "nats": float(costs[place]),
                "tokens": [
                    [pieces[token], round(-nats, 3)]
                    for token, nats in zip(
                        told.text.ids[starts[place] : starts[place] + sizes[place]].tolist(),
                        told.ours[starts[place] : starts[place] + sizes[place]].tolist(),
                        strict=True,
                    )
                ],
            }
            for place in places.tolist()
        ]
        for name, places in chosen.items()
    }


def _mapped(interval: Interval, change: Callable[[float], float]) -> Interval:
    """Map the value and the ends of an interval; what is not known stays so."""
    low, high = (change(end) if math.isfinite(end) else end for end in (interval.low, interval.high))
    return Interval(change(interval.value), low, high)


def _told(interval: Interval) -> Scores:
    known = math.isfinite(interval.low) and math.isfinite(interval.high)
    return interval.to_json() if known else {"value": interval.value}


_LARGEST = 700.0
