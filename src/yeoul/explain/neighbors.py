"""Training rows that have to do with an answer, by what the last layer reads of them.

With φ the summary of a row, p what the network says of it and y the truth, one step of descent on row i moves the
margin v · (W φ) of an answer by -(p_i - y_i) · v × (φ_i · φ + 1) times the rate: what the last layer alone learns of it
(the representers of Yeh et al. 2018, without what weighs them). Rows are similar by the cosine of their summaries.
"""

from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from yeoul.data.batches import Batch, SequenceRows, by_length
from yeoul.data.examples import Examples as Rows
from yeoul.errors import UsageError
from yeoul.explain.explanation import Examples, Neighbor
from yeoul.explain.goals import Goal
from yeoul.models.encoder_model import EncoderModel
from yeoul.padded import Padded
from yeoul.tasks.classification.classifier import Classifier, TrainedNetwork
from yeoul.tasks.classification.inputs import Inputs, inputs_of

MOST_ROWS = 20_000
Doubles = npt.NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class Known:
    """Training rows as the last layer reads them: what is found once, for many answers."""

    classifier: Classifier
    rows: Rows
    features: npt.NDArray[np.float32]  # (N, S)
    errors: npt.NDArray[np.float32]  # (N, V) what is said less what is true

    @classmethod
    def of(cls, classifier: Classifier, rows: Rows, *, series: bool, seed: int = 0) -> "Known":
        """Read training rows, or as many drawn ones as are quick to read.

        Raises `UsageError` for a model without a last layer: one that is no network.
        """
        if len(rows) > MOST_ROWS:
            drawn = np.random.default_rng(seed).choice(len(rows), MOST_ROWS, replace=False)
            rows = rows.select(np.sort(drawn))
        features, answers = _read(classifier, inputs_of(rows, series))
        truth = classifier.target.encode(rows)
        return cls(classifier, rows, features, _errors(classifier, answers, truth))

    def examples(self, inputs: Inputs, goal: Goal, count: int) -> Examples:
        """Return the rows that are most similar to one input, and those that moved the model most to and fro."""
        features, answers = _read(self.classifier, inputs)
        norms = np.linalg.norm(self.features, axis=1) * np.linalg.norm(features[0])
        products = self.features.astype(np.float64) @ features[0]
        similar = products / np.maximum(norms, np.finfo(np.float32).tiny)
        moved = -(self.errors @ _slope(goal, answers)) * (products + 1.0)
        return Examples(
            len(self.rows),
            self._named(similar, np.argsort(-similar, kind="stable")[:count]),
            self._named(
                moved, [place for place in np.argsort(-moved, kind="stable")[:count] if moved[place] > 0]
            ),
            self._named(
                moved, [place for place in np.argsort(moved, kind="stable")[:count] if moved[place] < 0]
            ),
        )

    def _named(self, values: Doubles, places: npt.ArrayLike) -> tuple[Neighbor, ...]:
        found = np.asarray(places, np.int64)
        picked = self.rows.select(found)
        return tuple(
            Neighbor(row.where, " ".join(row.inputs.values()), row.target, float(values[place]))
            for row, place in zip(picked, found.tolist(), strict=True)
        )


def _read(classifier: Classifier, inputs: Inputs) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the summaries (N, S) and the answers (N, V) of rows."""
    match classifier.model:
        case TrainedNetwork(model=EncoderModel() as model, vectorizer=vectorizer, device=device):
            rows = SequenceRows(vectorizer(inputs), None)
        case _:
            raise UsageError("only a network has training rows that are like others", "leave out --examples")
    model.eval()
    parts: list[tuple[npt.NDArray[np.int64], Tensor, Tensor]] = []
    with torch.inference_mode():
        for batch in by_length(rows):
            summary = model.encode(_only(batch, device)).summary
            parts.append((batch.index.numpy(), summary.float().cpu(), model.head(summary).float().cpu()))
    back = np.argsort(np.concatenate([index for index, _, _ in parts]))
    features = torch.cat([summary for _, summary, _ in parts]).numpy()[back]
    return features, torch.cat([answers for _, _, answers in parts]).numpy()[back]


def _only(batch: Batch, device: torch.device) -> Padded:
    (rows,) = batch.to(device).inputs.values()
    if not isinstance(rows, Padded):
        raise TypeError("the input must be Padded")
    return rows


def _errors(
    classifier: Classifier, answers: npt.NDArray[np.float32], truth: npt.NDArray[Any]
) -> npt.NDArray[np.float32]:
    """Return the slope of each row's loss by what the last layer says (N, V)."""
    told = answers.copy()
    match classifier.target.kind:
        case "class":
            told = np.exp(told)
            told[np.arange(len(told)), truth.astype(np.int64)] -= 1.0
        case "labels":
            told = 1.0 / (1.0 + np.exp(-told)) - truth
        case "number":
            told = np.sign(told - truth[:, None])
    return told.astype(np.float32)


def _slope(goal: Goal, answers: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return how the margin of the goal follows what the last layer says (V,)."""
    said = torch.from_numpy(answers[:1]).requires_grad_()
    with torch.enable_grad():
        (slope,) = torch.autograd.grad(goal.margins(said).sum(), said)
    told: npt.NDArray[np.float32] = slope[0].numpy()
    return told
