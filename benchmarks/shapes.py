"""The pieces of work that are measured."""

from dataclasses import replace

from benchmarks.work import Work

PEERS = ("pytorch", "pytorch-packed", "keras-jax", "keras-tensorflow")


def table() -> list[Work]:
    """Return the shapes of small tutorials, and a large one."""
    works = []
    for inputs, hidden in ((128, 32), (32, 32), (100, 64), (128, 128)):
        padded = Work(
            f"IMDB: embedding {inputs} → LSTM {hidden}, 500 steps", "lstm", inputs, hidden, 128, 500, 10_000
        )
        works += [padded, replace(padded, name=f"{padded.name}, by length", by_length=True)]
    last = replace(works[3], name=f"{works[3].name}, loss on the last state only", last_only=True)
    gru = Work("Jena: GRU 32 on 14 features, 240 steps", "gru", 14, 32, 128, 240)
    lstm = replace(gru, name="Jena: LSTM 32 on 14 features, 240 steps", cell="lstm")
    large = Work("LSTM 650 on 650 inputs, batch 20, 35 steps", "lstm", 650, 650, 20, 35, input_gradient=True)
    return [*works, last, gru, lstm, large]


def options() -> list[Work]:
    """Return work that only some frameworks have, and that others loop over."""
    gru, lstm = (work for work in table() if work.name.startswith("Jena"))
    return [
        replace(gru, name=f"{gru.name}, recurrent dropout", option="recurrent_dropout"),
        replace(lstm, name=f"{lstm.name}, recurrent dropout", option="recurrent_dropout"),
        replace(lstm, name=f"{lstm.name}, layer norm in the cell", option="layer_norm"),
    ]


GRID = {
    8: ((1, 1), (1, 1000), (16, 200), (64, 100), (256, 1000)),
    16: ((1, 30), (4, 1000), (32, 100), (128, 300), (256, 1)),
    32: ((1, 200), (8, 100), (32, 1000), (128, 30), (256, 100)),
    64: ((1, 1000), (4, 30), (32, 200), (64, 500), (256, 30)),
    128: ((1, 1), (1, 300), (16, 100), (64, 200), (256, 100)),
    256: ((1, 100), (8, 300), (32, 50), (64, 100), (256, 20)),
    512: ((1, 30), (4, 100), (20, 35), (64, 50), (256, 10)),
    1024: ((1, 10), (1, 100), (16, 20), (32, 35), (256, 1)),
}
"""Batch and time for each hidden size; LSTM and GRU take turns."""


def grid() -> list[Work]:
    """Return forty layers as they stand inside a stack: as many inputs as units, and their gradient."""
    works = []
    for row, (hidden, places) in enumerate(GRID.items()):
        for column, (batch, steps) in enumerate(places):
            cell = "lstm" if (row + column) % 2 == 0 else "gru"
            name = f"{cell.upper()} {hidden}, batch {batch}, {steps} steps"
            works.append(Work(name, cell, hidden, hidden, batch, steps, input_gradient=True))
    return works


def tiny(work: Work) -> Work:
    """Return the same kind of work so small that only its being done is tested."""
    return replace(
        work,
        inputs=min(work.inputs, 5),
        hidden=min(work.hidden, 6),
        batch=min(work.batch, 3),
        steps=min(work.steps, 7),
        vocabulary=min(work.vocabulary, 50),
    )
