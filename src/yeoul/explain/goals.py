"""What of a model's answers is explained: one class, one label, or the number."""

from dataclasses import dataclass
from typing import Literal, final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from yeoul.errors import UsageError
from yeoul.tasks.classification.targets import Target

Doubles = npt.NDArray[np.float64]


@final
@dataclass(frozen=True)
class Goal:
    """One column of the answers."""

    kind: Literal["class", "labels", "number"]
    column: int
    name: str

    @classmethod
    def of(cls, target: Target, answer: npt.NDArray[np.float32], wanted: str = "") -> "Goal":
        """Choose the label that is `wanted`, else the likeliest one of an answer (V,).

        Raises `UsageError` for a label that the model does not know.
        """
        if target.kind == "number":
            return cls("number", 0, "")
        if wanted and wanted not in target.labels:
            raise UsageError(
                "the model knows no label {came}",
                "choose one of {labels}",
                where="--target",
                values={"came": wanted, "labels": ", ".join(target.labels[:12])},
            )
        column = target.labels.index(wanted) if wanted else int(np.argmax(answer))
        return cls(target.kind, column, target.labels[column])

    def margins(self, answers: Tensor) -> Tensor:
        """Return the log-odds of the goal (B,) from answers (B, V), or the numbers.

        Log-odds go on where a probability is as good as one.
        """
        mine = answers[:, self.column]
        if self.kind != "class":
            return mine
        others = torch.cat([answers[:, : self.column], answers[:, self.column + 1 :]], dim=1)
        return mine - others.logsumexp(dim=1)

    def margin(self, answers: npt.NDArray[np.float32]) -> Doubles:
        """Return the same of arrays."""
        told: Doubles = self.margins(torch.from_numpy(answers).double()).numpy()
        return told

    def value(self, margins: Doubles) -> Doubles:
        """Return the probability (N,) that a margin stands for, or the number."""
        if self.kind == "number":
            return margins
        told: Doubles = 1.0 / (1.0 + np.exp(-np.clip(margins, -700.0, 700.0)))
        return told
