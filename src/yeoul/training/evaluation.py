"""Ask a model about every row of a split."""

import numpy as np
import numpy.typing as npt
import torch

from yeoul.data.batches import Rows, by_length
from yeoul.models.protocols import Model


def answer_rows(model: Model, rows: Rows, device: torch.device) -> npt.NDArray[np.float32]:
    """Return the model's answers (N, …) in the order of the rows, without dropout and gradients.

    The model is put into evaluation mode.
    """
    model.eval()
    parts, places = [], []
    with torch.inference_mode():
        for batch in by_length(rows):
            parts.append(model.answers(batch.to(device)).float().cpu().numpy())
            places.append(batch.index.numpy())
    answers = np.concatenate(parts)
    ordered = np.empty_like(answers)
    ordered[np.concatenate(places)] = answers
    return ordered
