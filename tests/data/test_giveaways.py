"""What tells the answer beforehand is found where it is planted, and nowhere in sound rows."""

import numpy as np
import pytest

from yeoul.data.checkup import check_up
from yeoul.data.shared_steps import shared_steps
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe

WORDS = ["영화", "정말", "재미", "없다", "좋다", "배우", "연기", "최고", "지루", "감동", "음악", "추천"]


def sentences(count, seed=0):
    random = np.random.default_rng(seed)
    return [" ".join(random.choice(WORDS, size=8)) for _ in range(count)]


def table(path, columns):
    path.write_text(
        "\n".join("\t".join(map(str, row)) for row in [list(columns), *zip(*columns.values())]), "utf-8"
    )
    return path


def kinds(path, test="", together="", **changes):
    checkup = check_up(DataRecipe.model_validate({"source": str(path), **changes}), str(test), together)
    return {each.kind: each for each in checkup.oddities}


def test_a_label_in_its_own_text_is_found(tmp_path):
    labels = ["정치" if row % 3 else "경제" for row in range(300)]
    texts = sentences(300)
    assert (
        not {"label in text", "too good"}
        & kinds(table(tmp_path / "a.tsv", {"글": texts, "분류": labels})).keys()
    )
    marked = [
        f"[{label}] {text}" if row % 4 == 0 else text for row, (text, label) in enumerate(zip(texts, labels))
    ]
    found = kinds(table(tmp_path / "a.tsv", {"글": marked, "분류": labels}))["label in text"]
    assert (found.count, found.places) == (75, ("a.tsv:2", "a.tsv:6", "a.tsv:10"))
    both = [f"{text} 정치 경제" for text in texts]
    assert "label in text" not in kinds(table(tmp_path / "a.tsv", {"글": both, "분류": labels}))


def test_words_that_tell_every_label_are_named(tmp_path):
    texts, labels = sentences(600), [row % 2 for row in range(600)]
    marked = [f"{text} {'ref-a' if label else 'ref-b'}" for text, label in zip(texts, labels)]
    found = kinds(table(tmp_path / "a.tsv", {"글": marked, "평": labels}))["too good"]
    assert set(found.values["words"].split(", ")[:2]) == {"ref-a", "ref-b"}
    assert found.count == 300


def test_test_rows_of_known_authors_are_counted(tmp_path):
    def written(name, authors, seed):
        columns = {"글": sentences(40, seed), "평": [row % 2 for row in range(40)]}
        return table(tmp_path / name, {**columns, "작성자": authors, "기기": ["가", "나"] * 20})

    train = written("train.tsv", [f"회원{row % 10}" for row in range(40)], 1)
    test = written("test.tsv", [f"회원{row % 10 + 8}" for row in range(40)], 2)
    found = kinds(train, test)["same owner"]
    assert (found.column, found.count) == ("작성자", 8)
    assert kinds(train, test, "기기")["same owner"].count == 40
    with pytest.raises(DataError, match="there is no column 없음"):
        kinds(train, test, "없음")
    bare = table(tmp_path / "bare.tsv", {"글": sentences(9), "평": [0, 1, 0] * 3})
    with pytest.raises(DataError, match="there is no column 작성자"):
        kinds(bare, test, "작성자")
    with pytest.raises(DataError, match="there are no test rows"):
        kinds(train, together="작성자")


def test_a_test_file_without_labels_is_examined(tmp_path):
    train = table(tmp_path / "a.tsv", {"글": sentences(40), "평": [row % 2 for row in range(40)]})
    bare = tmp_path / "b.tsv"
    bare.write_text("글\n" + "\n".join(sentences(5)) + "\n", "utf-8")
    assert kinds(train, bare)["overlap"].count == 5
    other = tmp_path / "c.tsv"
    other.write_text("본문\n하나\n", "utf-8")
    with pytest.raises(DataError, match="there is no column 글"):
        kinds(train, other)


def windows(series, length, stride):
    starts = range(0, len(series) - length + 1, stride)
    flat = np.concatenate([series[start : start + length] for start in starts])[:, None].astype(np.float32)
    return flat, np.full(len(starts), length)


@pytest.mark.parametrize(("stride", "shared"), [(1, True), (7, True), (16, True), (32, False)])
def test_windows_that_overlap_by_half_share_steps(stride, shared):
    flat, lengths = windows(np.random.default_rng(0).normal(size=400), 32, stride)
    found = shared_steps(flat, lengths)
    assert len(found) == (len(lengths) - 1 if shared else 0)
    order = np.random.default_rng(1).permutation(len(lengths))
    shuffled = flat.reshape(len(lengths), 32)[order].reshape(-1, 1)
    assert len(shared_steps(shuffled, lengths)) == len(found)


def test_equal_flat_and_periodic_rows_share_no_steps():
    noise = np.random.default_rng(0).normal(size=(20, 32))
    twice = np.concatenate([noise, noise]).astype(np.float32).reshape(-1, 1)
    assert shared_steps(twice, np.full(40, 32)) == {}
    flat = np.zeros((640, 1), np.float32)
    assert shared_steps(flat, np.full(20, 32)) == {}
    period = np.tile(noise[:, :8], 4).astype(np.float32).reshape(-1, 1)
    assert shared_steps(period, np.full(20, 32)) == {}
    assert shared_steps(np.zeros((6, 1), np.float32), np.array([3, 3])) == {}


def test_the_doctor_names_windows_over_one_series_and_unreadable_cells(tmp_path):
    flat, lengths = windows(np.random.default_rng(0).normal(size=200), 24, 4)
    rows = flat.reshape(len(lengths), 24)
    columns = {"label": ["가" if row % 2 else "나" for row in range(len(rows))]}
    columns |= {f"t{step}": rows[:, step].tolist() for step in range(24)}
    found = kinds(table(tmp_path / "a.tsv", columns), target="label")
    assert found["shared steps"].count == len(rows) - 1
    assert found["shared steps"].places[0] == "a.tsv:3 ≈ a.tsv:2"
    apart = np.random.default_rng(1).normal(size=rows.shape)
    columns |= {f"t{step}": apart[:, step].tolist() for step in range(24)}
    assert "shared steps" not in kinds(table(tmp_path / "a.tsv", columns), target="label")
    columns["t3"] = [*columns["t3"][:-1], "없음"]
    assert "t3" in str(
        kinds(table(tmp_path / "a.tsv", columns), target="label")["unreadable series"].values["reason"]
    )
