"""Pairs are read whole, from every form of file, and split so that nothing slips through."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.data.catalog import CATALOG
from yeoul.data.columns import Columns
from yeoul.data.pairs.dataset import load_pairs, read_new_pairs
from yeoul.data.pairs.grouping import leaks, pair_groups, together_groups
from yeoul.data.pairs.lines import read_lines, read_pair_table
from yeoul.data.splits import duplicate_groups
from yeoul.errors import DataError, RecipeError
from yeoul.recipe import DataRecipe

ROWS = [(f"안녕 {number}", f"hello {number}") for number in range(30)]


def load(source, together="source", **given):
    return load_pairs(DataRecipe(source=str(source), **given), together, 7)


def told(dataset):
    """All rows of a data set, in the order of the file."""
    rows = [row for split in dataset.splits.values() for row in split]
    return {(row.source, row.target) for row in rows}


@pytest.fixture
def written(tmp_path):
    """The same pairs in every form."""
    (tmp_path / "pairs.tsv").write_text("source\ttarget\n" + "".join(f"{s}\t{t}\n" for s, t in ROWS), "utf-8")
    (tmp_path / "cp949.csv").write_bytes(
        ("질문,답변\r\n" + "".join(f"{s},{t}\r\n" for s, t in ROWS)).encode("cp949")
    )
    lines = [json.dumps({"q": s, "a": t}, ensure_ascii=False) for s, t in ROWS]
    (tmp_path / "pairs.jsonl").write_text("\n".join(lines), "utf-8")
    pq.write_table(
        pa.table({"left": [s for s, _ in ROWS], "right": [t for _, t in ROWS]}), tmp_path / "p.parquet"
    )
    (tmp_path / "train.ko").write_text("".join(f"{s}\r\n" for s, _ in ROWS), "utf-8")
    (tmp_path / "train.en").write_text("".join(f"{t}\n" for _, t in ROWS), "utf-8")
    (tmp_path / "bare.tsv").write_text("".join(f"{s}\t{t}\n" for s, t in ROWS), "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("pairs.tsv", {}),
        ("cp949.csv", {}),
        ("pairs.jsonl", {}),
        ("p.parquet", {}),
        ("train.ko", {"target": "train.en"}),
        ("bare.tsv", {"columns": ("one", "two")}),
    ],
)
def test_every_form_gives_the_same_pairs(written, name, given):
    dataset = load(written / name, **given)
    assert told(dataset) == set(ROWS)
    assert sum(dataset.card.sizes.values()) == len(ROWS)
    assert dataset.test[0].where.startswith(f"{name}:")


def test_a_target_may_name_a_file_anywhere(written, tmp_path):
    other = tmp_path / "elsewhere"
    other.mkdir()
    (written / "train.en").rename(other / "t.txt")
    dataset = load(written / "train.ko", target=str(other / "t.txt"))
    assert told(dataset) == set(ROWS)
    assert (dataset.card.columns.inputs, dataset.card.columns.target) == (("ko",), "txt")


def test_a_file_without_a_header_is_not_read_without_its_first_row(written):
    with pytest.raises(DataError, match=r"no columns are known .* data.columns"):
        load(written / "bare.tsv")


def test_a_target_file_that_is_not_there_is_named(written):
    with pytest.raises(DataError, match=r"train.eng: there is no such file; did you mean .*train.en"):
        load(written / "train.ko", target="train.eng")


def test_files_of_unequal_length_are_refused(written):
    with open(written / "train.en", "a", encoding="utf-8") as file:
        file.write("one more\n")
    with pytest.raises(DataError, match=r"train.en: the file has 31 lines, and train.ko has 30"):
        load(written / "train.ko", target="train.en")


def test_only_line_feeds_part_lines(tmp_path):
    (tmp_path / "odd.txt").write_bytes("a\u2028b\x0bc\r\nd\n".encode())
    assert read_lines(tmp_path / "odd.txt")[0] == ["a\u2028b\x0bc", "d"]


def test_rows_without_a_side_are_left_out_and_counted(tmp_path):
    rows = [*ROWS, ("", "x"), ("y", " "), ("z", "")]
    (tmp_path / "p.tsv").write_text("source\ttarget\n" + "".join(f"{s}\t{t}\n" for s, t in rows), "utf-8")
    dataset = load(tmp_path / "p.tsv")
    assert (dataset.card.rows, dataset.card.one_sided) == (30, 3)
    assert told(dataset) == set(ROWS)


def test_no_data_is_a_recipe_error():
    with pytest.raises(RecipeError, match="no data is named"):
        load("")


def test_a_set_of_another_task_is_refused():
    with pytest.raises(DataError, match=r"word-order holds no pairs: it is for the task classify"):
        load("word-order")


def test_a_column_is_not_both_sides(written):
    with pytest.raises(DataError, match="both input and target"):
        load(written / "pairs.tsv", inputs=("source",), target="source")


STORY = "1 미나는 부엌으로 갔습니다.\n2 철수는 침실로 갔습니다.\n3 미나는 어디야? \t부엌\t1\n" * 12


def test_a_question_knows_what_its_story_told_before(tmp_path):
    story = STORY + "4 미나는 정원으로 갔습니다.\n5 미나는 어디야? \t정원\t4\n"
    (tmp_path / "qa.txt").write_text(story, "utf-8")
    table = read_pair_table(tmp_path / "qa.txt")
    rows = list(zip(*(table.columns[name].to_pylist() for name in table.columns), strict=True))
    before = "미나는 부엌으로 갔습니다. 철수는 침실로 갔습니다."
    assert rows[0] == (before, "미나는 어디야?", "부엌")
    assert rows[-1] == (f"{before} 미나는 정원으로 갔습니다.", "미나는 어디야?", "정원")
    assert table.numbers.tolist()[:2] == [3, 6]
    assert len(rows) == 13


def test_a_line_without_a_number_in_a_story_is_named(tmp_path):
    (tmp_path / "qa.txt").write_text(STORY * 40 + "미나는 어디야?\n" + STORY, "utf-8")
    with pytest.raises(DataError, match=r"qa.txt:1441: a line of a story begins with its number"):
        read_pair_table(tmp_path / "qa.txt")


def test_a_table_of_fixed_width_is_cut_at_its_mark(tmp_path):
    lines = [f"{a}+{a}".ljust(7) + f"_{2 * a}".ljust(5) for a in range(1, 60)]
    (tmp_path / "sums.txt").write_text("\n".join(lines), "utf-8")
    table = read_pair_table(tmp_path / "sums.txt")
    assert table.columns["question"].to_pylist()[11] == "12+12"
    assert table.columns["answer"].to_pylist()[11] == "24"
    (tmp_path / "sums.txt").write_text("\n".join([*lines, "5+5 _10"]), "utf-8")
    with pytest.raises(DataError, match=r"sums.txt:60: column 8 holds no underscore"):
        read_pair_table(tmp_path / "sums.txt")


TEXTS = st.lists(
    st.tuples(st.text("abc", min_size=1, max_size=3), st.text("xy", min_size=1, max_size=2)),
    min_size=3,
    max_size=40,
)


@given(TEXTS, st.sampled_from(["source", "target", "both", "sorted", "none"]))
def test_what_must_stay_together_has_one_number(rows, together):
    sources, targets = (pa.array([row[side] for row in rows]) for side in (0, 1))
    groups = together_groups(sources, targets, together)
    for i, (source, target) in enumerate(rows):
        for j, (other_source, other_target) in enumerate(rows):
            must = {
                "source": source == other_source,
                "target": target == other_target,
                "both": source == other_source or target == other_target,
                "sorted": sorted(source) == sorted(other_source),
                "none": i == j,
            }[together]
            assert not must or groups[i] == groups[j]
            if together != "both":
                assert must == (groups[i] == groups[j])


@given(TEXTS)
def test_rows_are_joined_by_way_of_others_and_no_further(rows):
    sources, targets = (pa.array([row[side] for row in rows]) for side in (0, 1))
    groups = together_groups(sources, targets, "both")
    reached = {0}
    while True:
        more = {
            j for j, row in enumerate(rows) for i in reached if row[0] == rows[i][0] or row[1] == rows[i][1]
        }
        if more <= reached:
            break
        reached |= more
    assert reached == set(np.flatnonzero(groups == groups[0]).tolist())


@given(TEXTS)
def test_leaks_are_counted_as_by_hand(rows):
    sources, targets = (duplicate_groups(pa.array([row[side] for row in rows])) for side in (0, 1))
    places = np.arange(len(rows))
    parts = {"train": places[::3], "validation": places[1::3], "test": places[2::3]}
    for groups, key in ((sources, lambda row: row[0]), (pair_groups(sources, targets), lambda row: row)):
        found = leaks(groups, parts)
        train = {key(rows[place]) for place in parts["train"]}
        both = train | {key(rows[place]) for place in parts["validation"]}
        assert found["validation"] == sum(key(rows[place]) in train for place in parts["validation"])
        assert found["test"] == sum(key(rows[place]) in both for place in parts["test"])


@pytest.mark.parametrize("together", ["source", "target", "both", "sorted"])
def test_a_split_lets_nothing_through(tmp_path, together):
    random = np.random.default_rng(3)
    rows = [(f"{a}+{b}", str(a + b)) for a, b in random.integers(0, 30, (400, 2)).tolist()]
    (tmp_path / "p.tsv").write_text("source\ttarget\n" + "".join(f"{s}\t{t}\n" for s, t in rows), "utf-8")
    dataset = load(tmp_path / "p.tsv", together)
    card = dataset.card
    assert sum(card.sizes.values()) == 400
    for side in {"both": ("source", "target")}.get(together, (together,)):
        if side != "sorted":
            assert card.leaks[side] == {"validation": 0, "test": 0}
        key = {"source": lambda row: row.source, "target": lambda row: row.target}.get(
            side, lambda row: "".join(sorted(row.source))
        )
        kinds = [{key(row) for row in split} for split in dataset.splits.values()]
        assert not kinds[0] & kinds[1]
        assert not (kinds[0] | kinds[1]) & kinds[2]
    assert load(tmp_path / "p.tsv", together).fingerprint == dataset.fingerprint


def test_new_pairs_are_read_by_the_names_of_their_files(written):
    columns = Columns(("ko",), "en", guessed_inputs=False, guessed_target=False)
    found = read_new_pairs(DataRecipe(source=str(written / "train.ko")), columns)
    assert [(row.source, row.target) for row in found.pairs] == ROWS
    table = Columns(("source",), "target", guessed_inputs=False, guessed_target=False)
    found = read_new_pairs(DataRecipe(source=str(written / "pairs.tsv")), table)
    assert [(row.source, row.target) for row in found.pairs] == ROWS


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "rows", "sample"),
    [
        ("tatoeba_kor", 3853, ("Go.", "가.")),
        ("kss", 12853, ("Save your pocket money.", "용돈을 아껴 써라.")),
        ("multi30k", 31014, ("A group of men are loading cotton onto a truck", None)),
        ("chatbot_ko", 11823, ("12시 땡!", "하루가 또 가네요.")),
        ("sae4k", 30837, ("오늘 체감온도가 어느 정도이니", "오늘 체감온도")),
        ("bbc", 2225, None),
        ("babi_ko", 11000, None),
        ("dlfs2-addition", 50000, ("16+75", "91")),
        ("dlfs2-date", 50000, ("2/10/93", "1993-02-10")),
    ],
)
def test_public_pairs_are_whole(name, rows, sample, data_folder, monkeypatch):
    monkeypatch.setenv("YEOUL_DATA", str(data_folder))
    dataset = load(name)
    assert dataset.card.rows + dataset.card.one_sided == rows
    assert dataset.card.licence == CATALOG[name].licence
    if sample is not None:
        found = {row.source: row.target for split in dataset.splits.values() for row in split}
        assert sample[0] in found
        assert sample[1] is None or sample[1] in found[sample[0]]


@pytest.mark.data
def test_official_parts_stay_as_they_are(data_folder, monkeypatch):
    monkeypatch.setenv("YEOUL_DATA", str(data_folder))
    dataset = load("multi30k", inputs=("en",), target="fr")
    assert dataset.card.sizes == {"train": 29000, "validation": 1014, "test": 1000}
    lines = Path(data_folder, "multi30k", "test_2016_flickr.fr").read_text("utf-8").splitlines()
    assert [row.target for row in dataset.test] == [line.strip() for line in lines]
    assert dataset.test[4].where == "test_2016_flickr.en:5"
