"""Small runs that tag, compare and caption: what they are trained on, and by which recipes."""

import random

import numpy as np
from PIL import Image

TAGS = """
task = "tag"
[text]
unit = "character"
min_count = 1
[model.words]
size = 8
min_count = 1
[model.letters]
size = 4
[model.letters.encoder]
kind = "cnn"
channels = 4
widths = [2]
[model.encoder]
hidden_size = 8
[training]
epochs = 2
"""
CLOSENESS = """
task = "compare"
[data]
test = 0.25
validation = 0.25
[text]
unit = "character"
min_count = 1
[model.embedding]
size = 8
[model.encoder]
kind = "gru"
hidden_size = 6
[training]
epochs = 1
"""
CAPTIONS = """
task = "caption"
[pictures]
size = 16
metric = "exact_match"
[text]
unit = "spaced"
min_count = 1
[model]
embedding_size = 8
[model.encoder]
channels = [4, 8]
size = 8
[model.decoder]
hidden_size = 8
attention_size = 8
[training]
epochs = 1
batch_size = 8
"""


def tagged(folder):
    draw = random.Random(2)
    lines = []
    for _ in range(60):
        lines += [
            f"{draw.choice(['민수', '영희'])}는 B-사람",
            f"{draw.choice(['서울', '부산'])}에 B-곳",
            "산다 O",
            "",
        ]
    (folder / "이름.txt").write_text("\n".join(lines), "utf-8")
    return folder / "이름.txt"


def paired(folder):
    draw = random.Random(3)
    things = [a + b for a in "가나다라마바" for b in "강산들물불꽃"]
    rows = [
        f"{one} 어때,{one if same else draw.choice(things)} 괜찮은지,{same}"
        for one in things
        for same in (0, 1)
    ]
    (folder / "물음.csv").write_text("\n".join(["물음,다른 물음,같음", *rows]), "utf-8")
    return folder / "물음.csv"


def drawn(folder):
    place = folder / "그림"
    (place / "사진").mkdir(parents=True)
    lines = ["image,caption"]
    for row in range(40):
        pixels = np.random.default_rng(row).integers(200, 256, (16, 16, 3)).astype(np.uint8)
        pixels[4:12, 8 * (row % 2) : 8 * (row % 2) + 7] = (220, 30, 30)
        Image.fromarray(pixels).save(place / "사진" / f"{row:03}.png")
        lines.append(f"{row:03}.png,빨간 네모가 {('왼쪽', '오른쪽')[row % 2]}에 있다")
    (place / "captions.csv").write_text("\n".join(lines), "utf-8")
    return place


SOURCES = {"이름": (TAGS, tagged), "물음": (CLOSENESS, paired), "그림": (CAPTIONS, drawn)}
