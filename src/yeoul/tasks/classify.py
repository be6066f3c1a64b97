"""Texts to one label each."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from yeoul.data.batches import Rows
from yeoul.data.datasets import Dataset
from yeoul.data.examples import Examples
from yeoul.data.vectorizers import TextVectorizer
from yeoul.files import write_bytes
from yeoul.metrics.labels import compare_labels, point_scores, score_labels
from yeoul.models.build import build_classifier, describe_encoder
from yeoul.models.protocols import Model
from yeoul.recipe import LinearRecipe, MixtureRecipe, NetworkRecipe, Recipe
from yeoul.runs.folder import RunFolder, write_json
from yeoul.spreadsheets import spreadsheet
from yeoul.tasks.classifier import Classifier, NetworkText, class_ids
from yeoul.training.evaluation import answer_rows

Floats = npt.NDArray[np.float32]
_WORST_ROWS = 100


@dataclass(frozen=True)
class Prepared:
    """The rows of a data set as a network reads them."""

    dataset: Dataset
    vectorizer: TextVectorizer
    rows: Mapping[str, Rows]

    def card(self) -> dict[str, Any]:
        """Return the data card with what vectorizing lost."""
        train = self.rows["train"].text
        lengths = train.lengths + train.lost
        quantiles = {"p50": 50, "p95": 95, "max": 100}
        return {
            **self.dataset.card.to_json(),
            "tokens": {name: int(np.percentile(lengths, at)) for name, at in quantiles.items()},
            "truncated": {"rows": int(np.count_nonzero(train.lost)), "token_share": train.lost_share},
            "unknown_token_share": {split: rows.text.unknown_share for split, rows in self.rows.items()},
        }


def prepare(recipe: Recipe, dataset: Dataset, vectorizer: TextVectorizer | None) -> Prepared:
    """Encode what training needs with `vectorizer`, else with one that is fitted to the training rows alone.

    The test rows stay out of sight until the end, when the finished model answers for their texts.
    """
    if recipe.text is None:
        raise ValueError("a linear model is not trained on token ids")
    if vectorizer is None:
        vectorizer = TextVectorizer.fit(recipe.text, dataset.train.texts())
    rows = {
        split: Rows(
            vectorizer(dataset.splits[split].texts()), class_ids(dataset.splits[split], dataset.labels)
        )
        for split in ("train", "validation")
    }
    return Prepared(dataset, vectorizer, rows)


def build(recipe: NetworkRecipe, prepared: Prepared) -> Model:
    """Return the untrained network; its weights follow from torch's random state."""
    return build_classifier(recipe, prepared.vectorizer.size, len(prepared.dataset.labels))


def describe(recipe: Recipe) -> str:
    """Name the model in a line: "BiLSTM 1×128, max · subword 8,000"."""
    match recipe.model:
        case LinearRecipe(ngrams=(shortest, longest)) as linear:
            return f"linear on {linear.unit} {shortest}–{longest}-grams"
        case MixtureRecipe() as mixture:
            return "mixture of " + ", ".join(member.name for member in mixture.members)
        case NetworkRecipe() as network:
            encoder = describe_encoder(network.encoder)
            if recipe.text is None:
                return encoder
            return f"{encoder} · {recipe.text.unit} {recipe.text.vocabulary_size:,}"


def validation_scores(model: Model, prepared: Prepared, device: torch.device) -> Mapping[str, float]:
    """Return "loss", "accuracy" and "macro_f1" on the validation rows, NaN for answers that are not finite."""
    rows = prepared.rows["validation"]
    if rows.targets is None:
        raise ValueError("these rows have no labels")
    answers = answer_rows(model, rows, device)
    if not np.isfinite(answers).all():
        return dict.fromkeys(("loss", "accuracy", "macro_f1"), math.nan)
    return point_scores(answers, rows.targets)


def classifier(recipe: NetworkRecipe, model: Model, prepared: Prepared, device: torch.device) -> Classifier:
    """Return the network as something that answers for texts."""
    return Classifier(NetworkText(recipe, model, prepared.vectorizer, device), prepared.dataset.labels)


def evaluate(
    log_probs: Floats,
    examples: Examples,
    labels: Sequence[str],
    baselines: Mapping[str, Floats],
    against: str,
    seed: int,
) -> dict[str, Any]:
    """Score answers (N, V) and every baseline's on the same rows; the verdict is against `against`."""
    targets = class_ids(examples, labels)
    predicted = log_probs.argmax(axis=1)
    compared = []
    for name, answers in baselines.items():
        verdict = compare_labels(predicted, answers.argmax(axis=1), targets, against=name, seed=seed)
        scores = score_labels(answers, targets, labels, seed).to_json()["scores"]
        compared.append({"name": name, "scores": scores, "verdict": verdict.to_json()})
    return {
        "task": "classify",
        "labels": list(labels),
        **score_labels(log_probs, targets, labels, seed).to_json(),
        "baselines": compared,
        "verdict": next(entry["verdict"] for entry in compared if entry["name"] == against),
    }


def write_evaluation(
    run: RunFolder,
    split: str,
    scores: Mapping[str, Any],
    log_probs: Floats,
    examples: Examples,
    labels: Sequence[str],
) -> None:
    """Write `evaluation/<split>/`: the scores, every answer, and the most confident mistakes."""
    folder = run.evaluation(split)
    folder.mkdir(parents=True, exist_ok=True)
    targets = class_ids(examples, labels)
    predicted = log_probs.argmax(axis=1)
    confidence = np.exp(log_probs[np.arange(len(predicted)), predicted])
    wrong = np.flatnonzero(predicted != targets)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:_WORST_ROWS]
    write_json(folder / "metrics.json", {"split": split, **scores})
    for name, places in (("predictions.csv", np.arange(len(targets))), ("worst.csv", worst)):
        rows = (
            (
                example.where,
                example.inputs["text"],
                example.target,
                labels[predicted[place]],
                f"{confidence[place]:.4f}",
            )
            for place in places.tolist()
            for example in (examples[place],)
        )
        write_bytes(folder / name, spreadsheet(("where", "text", "target", "predicted", "confidence"), rows))
