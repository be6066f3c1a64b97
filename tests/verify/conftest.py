"""One tiny run of each task, trained once."""

import random

import numpy as np
import pytest
from PIL import Image

import yeoul
from yeoul.session import finishing
from yeoul.verify import drawing

SMALL = {"epochs": 1, "batch_size": 16, "rate": 1e-2}


@pytest.fixture(autouse=True)
def _few_rows(monkeypatch):
    """Edge cases and four others, and no very long one, are enough for models as small as these."""
    monkeypatch.setattr(drawing, "_ROWS", 4)
    monkeypatch.setattr(drawing, "_MOST_CHARACTERS", 300)


class Runs:
    """Folders of runs by name, each trained when it is first asked for."""

    def __init__(self, recipes, out):
        self.recipes, self.out, self.trained = recipes, out, {}

    def __getitem__(self, name):
        if name not in self.trained:
            source, told = self.recipes[name]
            steps = {} if name == "linear" else SMALL
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("YEOUL_CACHE", str(self.out.parent / "cache"))
                patch.setattr(finishing, "write_report", lambda folder, language: folder / "report.html")
                self.trained[name] = yeoul.train(source, out=self.out, **steps, **told).path
        return self.trained[name]


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """Runs of all tasks, in a folder with a Korean name."""
    place = tmp_path_factory.mktemp("법칙 검사")
    draw = random.Random(1)
    words = ["영화", "정말", "좋다", "나쁘다", "the plot", "배우", "결말"]
    lines = [" ".join(draw.choices(words, k=draw.randint(1, 6))) + f" {row}" for row in range(80)]
    labelled = place / "리뷰.csv"
    labelled.write_text(
        "글,감정\n" + "\n".join(f"{line},{'긍정' if row % 2 else '부정'}" for row, line in enumerate(lines)),
        "utf-8",
    )
    text = place / "글.txt"
    text.write_text("\n".join(lines), "utf-8")
    pairs = place / "짝.tsv"
    pairs.write_text("source\ttarget\n" + "\n".join(f"{line}\t{line[::-1]}" for line in lines), "utf-8")
    series = place / "재기.csv"
    heat = 10 + np.sin(np.arange(160) / 4)
    times = np.datetime64("2021-03-01T00:00", "m") + 60 * np.arange(160)
    series.write_text(
        "시각,온도\n"
        + "\n".join(
            f"{str(one).replace('T', ' ')},{value:.3f}" for one, value in zip(times, heat, strict=True)
        ),
        "utf-8",
    )
    tagged = place / "꼬리표.tsv"
    tagged.write_text(
        "\n\n".join(
            "\n".join(f"{word}\t{'수' if word.isdigit() else '말'}" for word in line.split())
            for line in lines
        )
        + "\n",
        "utf-8",
    )
    alike = place / "닮음.csv"
    alike.write_text(
        "a,b,label\n" + "\n".join(f"{line},{line[2:]} {row},{row % 2}" for row, line in enumerate(lines)),
        "utf-8",
    )
    pictures = place / "그림"
    (pictures / "사진").mkdir(parents=True)
    for row in range(40):
        Image.fromarray(np.full((16, 16, 3), 6 * row, np.uint8)).save(pictures / "사진" / f"{row}.png")
    told = "\n".join(f"{row}.png,{'밝은' if row > 20 else '어두운'} 그림 {row}" for row in range(40))
    (pictures / "captions.csv").write_text(f"image,caption\n{told}\n", "utf-8")
    out = place / "runs"
    encoder = {
        "model.encoder.hidden_size": 8,
        "model.encoder.bidirectional": False,
        "model.encoder.pooling": "last",
    }
    recipes = {
        "classify": (labelled, {"model.embedding.size": 8, "text.unit": "character", **encoder}),
        "attention": (
            labelled,
            {
                "model.embedding.size": 8,
                "text.unit": "character",
                "model.encoder.hidden_size": 8,
                "model.encoder.pooling": "attention",
            },
        ),
        "linear": (labelled, {"model.kind": "linear"}),
        "generate": (
            text,
            {
                "task": "generate",
                "text.unit": "character",
                "model.embedding_size": 8,
                "model.network.hidden_size": 8,
            },
        ),
        "transduce": (
            pairs,
            {
                "task": "transduce",
                "text.unit": "character",
                "model.embedding_size": 8,
                "model.encoder.hidden_size": 8,
                "model.decoder.hidden_size": 8,
            },
        ),
        "tag": (
            tagged,
            {
                "task": "tag",
                "text.vocabulary_size": 60,
                "model.words.size": 8,
                "model.letters.size": 8,
                "model.encoder.hidden_size": 8,
            },
        ),
        "compare": (
            alike,
            {
                "task": "compare",
                "inputs": ["a", "b"],
                "target": "label",
                "text.unit": "character",
                "model.embedding.size": 8,
                "model.encoder.hidden_size": 8,
            },
        ),
        "caption": (
            pictures,
            {
                "task": "caption",
                "pictures.size": 16,
                "pictures.metric": "exact_match",
                "text.min_count": 1,
                "model.embedding_size": 8,
                "model.encoder.channels": [4, 8],
                "model.encoder.stride": 2,
                "model.encoder.size": 8,
                "model.decoder.hidden_size": 8,
            },
        ),
        "forecast": (
            series,
            {
                "task": "forecast",
                "forecast.horizon": "3h",
                "forecast.lookback": "12h",
                "model.encoder.hidden_size": 8,
            },
        ),
    }
    return Runs(recipes, out)
