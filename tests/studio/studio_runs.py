"""What the studio's small runs are trained on, by which recipes, and how a test asks the studio."""

import random

import numpy as np
from starlette.testclient import TestClient

TOKEN = "a-token-that-is-long-enough"
REVIEWS = """
[text]
unit = "character"
[model.embedding]
size = 8
[model.encoder]
kind = "lstm"
hidden_size = 6
[training]
epochs = 2
batch_size = 16
rate = 1e-2
"""
SONG = """
task = "generate"
[text]
unit = "character"
min_count = 1
[language]
window = 12
[model]
embedding_size = 8
[model.network]
kind = "gru"
hidden_size = 8
[training]
epochs = 1
rate = 1e-2
[sampling]
max_tokens = 20
"""
HEAT = """
task = "forecast"
[forecast]
targets = ["온도"]
horizon = "6h"
lookback = "1d"
[model]
kind = "forecaster"
output = "quantiles"
[model.encoder]
kind = "gru"
hidden_size = 6
bidirectional = false
pooling = "last"
[training]
epochs = 1
"""
SUMS = """
task = "transduce"
[text]
unit = "character"
min_count = 1
[model]
embedding_size = 8
[model.encoder]
kind = "lstm"
hidden_size = 8
[model.decoder]
kind = "lstm"
hidden_size = 8
attention = "dot"
[training]
epochs = 1
rate = 1e-2
"""
RECIPES = {"리뷰": REVIEWS, "song": SONG, "온도": HEAT, "sums": SUMS}
WORDS = ["배우", "감독", "음악", "주말", "극장", "결말", "the plot", "화면", "이야기", "<b>어제</b>"]
KINDS = ["재미있어요", "감동적이다", "great film", "지루해요", "최악이다", "boring"]


def write_data(folder):
    """Write a file for each recipe, and return them by the recipe's name."""
    draw = random.Random(3)
    lines = ["리뷰,평가"]
    for row in range(120):
        kind = row % 2
        words = [*draw.sample(WORDS, 3), draw.choice(KINDS[:3] if kind else KINDS[3:])]
        lines.append(f"{' '.join(words)} {row},{('부정', '긍정')[kind]}")
    hours = np.datetime64("2021-03-01T00", "h") + np.arange(240)
    heat = 10 + 5 * np.sin(2 * np.pi * np.arange(240) / 24) + np.random.default_rng(0).normal(0, 0.5, 240)
    notes = ["나비야", "이리", "날아", "오너라", "노랑나비", "흰나비"]
    pairs = [(a, b) for a in range(12) for b in range(12)]
    contents = {
        "리뷰.csv": "\n".join(lines),
        "온도.csv": "\n".join(
            ["시각,온도", *(f"{time},{one:.2f}" for time, one in zip(hours, heat, strict=True))]
        ),
        "song.txt": "\n".join(" ".join(draw.sample(notes, 3)) for _ in range(120)),
        "sums.tsv": "\n".join(["식\t답", *(f"{a}+{b}\t{a + b}" for a, b in pairs)]),
    }
    for name, text in contents.items():
        (folder / name).write_text(text + "\n", "utf-8")
    return {name.partition(".")[0]: folder / name for name in contents}


def client_of(studio, **headers):
    """Return what asks a studio as a program does."""
    given = {"authorization": f"Bearer {TOKEN}", "accept-language": "en", **headers}
    return TestClient(studio.guard, base_url="http://127.0.0.1", headers=given, follow_redirects=False)


def events_of(text):
    """Return the events of a stream: (name, id, data)."""
    found = []
    for block in text.strip().split("\n\n"):
        parts = dict(line.split(": ", 1) for line in block.split("\n"))
        found.append((parts["event"], parts.get("id"), parts["data"]))
    return found
