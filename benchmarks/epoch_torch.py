"""IMDB by an LSTM in PyTorch, as a tutorial has it: reviews padded on the left to 500 words, the last state."""

import json
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Classifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(10_001, 32, padding_idx=0)
        self.lstm = nn.LSTM(32, 32, batch_first=True)
        self.head = nn.Linear(32, 2)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        _, (h, _) = self.lstm(self.embedding(ids))
        return self.head(h[-1])


def left_padded(ids: np.ndarray, lengths: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.stack([np.roll(row, -length) for row, length in zip(ids, lengths)])).long()


def accuracy(model: Classifier, batches: DataLoader) -> float:
    model.eval()
    with torch.inference_mode():
        right = sum(int((model(ids).argmax(1) == labels).sum()) for ids, labels in batches)
    return right / len(batches.dataset)


def main(path: str, epochs: int) -> None:
    torch.manual_seed(42)
    arrays = np.load(path)
    loaders = {}
    for split in ("train", "validation", "test"):
        ids = left_padded(arrays[f"{split}_ids"], arrays[f"{split}_lengths"])
        labels = torch.from_numpy(arrays[f"{split}_labels"]).long()
        loaders[split] = DataLoader(TensorDataset(ids, labels), batch_size=128, shuffle=split == "train")
    model = Classifier()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    seconds = []
    for _ in range(epochs):
        start = time.perf_counter()
        model.train()
        for ids, labels in loaders["train"]:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(ids), labels).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        accuracy(model, loaders["validation"])
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": seconds, "accuracy": accuracy(model, loaders["test"])}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
