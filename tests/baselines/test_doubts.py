"""Wrong labels come first among the doubted rows."""

import csv
import io
import random

import numpy as np
import pytest

from yeoul.baselines.doubts import doubted, rank
from yeoul.cli.main import run as command


def reviews(rows=240, seed=0):
    draw = random.Random(seed)
    words = ["영화", "배우", "음악", "결말", "주말", "극장", "친구와", "화면"]
    told = [(("지루하다", "재미있다")[row % 2], row % 2) for row in range(rows)]
    return [
        f"{' '.join(draw.sample(words, 4))} {word} {row}" for row, (word, _) in enumerate(told)
    ], np.array([label for _, label in told])


def test_flipped_labels_come_first():
    texts, truth = reviews()
    wrong = np.random.default_rng(1).choice(len(truth), 12, replace=False)
    given = truth.copy()
    given[wrong] = 1 - given[wrong]
    found = doubted(texts, given, 2)
    assert {one.row for one in found[:12]} == set(wrong.tolist())
    assert all(one.label == given[one.row] and one.said == truth[one.row] for one in found[:12])
    leads = [one.lead for one in found]
    assert leads == sorted(leads, reverse=True)
    assert [one.row for one in doubted(texts, given, 2)] == [one.row for one in found]


def test_a_row_is_doubted_where_another_class_is_said_of_it():
    # mean probability of the own label: class 0 (0.9 + 0.2) / 2 = 0.55, class 1 (0.8 + 0.6) / 2 = 0.7
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.2, 0.8], [0.4, 0.6]])
    truth = np.array([0, 0, 1, 1])
    assert [(one.row, one.label, one.said) for one in rank(probabilities, truth)] == [(1, 0, 1)]
    assert rank(probabilities, truth)[0].lead == pytest.approx(0.6)


def test_too_few_rows_are_refused():
    with pytest.raises(ValueError, match="3 rows for 4 folds"):
        doubted(["a", "b", "c"], [0, 1, 0], 2)


def test_the_command_writes_rows_to_look_at(tmp_path, capsys):
    texts, truth = reviews(120)
    truth[7] = 1 - truth[7]
    path, out = tmp_path / "리뷰.csv", tmp_path / "의심.csv"
    lines = [f"{text},{('부정', '긍정')[label]}" for text, label in zip(texts, truth, strict=True)]
    path.write_text("글,평\n" + "\n".join(lines), "utf-8")
    assert command(["data", "check", str(path), "--target", "평", "--doubts", str(out), "--lang", "ko"]) == 0
    assert "의심스러운" in capsys.readouterr().out
    first = next(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert (first["row"], first["label"], first["rather"]) == ("리뷰.csv:9", "부정", "긍정")
    assert first["text"] == texts[7]
