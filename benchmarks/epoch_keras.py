"""IMDB by an LSTM in Keras 3, as a tutorial has it: reviews padded on the left to 500 words, `fit`."""

import json
import sys
import time

import keras
import numpy as np
from keras import layers


class Clock(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self.seconds.append(time.perf_counter() - self.start)


def main(path: str, epochs: int) -> None:
    keras.utils.set_random_seed(42)
    arrays = np.load(path)
    data = {}
    for split in ("train", "validation", "test"):
        rows = zip(arrays[f"{split}_ids"], arrays[f"{split}_lengths"])
        ids = keras.utils.pad_sequences([row[:length] for row, length in rows], maxlen=500)
        data[split] = ids, arrays[f"{split}_labels"]
    model = keras.Sequential([layers.Embedding(10_001, 32), layers.LSTM(32), layers.Dense(2)])
    model.compile(
        optimizer=keras.optimizers.AdamW(2e-3, weight_decay=0.01, global_clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    clock = Clock()
    model.fit(
        *data["train"],
        batch_size=128,
        epochs=epochs,
        validation_data=data["validation"],
        validation_batch_size=128,
        callbacks=[clock],
        verbose=0,
    )
    _, accuracy = model.evaluate(*data["test"], batch_size=128, verbose=0)
    print(json.dumps({"seconds": clock.seconds, "accuracy": accuracy}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
