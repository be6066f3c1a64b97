"""What the small runs are trained on, by which recipes, and how a test asks a service."""

import random

import numpy as np
from starlette.testclient import TestClient

REVIEWS = """
[text]
unit = "character"
[model.embedding]
size = 12
[model.encoder]
kind = "lstm"
hidden_size = 10
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
hidden_size = 12
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
WORDS = ["배우", "감독", "음악", "주말", "극장", "결말", "the plot", "화면", "이야기", "어제"]
KINDS = ["재미있어요", "감동적이다", "great film", "지루해요", "최악이다", "boring"]


def reviews(path):
    draw = random.Random(3)
    lines = ["리뷰,평가"]
    for row in range(160):
        kind = row % 2
        words = [*draw.sample(WORDS, 3), draw.choice(KINDS[:3] if kind else KINDS[3:])]
        lines.append(f"{' '.join(words)} {row},{('부정', '긍정')[kind]}")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def heat(rows=300, seed=0):
    hours = np.arange(rows)
    return 10 + 5 * np.sin(2 * np.pi * hours / 24) + np.random.default_rng(seed).normal(0, 0.5, rows)


def hours(rows):
    return [str(time) for time in np.datetime64("2021-03-01T00", "h") + np.arange(rows)]


def measured(path):
    values = heat()
    rows = [f"{time},{one:.3f}" for time, one in zip(hours(len(values)), values, strict=True)]
    path.write_text("\n".join(["시각,온도", *rows]) + "\n", "utf-8")
    return path


def song(path):
    draw = random.Random(0)
    words = ["나비야", "이리", "날아", "오너라", "노랑나비", "흰나비", "춤을", "추며"]
    path.write_text("".join(" ".join(draw.sample(words, 4)) + "\n" for _ in range(200)), "utf-8")
    return path


def client_of(service, **headers):
    return TestClient(
        service.guard, base_url="http://127.0.0.1", headers={"accept-language": "en", **headers}
    )
