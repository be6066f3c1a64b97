"""Sequences to other sequences."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, final

import numpy as np
import torch

from yeoul.data.cards import whole_quantiles
from yeoul.data.labelled import lasting_source
from yeoul.data.pairs.cards import PairsCard
from yeoul.data.pairs.dataset import PairDataset, load_pairs
from yeoul.data.pairs.opening import other_file
from yeoul.data.pairs.pairs import Pairs
from yeoul.data.pairs.rows import PairRows
from yeoul.data.tokens import TokenRows
from yeoul.metrics.pairs import Metric, PairParts
from yeoul.models.build_transducer import build_transducer, describe_transducer
from yeoul.models.protocols import Model
from yeoul.models.transduction import Seq2Seq
from yeoul.recipe import PairsRecipe, Recipe, SearchRecipe, Seq2SeqRecipe, TextRecipe
from yeoul.runs.folder import RunFolder
from yeoul.tasks.experiment import Baseline, Experiment, Prepared, Scored, Trained, number_to_beat
from yeoul.tasks.searching import Asking, Wishes
from yeoul.tasks.transduction.baselines import Beside, point_scores
from yeoul.tasks.transduction.evaluation import (
    Answered,
    drawn_rows,
    evaluate,
    write_attention,
    write_evaluation,
)
from yeoul.tasks.transduction.familiar import Familiar
from yeoul.tasks.transduction.searching import found_answers, nats_per_token, target_log_probs
from yeoul.tasks.transduction.sides import Sides
from yeoul.tasks.transduction.translator import Translator

_SEARCHED = 500
"""Validation rows that are answered after each epoch, one token after another."""
_LONGER = 2


@final
@dataclass(frozen=True)
class PreparedPairs:
    """The pairs as a network reads them."""

    dataset: PairDataset
    sides: Sides
    rows: Mapping[str, PairRows]

    def card(self) -> dict[str, Any]:
        """Return the data card with what vectorizing lost."""
        train = self.rows["train"]
        return {
            **self.dataset.card.to_json(),
            "tokens": whole_quantiles(train.source.lengths + train.source.lost),
            "target_tokens": whole_quantiles(train.target.lengths + train.target.lost),
            "truncated": _truncated(train.source),
            "target_truncated": _truncated(train.target),
            "unknown_token_share": {split: rows.source.unknown_share for split, rows in self.rows.items()},
            "target_unknown_token_share": {
                split: rows.target.unknown_share for split, rows in self.rows.items()
            },
            "vocabulary": {"source": self.sides.source.size, "target": self.sides.target.size},
        }

    def classes(self) -> None:
        """Pairs have no classes."""
        return

    def save(self, folder: Path) -> None:
        self.sides.save(folder)


@final
@dataclass(frozen=True)
class Transduction(Experiment):
    """Pairs in three splits, and the recipe for a model."""

    dataset: PairDataset

    @classmethod
    def open(cls, recipe: Recipe) -> "Transduction":
        """Read and split the pairs that a recipe names."""
        return cls(recipe, load_pairs(recipe.data, _pairs_of(recipe).keep_together, recipe.seed))

    @property
    def metric(self) -> Metric:
        return _pairs_of(self.recipe).metric

    @property
    def card(self) -> PairsCard:
        return self.dataset.card

    @property
    def fingerprint(self) -> str:
        return self.dataset.fingerprint

    @property
    def found(self) -> Mapping[str, Any]:
        source, target = self.recipe.data.source, self.recipe.data.target
        beside = other_file(Path(source), target)
        columns = {"data.inputs": list(self.card.columns.inputs), "data.target": self.card.columns.target}
        return {
            "data.source": lasting_source(source),
            **(columns if beside is None else {"data.target": str(beside.absolute())}),
        }

    def following(self, recipe: Recipe) -> "Transduction":
        return replace(self, recipe=recipe)

    @property
    def description(self) -> str:
        text, target = self._texts
        units = f"{text.unit} → {target.unit}" if text.unit != target.unit else text.unit
        return f"{describe_transducer(self._network)} · {units}"

    @property
    def reading(self) -> str:
        return "text"

    @cached_property
    def beside(self) -> Beside:
        """The simple models of these pairs."""
        return Beside(self.dataset, self.metric)

    def prepare(self, saved: Path | None = None) -> PreparedPairs:
        shared = _pairs_of(self.recipe).shared
        if saved is None:
            sides = Sides.fit(*self._texts, self.dataset.train, shared=shared)
        else:
            sides = Sides.load(saved, shared=shared)
        rows = {split: sides.rows(self.dataset.splits[split]) for split in ("train", "validation")}
        return PreparedPairs(self.dataset, sides, rows)

    def build(self, prepared: Prepared) -> Model:
        sides, training = _own(prepared).sides, self.recipe.training
        return build_transducer(
            self._network,
            sides.source.size,
            sides.target.size,
            shared=sides.shared,
            label_smoothing=0.0 if training is None else training.label_smoothing,
        )

    def validation_scores(
        self, model: Model, prepared: Prepared, device: torch.device
    ) -> Mapping[str, float]:
        own = _own(prepared)
        loss = nats_per_token(*target_log_probs(model, own.rows["validation"], device))
        if not math.isfinite(loss):
            return {"loss": math.nan, "score": math.nan}
        pairs = self.dataset.validation
        places = np.unique(np.linspace(0, len(pairs) - 1, min(_SEARCHED, len(pairs))).astype(np.int64))
        asked = pairs.select(places)
        sources = asked.sources.to_pylist()
        asking = Asking(_GREEDY, Wishes(), own.sides.marks, self._max_tokens(own))
        found = found_answers(_network(model), own.sides.sources(sources), asking)
        written = [
            own.sides.text(one.hypotheses[0], source) for one, source in zip(found, sources, strict=True)
        ]
        return {"loss": loss, **point_scores(PairParts.of(written, asked.targets.to_pylist()), self.metric)}

    def trained(self, model: Model, prepared: Prepared, device: torch.device) -> Translator:
        own = _own(prepared)
        return Translator(
            self._network,
            self._search,
            _network(model),
            own.sides,
            self._familiar,
            device,
            self._max_tokens(own),
        )

    def load(self, folder: Path, device: torch.device) -> Translator:
        return Translator.load(folder, device)

    def starting_point(self, folder: Path, device: torch.device) -> Mapping[str, torch.Tensor]:
        return Translator.load(folder, device).model.state_dict()

    def trivial_baseline(self) -> Baseline:
        return self.beside.trivial()

    def strong_baselines(self) -> Sequence[Baseline]:
        return self.beside.strong()

    def score(self, run: RunFolder, model: Trained, baselines: Sequence[Baseline]) -> Scored:
        if not isinstance(model, Translator):
            raise TypeError("a model of another task")
        against, scores = number_to_beat(baselines), dict[str, Any]()
        for split in ("validation", "test"):
            pairs = self.dataset.splits[split]
            model, answered = answers_to(model, pairs, learn=split == "validation")
            beside = {one.name: self.beside.measured(one, split) for one in baselines}
            scores = evaluate(answered, beside, against.name, self.metric, self.recipe.seed)
            slices: dict[str, Any] = {}
            if split == "test" and self.dataset.seen.any():
                slices["source also in training"] = np.where(self.dataset.seen, "yes", "no")
            write_evaluation(run, split, scores, answered, pairs, slices)
            drawn = pairs.select(drawn_rows(answered))
            write_attention(run, split, pairs, model.answer(drawn.sources.to_pylist()))
        return Scored(model, scores)

    @cached_property
    def _familiar(self) -> Familiar:
        return Familiar.of(self.dataset.train.sources.to_pylist())

    @property
    def _texts(self) -> tuple[TextRecipe, TextRecipe]:
        """How sources and targets are cut."""
        text = self.recipe.text or TextRecipe()
        return text, self.recipe.target_text or text

    @property
    def _search(self) -> SearchRecipe:
        return self.recipe.search or SearchRecipe()

    @property
    def _network(self) -> Seq2SeqRecipe:
        if not isinstance(self.recipe.model, Seq2SeqRecipe):
            raise TypeError("not a network's recipe")
        return self.recipe.model

    def _max_tokens(self, prepared: PreparedPairs) -> int:
        longest = int(prepared.rows["train"].said_lengths.max(initial=1))
        return self._search.max_tokens or _LONGER * longest


_GREEDY = SearchRecipe(beam=1, length_penalty=0.0)


def answers_to(model: Translator, pairs: Pairs, *, learn: bool) -> tuple[Translator, Answered]:
    """Answer the sources of pairs; with `learn`, return a model that has learned its doubts from them."""
    sources = pairs.sources.to_pylist()
    found = [one.hypotheses[0] for one in model.found(sources)]
    written = tuple(model.sides.text(one, source) for one, source in zip(found, sources, strict=True))
    parts = PairParts.of(written, pairs.targets.to_pylist())
    if learn:
        model = model.doubting(sources, found, parts.right.tolist())
    rows = model.sides.rows(pairs)
    log_probs, tokens = target_log_probs(model.model, rows, model.device)
    unknown = model.unknown(found, model.familiar.strange(sources).tolist())
    confidence = model.confidence(found)
    answered = Answered(
        written, parts, tuple(found), confidence, np.array(unknown), log_probs, tokens, rows.source.lengths
    )
    return model, answered


def _truncated(rows: TokenRows) -> dict[str, float]:
    return {"rows": int(np.count_nonzero(rows.lost)), "token_share": rows.lost_share}


def _pairs_of(recipe: Recipe) -> PairsRecipe:
    if recipe.pairs is None:
        raise TypeError("not a recipe of pairs")
    return recipe.pairs


def _network(model: Model) -> Seq2Seq:
    if not isinstance(model, Seq2Seq):
        raise TypeError("a model of another task")
    return model


def _own(prepared: Prepared) -> PreparedPairs:
    if not isinstance(prepared, PreparedPairs):
        raise TypeError("rows of another task")
    return prepared
