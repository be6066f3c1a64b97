"""Tagged sentences of every form: opened, split, described; and what is wrong is named."""

import json
import random

import numpy as np
import pytest

from yeoul.data.tags.checkup import known_tagged, looks_tagged
from yeoul.data.tags.dataset import load_tagged, read_new_tagged
from yeoul.errors import DataError, RecipeError
from yeoul.recipe import DataRecipe

CONLLU = "".join(
    f"{at}\t{word}\t_\t{tag}\t{tag}x\t_\t0\troot\t_\t_\n"
    for at, (word, tag) in enumerate([("새가", "N"), ("난다", "V")], 1)
)


def columns(count, seed=0):
    """So many sentences of two or three words, some of them equal, as lines of a word and two tags."""
    draw = random.Random(seed)
    lines = []
    for _ in range(count):
        for word in draw.choices(["가", "나", "다", "라", "마", "바"], k=draw.randrange(2, 5)):
            lines.append(f"{word}\t{'N' if word < '다' else 'V'}\t{'B-x' if word == '가' else 'O'}")
        lines.append("")
    return "\n".join(lines)


def test_a_folder_whose_files_tell_the_splits(tmp_path):
    folder = tmp_path / "나무은행"
    folder.mkdir()
    for split, count in (("train", 3), ("dev", 1), ("test", 2)):
        text = "\n".join(CONLLU.replace("새가", f"{split}{place}가") for place in range(count))
        (folder / f"ko-{split}.conllu").write_text(text, "utf-8")
    (folder / "README.txt").write_text("no sentences", "utf-8")
    data = load_tagged(DataRecipe(source=str(folder)), 1)
    assert {name: len(part) for name, part in data.splits.items()} == {"train": 3, "validation": 1, "test": 2}
    assert (data.layer, data.card.guessed_layer, data.card.layers) == (
        "upos",
        True,
        ("upos", "xpos", "deprel"),
    )
    assert data.test.where(1) == "ko-test.conllu:4"
    assert data.card.split.official_validation
    again = load_tagged(DataRecipe(source=str(folder), test=0.4), 1)
    assert sum(map(len, again.splits.values())) == 6
    assert not again.card.split.official_test
    assert known_tagged(str(folder))


def test_equal_sentences_stay_on_one_side(tmp_path):
    path = tmp_path / "줄.txt"
    path.write_text(columns(300), "utf-8")
    data = load_tagged(DataRecipe(source=str(path), target="tag1"), 3)
    parts = [set(part.texts()) for part in data.splits.values()]
    assert sum(map(len, parts)) == len(set.union(*parts))
    assert sum(map(len, data.splits.values())) == 300
    assert not data.seen.any()
    assert data.card.to_json()["words"] == sum(int(part.sizes.sum()) for part in data.splits.values())
    assert load_tagged(DataRecipe(source=str(path), target="tag1"), 3).fingerprint == data.fingerprint
    assert load_tagged(DataRecipe(source=str(path), target="tag1"), 4).fingerprint != data.fingerprint
    assert load_tagged(DataRecipe(source=str(path)), 3).layer == "tag2"
    assert looks_tagged(str(path))


def test_tables_of_words_and_tags(tmp_path):
    rows = [(f"가{place} 나 다", "A B C") for place in range(30)]
    comma = tmp_path / "표.csv"
    comma.write_bytes(
        "\r\n".join(["문장,태그", *(f"{words},{tags}" for words, tags in rows)]).encode("cp949")
    )
    lines = tmp_path / "표.jsonl"
    lines.write_text(
        "\n".join(json.dumps({"tokens": words.split(), "tags": tags.split()}) for words, tags in rows),
        "utf-8",
    )
    data = load_tagged(DataRecipe(source=str(comma), inputs=("문장",), target="태그"), 0)
    assert (data.card.form, data.card.encoding, data.card.num_tags) == ("table", "cp949", 3)
    other = load_tagged(DataRecipe(source=str(lines), inputs=("tokens",), target="tags"), 0)
    assert sorted(other.train.texts()) == sorted(data.train.texts())
    lines.write_text('{"tokens": ["가 나", "다"], "tags": ["A", "B"]}\n', "utf-8")
    found = read_new_tagged(DataRecipe(source=str(lines), inputs=("tokens",), target="tags"), "tags")
    assert list(found.words[0]) == ["가 나", "다"]  # documents have sentences for words
    comma.write_text("문장,태그\n가 나,A\n", "utf-8")
    with pytest.raises(DataError, match=r"표\.csv:2: the row has 2 words and 1 tags"):
        load_tagged(DataRecipe(source=str(comma), inputs=("문장",), target="태그"), 0)


def test_sentences_without_some_tag_are_left_out_and_counted(tmp_path):
    path = tmp_path / "x.conllu"
    path.write_text(
        "\n".join(
            [CONLLU.replace("\tN\t", "\t_\t", 1), *[CONLLU.replace("새가", f"새{at}") for at in range(9)]]
        ),
        "utf-8",
    )
    data = load_tagged(DataRecipe(source=str(path)), 0)
    assert (data.card.untagged, data.card.rows) == (1, 9)


def test_what_is_wrong_is_named(tmp_path):
    path = tmp_path / "few.txt"
    path.write_text(columns(1), "utf-8")
    with pytest.raises(DataError, match="too few"):
        load_tagged(DataRecipe(source=str(path)), 0)
    with pytest.raises(DataError, match=r"no tags called tag9; the file has tag1, tag2; did you mean"):
        load_tagged(DataRecipe(source=str(path), target="tag9"), 0)
    with pytest.raises(RecipeError, match="no data is named"):
        load_tagged(DataRecipe(), 0)
    with pytest.raises(DataError, match="holds no tagged sentences"):
        load_tagged(DataRecipe(source="nsmc"), 0)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="the folder is empty"):
        load_tagged(DataRecipe(source=str(tmp_path / "empty")), 0)
    prose = tmp_path / "prose.txt"
    prose.write_text("옛날 옛적에\n나무꾼이 살았다\n", "utf-8")
    assert not looks_tagged(str(prose))
    assert not known_tagged(str(prose))


def test_the_parts_of_a_selection_belong_together(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text(columns(20), "utf-8")
    found = read_new_tagged(DataRecipe(source=str(path)), "tag2")
    some = found.select(np.array([7, 3]))
    assert (some.words[1], some.tags["tag1"][1]) == (found.words[3], found.tags["tag1"][3])
    assert some.where(0) == found.where(7)
