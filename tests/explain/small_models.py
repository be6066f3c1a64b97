"""Small models of random weights, and one that is fitted."""

import numpy as np
import torch

from yeoul.baselines.text import LinearText
from yeoul.data.vectorizers import TextVectorizer
from yeoul.recipe import EmbeddingRecipe, LinearRecipe, NetworkRecipe, RecurrentRecipe, TextRecipe
from yeoul.tasks.classification.classifier import Classifier, TrainedNetwork
from yeoul.tasks.classification.inputs import ReadTexts
from yeoul.tasks.classification.networks import build_network
from yeoul.tasks.classification.targets import ClassTarget

TEXTS = ["정말 재미있는 영화 였다", "정말 지루한 영화 였다", "the plot was 좋다", "별로 다 그냥 그래"]
LABELS = ("나쁨", "보통", "좋음")

_ENCODER = RecurrentRecipe(kind="gru", hidden_size=6)
_TARGET = ClassTarget(LABELS)


def classifier(encoder=_ENCODER, target=_TARGET, unit="character"):
    torch.manual_seed(3)
    reader = ReadTexts(TextVectorizer.fit(TextRecipe(unit=unit, min_count=1), TEXTS))
    recipe = NetworkRecipe(encoder=encoder, embedding=EmbeddingRecipe(size=5))
    model = build_network(recipe, reader, target).eval()
    return Classifier(TrainedNetwork(recipe, model, reader, torch.device("cpu")), target)


def linear(kind="class", outputs=2, unit="word", ngrams=(1, 2), seed=0):
    draw = np.random.default_rng(seed)
    words = ["좋다", "나쁘다", "영화", "Great", "bad", "!", "정말"]
    texts = [" ".join(draw.choice(words, 5)) for _ in range(60)]
    truth = {
        "class": lambda: draw.integers(0, outputs, 60),
        "labels": lambda: draw.integers(0, 2, (60, outputs)),
        "number": lambda: draw.normal(size=60),
    }[kind]()
    return LinearText.fit(LinearRecipe(unit=unit, ngrams=ngrams, min_count=1), texts, truth, kind, outputs)
