"""Sentences with a tag for every word."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, final

import numpy as np
import numpy.typing as npt
import torch

from yeoul.data.cards import whole_quantiles
from yeoul.data.labelled import lasting_source
from yeoul.data.tag_rows import TaggedRows
from yeoul.data.tags.cards import TagsCard
from yeoul.data.tags.dataset import TaggedDataset, load_tagged
from yeoul.errors import RunError
from yeoul.metrics.tags import Metric, spans
from yeoul.models.build_tagger import build_tagger, describe_tagger
from yeoul.models.protocols import Model
from yeoul.models.tagging import TagModel
from yeoul.recipe import Recipe, TaggerRecipe, TaggingRecipe, TextRecipe
from yeoul.runs.folder import RunFolder
from yeoul.tasks.experiment import Baseline, Experiment, Prepared, Scored, Trained, number_to_beat
from yeoul.tasks.tagging.baselines import Beside, SimpleTaggers, point_scores
from yeoul.tasks.tagging.evaluation import evaluate, unseen_words, write_evaluation
from yeoul.tasks.tagging.reading import Reading
from yeoul.tasks.tagging.tagger import SentenceTagger, tag_rows

_KEPT_CARD = (
    "# The numbers to beat\n\nSimple models, kept to score new sentences beside the run's own model.\n"
)


@final
@dataclass(frozen=True)
class PreparedTags:
    """The sentences as a network reads them."""

    dataset: TaggedDataset
    reading: Reading
    rows: Mapping[str, TaggedRows]
    source: str = ""
    """Of the vectors that are given."""

    def card(self) -> dict[str, Any]:
        """Return the data card with what is lost of long words, and how many words have vectors of their own."""
        letters, given = self.rows["train"].letters, self.reading.given
        counts = Counter(word for words in self.dataset.train.words for word in words)
        return {
            **self.dataset.card.to_json(),
            "letters": whole_quantiles(letters.lengths + letters.lost),
            "truncated": {"rows": int(np.count_nonzero(letters.lost)), "token_share": letters.lost_share},
            "vocabulary": {"words": len(self.reading.words), "letters": self.reading.letters.size},
            "own_vectors": {split: float((rows.words > 0).mean()) for split, rows in self.rows.items()},
            **({} if given is None else {"vectors": given.card(self.source, counts)}),
        }

    def classes(self) -> None:
        """Sentences have no classes."""
        return

    def save(self, folder: Path) -> None:
        self.reading.save(folder)


@final
@dataclass(frozen=True)
class Tagging(Experiment):
    """Tagged sentences in three splits, and the recipe for a model."""

    dataset: TaggedDataset

    @classmethod
    def open(cls, recipe: Recipe) -> "Tagging":
        """Read and split the sentences that a recipe names."""
        return cls(recipe, load_tagged(recipe.data, recipe.seed))

    @cached_property
    def spans(self) -> bool:
        """Whether tags mark spans by B-, I- and O."""
        asked = _asked(self.recipe)
        if asked.scheme != "auto":
            return asked.scheme == "spans"
        tags = {tag for given in self.dataset.train.tags[self.dataset.layer] for tag in given}
        inside = [tag for tag in tags if tag != "O"]
        return "O" in tags and bool(inside) and all(tag[:2] in ("B-", "I-") for tag in inside)

    @cached_property
    def ruled(self) -> bool:
        """Whether the tags keep the rules of spans throughout, so that a chain may be held to them."""
        told = (self.dataset.train.tags, self.dataset.validation.tags)
        return self.spans and not any(spans(tags)[1] for own in told for tags in own[self.dataset.layer])

    @property
    def metric(self) -> Metric:
        if not self.spans:
            return "accuracy"
        return "span_f1" if _asked(self.recipe).matching == "strict" else "span_f1_relaxed"

    @property
    def card(self) -> TagsCard:
        return self.dataset.card

    @property
    def fingerprint(self) -> str:
        return self.dataset.fingerprint

    @property
    def found(self) -> Mapping[str, Any]:
        return {"data.source": lasting_source(self.recipe.data.source), "data.target": self.dataset.layer}

    def following(self, recipe: Recipe) -> "Tagging":
        return replace(self, recipe=recipe)

    @property
    def description(self) -> str:
        text = self.recipe.text or TextRecipe()
        return f"{describe_tagger(self._network)} · {text.unit}"

    @property
    def reading(self) -> str:
        return "text"

    @cached_property
    def beside(self) -> Beside:
        """The simple models of these sentences."""
        of_documents = _asked(self.recipe).element == "sentence"
        return Beside(self.dataset, self.metric, of_documents=of_documents)

    def prepare(self, saved: Path | None = None) -> PreparedTags:
        asked = _asked(self.recipe)
        if saved is None:
            text, train = self.recipe.text or TextRecipe(), self.dataset.train
            reading = Reading.fit(text, self._network, train, self.dataset.layer, asked.cut)
        else:
            reading = Reading.load(saved)
        rows = {split: reading.rows(self.dataset.splits[split]) for split in ("train", "validation")}
        return PreparedTags(self.dataset, reading, rows, self._network.vectors)

    def build(self, prepared: Prepared) -> Model:
        return build_tagger(self._network, _own(prepared).reading.sizes(), ruled=self.ruled)

    def validation_scores(
        self, model: Model, prepared: Prepared, device: torch.device
    ) -> Mapping[str, float]:
        own = _own(prepared)
        rows = own.rows["validation"]
        said = tag_rows(_network(model), rows, own.reading.tags, device)
        known = np.isin(np.arange(len(rows)), _strange(rows), invert=True)
        loss = float(said.nats[known].sum() / max(1, int(rows.sizes[known].sum())))
        if not math.isfinite(loss):
            return {"loss": math.nan, "score": math.nan}
        truth = self.dataset.validation.tags[self.dataset.layer]
        return {"loss": loss, **point_scores(said.tags, truth, self.metric)}

    def trained(self, model: Model, prepared: Prepared, device: torch.device) -> SentenceTagger:
        element = _asked(self.recipe).element
        reading = _own(prepared).reading
        return SentenceTagger(
            self._network, _network(model), reading, device, self.spans, element, self.ruled
        )

    def load(self, folder: Path, device: torch.device) -> SentenceTagger:
        return SentenceTagger.load(folder, device)

    def starting_point(self, folder: Path, device: torch.device) -> Mapping[str, torch.Tensor]:
        tagger, where = SentenceTagger.load(folder, device), folder.parent.name
        tags = sorted({tag for given in self.dataset.train.tags[self.dataset.layer] for tag in given})
        if not set(tags) <= set(tagger.tags):
            raise RunError("the run knows other tags than this data has", "start without --from", where=where)
        return tagger.model.state_dict()

    def trivial_baseline(self) -> Baseline:
        return self.beside.trivial()

    def strong_baselines(self) -> Sequence[Baseline]:
        return self.beside.strong()

    def score(self, run: RunFolder, model: Trained, baselines: Sequence[Baseline]) -> Scored:
        if not isinstance(model, SentenceTagger):
            raise TypeError("a model of another task")
        if not run.baseline.is_dir():
            SimpleTaggers(self.beside.frequent(), None).save(run.baseline, _KEPT_CARD)
        against, scores, layer = number_to_beat(baselines), dict[str, Any](), self.dataset.layer
        for split in ("validation", "test"):
            sentences = self.dataset.splits[split]
            said = model.tagged(sentences.words)
            unseen = unseen_words(sentences.words, self.dataset.train.words)
            beside = {one.name: self.beside.said(one, split) for one in baselines}
            seed = self.recipe.seed
            truth = sentences.tags[layer]
            scores = evaluate(said, truth, beside, against.name, self.metric, seed, unseen)
            write_evaluation(run, split, scores, said, sentences, layer, unseen)
        return Scored(model, scores)

    @property
    def _network(self) -> TaggerRecipe:
        if not isinstance(self.recipe.model, TaggerRecipe):
            raise TypeError("not a network's recipe")
        return self.recipe.model


def _strange(rows: TaggedRows) -> npt.NDArray[np.int64]:
    """Return the places of sentences with a tag that training does not hold."""
    if rows.targets is None:
        raise ValueError("these rows have no truth")
    row_of_word = np.repeat(np.arange(len(rows)), rows.sizes)
    return np.unique(row_of_word[rows.targets < 0])


def _asked(recipe: Recipe) -> TaggingRecipe:
    if recipe.tagging is None:
        raise TypeError("not a recipe of tags")
    return recipe.tagging


def _network(model: Model) -> TagModel:
    if not isinstance(model, TagModel):
        raise TypeError("a model of another task")
    return model


def _own(prepared: Prepared) -> PreparedTags:
    if not isinstance(prepared, PreparedTags):
        raise TypeError("rows of another task")
    return prepared
