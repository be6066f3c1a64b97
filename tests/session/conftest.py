"""A small labelled file and a recipe that trains on it in a second."""

import random

import pytest

from yeoul.recipefile import resolve
from yeoul.session import finishing

GOOD = ["재미있어요", "최고의 영화", "감동적이다", "great film", "정말 좋았다", "추천합니다"]
BAD = ["지루해요", "최악의 영화", "돈이 아깝다", "boring film", "정말 별로다", "비추천입니다"]
NEUTRAL = [
    "배우",
    "감독",
    "음악",
    "주말",
    "극장",
    "친구와",
    "the plot",
    "화면",
    "이야기",
    "결말",
    "1시간",
    "어제",
]

RECIPE = """
[text]
unit = "character"
[model.embedding]
size = 12
dropout = 0.2
[model.encoder]
kind = "gru"
hidden_size = 10
[training]
epochs = 3
batch_size = 16
rate = 1e-2
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(autouse=True)
def _quick_report(request, monkeypatch):
    """Drawing takes most of a tiny run's time: only tests marked `report` draw."""
    if request.node.get_closest_marker("report") is None:
        monkeypatch.setattr(finishing, "write_report", lambda folder, language: folder / "report.html")


@pytest.fixture
def reviews(tmp_path):
    """240 reviews, positive and negative, as a CP949 file in a folder with a Korean name."""
    draw = random.Random(3)
    lines = ["리뷰,평가"]
    for row in range(240):
        kind = row % 2
        words = [*draw.sample(NEUTRAL, 3), draw.choice((BAD, GOOD)[kind])]
        draw.shuffle(words)
        lines.append(f"{' '.join(words)} {row},{('부정', '긍정')[kind]}")
    path = tmp_path / "우리 데이터" / "영화 리뷰.csv"
    path.parent.mkdir()
    path.write_bytes("\r\n".join(lines).encode("cp949"))
    return path


@pytest.fixture
def recipe(reviews):
    def made(**overrides):
        return resolve(RECIPE, "reviews", {"data.source": str(reviews), **overrides})

    return made
