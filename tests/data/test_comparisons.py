"""Pairs to compare from files: columns, truths, splits that keep together what belongs together, and bad input."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.data.comparisons.comparisons import Comparisons, Links
from yeoul.data.comparisons.dataset import check_series, load_comparisons, read_new_comparisons
from yeoul.data.comparisons.rows import ComparedRows
from yeoul.data.tokens import TokenRows
from yeoul.errors import DataError, RecipeError
from yeoul.recipe import ComparingRecipe, DataRecipe

EACH = 4


def written(tmp_path, lines, name="짝.csv"):
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def meanings(number=80):
    """Groups of four sentences that say the same, each tied to the next; and pairs across groups that do not."""
    rows = ["a,b,similarity"]
    for group in range(number):
        said = [f"{group}번 물음 {way}" for way in range(EACH)]
        rows += [f"{one},{two},1" for one, two in pairwise(said)]
        rows += [f"{said[0]},{(group + far) % number}번 물음 1,0" for far in (1, 2, 3)]
    return rows


def loaded(source, seed=1, series=False, comparing=None, **data):
    return load_comparisons(
        DataRecipe(source=str(source), **data), comparing or ComparingRecipe(), seed, series=series
    )


def test_what_belongs_together_stays_together(tmp_path):
    found = loaded(written(tmp_path, meanings()), test=0.3, validation=0.3)
    assert found.truth == "match"
    assert (found.card.columns.left, found.card.columns.right, found.card.columns.truth) == (
        "a",
        "b",
        "similarity",
    )
    groups = {
        split: {text.split("번")[0] for side in (rows.lefts, rows.rights) for text in side.to_pylist()}
        for split, rows in found.splits.items()
    }
    assert not groups["train"] & groups["test"]
    assert not groups["train"] & groups["validation"]
    assert not groups["validation"] & groups["test"]
    card = found.card.to_json()
    assert sum(card["sizes"].values()) + card["astride"] == card["rows"] == 480
    assert card["astride"] > 0
    assert card["overlap"] == 0
    assert card["groups"] == 80


def test_rows_may_be_drawn_one_by_one(tmp_path):
    comparing = ComparingRecipe(keep_together="none")
    found = loaded(written(tmp_path, meanings()), comparing=comparing)
    assert sum(found.card.sizes.values()) == 480
    assert found.card.seen > 0


def test_a_text_of_one_row_goes_where_its_partner_goes(tmp_path):
    rows = [f"왼쪽 {row},오른쪽 {row},{row % 2}" for row in range(60)]
    found = loaded(written(tmp_path, ["left,right,match", *rows]))
    assert found.card.astride == 0
    assert sum(found.card.sizes.values()) == 60


def test_truths_are_told_by_their_numbers(tmp_path):
    degrees = [f"글 {row},다른 글 {row},{row % 6 * 0.5}" for row in range(40)]
    found = loaded(written(tmp_path, ["문장1,문장2,유사도", *degrees]))
    assert found.truth == "degree"
    assert not found.train.matching.any()
    without = loaded(written(tmp_path, ["질문1,질문2", *(f"묻다 {row},답하다 {row}" for row in range(40))]))
    assert without.truth == "none"
    assert without.test.matching.all()


def test_the_same_rows_make_the_same_splits(tmp_path):
    path = written(tmp_path, meanings())
    assert loaded(path).fingerprint == loaded(path).fingerprint
    assert loaded(path).fingerprint != loaded(path, seed=2).fingerprint


def test_rows_without_a_side_are_left_out_and_counted(tmp_path):
    found = loaded(written(tmp_path, [*meanings(), "혼자,,1", ",혼자,0"]))
    assert (found.card.one_sided, found.card.rows) == (2, 480)


@pytest.mark.parametrize(
    ("lines", "data", "said"),
    [
        (["x,w,z", "가,나,다"], {}, "no two columns look like"),
        (["a,b,similarity", "가,나,조금"], {}, "조금 in the column similarity is not a number"),
        (["a,b,similarity", "가,나,1"], {"inputs": ("a",)}, "two columns are compared, and 1 are named"),
        (["a,b,similarity", "가,나,1"], {"inputs": ("a", "a")}, "the column a is named twice"),
        (["a,b,similarity", "가,나,1"], {"inputs": ("a", "b"), "target": "b"}, "the column b is named twice"),
        (["a,b,similarity", "가,나,1", "다,라,0"], {}, "rows are too few"),
        (["a,b,y", *(f"가{row},나{row},1" for row in range(50))], {}, "are of one kind: 1"),
    ],
)
def test_what_cannot_be_compared_is_refused(tmp_path, lines, data, said):
    with pytest.raises(DataError, match=said):
        loaded(written(tmp_path, lines), **data)


def test_what_is_asked_must_be_there(tmp_path):
    path = written(tmp_path, ["왼쪽,오른쪽", *(f"가{row},나{row}" for row in range(30))])
    with pytest.raises(DataError, match="no column says how close"):
        loaded(path, comparing=ComparingRecipe(truth="match"))
    with pytest.raises(DataError, match="other numbers than 0 and 1"):
        loaded(
            written(tmp_path, ["a,b,y", *(f"가{row},나{row},{row}" for row in range(30))]),
            comparing=ComparingRecipe(truth="match"),
        )
    with pytest.raises(RecipeError, match="no data is named"):
        loaded("")


def test_series_are_checked_number_by_number(tmp_path):
    rows = [f"1 2 {row},3 {row} 1,{row % 2}" for row in range(40)]
    found = loaded(written(tmp_path, ["a,b,same", *rows]), series=True)
    assert found.card.to_json()["lengths"]["left"]["p50"] == 3
    check_series(found.train)
    with pytest.raises(DataError, match=r"짝\.csv:42.*글"):
        loaded(written(tmp_path, ["a,b,same", *rows, "1 2 글,1 2,0"]), series=True)


def test_a_new_file_is_read_as_the_old_one(tmp_path):
    path = written(tmp_path, ["similarity,b,a", "1,나,가", "0,라,다"], "새.csv")
    columns = {"left": "a", "right": "b", "truth": "similarity"}
    found = read_new_comparisons(DataRecipe(source=str(path)), columns, "match")
    assert found[0].left == "가"
    assert found[1].where == "새.csv:3"
    assert found.matching.tolist() == [True, False]
    empty = written(tmp_path, ["a,b,similarity", "가,,1"], "빈.csv")
    with pytest.raises(DataError, match="no row with both sides"):
        read_new_comparisons(DataRecipe(source=str(empty)), columns, "match")


def test_made_up_curves_are_half_and_half():
    found = loaded("curves", series=True)
    assert sum(found.card.matching.values()) == 1200
    assert found.card.rows == 2400
    assert found.card.astride == 0


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans()), min_size=1, max_size=15))
def test_links_join_what_matching_rows_tie(rows):
    lefts, rights = (pa.array([f"글 {row[side]}" for row in rows]) for side in (0, 1))
    tied = np.array([row[2] for row in rows])
    links = Links.of(lefts, rights, tied)
    parent = {number: {number} for number in range(7)}
    for left, right, together in rows:
        if together:
            joined = parent[left] | parent[right]
            for number in joined:
                parent[number] = joined
    for place, (left, right, _) in enumerate(rows):
        same = links.left_groups[place] == links.right_groups[place]
        assert same == (right in parent[left])
    texts = pa.concat_arrays([lefts, rights])
    for number, (row, is_left) in enumerate(zip(links.first, links.first_is_left, strict=True)):
        place = int(row) + (0 if is_left else len(rows))
        assert number in (links.left if is_left else links.right)
        assert texts[place].as_py() not in texts[:place].to_pylist()


def test_rows_are_cut_into_batches_with_what_is_known():
    def tokens(lengths):
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        return TokenRows(np.arange(sum(lengths), dtype=np.int32), offsets, np.zeros(len(lengths), np.int64))

    known = np.array([[1, 0, 0], [0, 1, 2], [1, 3, 3]], float)
    rows = ComparedRows(tokens([1, 2, 3]), tokens([3, 1, 2]), known)
    assert rows.lengths.tolist() == [4, 3, 5]
    drawn = np.concatenate(rows.order(2, 0, 0))
    assert sorted(drawn.tolist()) == [0, 1, 2]
    batch = rows.batch(np.array([2, 0]))
    assert batch.targets.tolist() == [[1, 3, 3], [1, 0, 0]]
    assert batch.inputs["left"].lengths.tolist() == [3, 1]
    assert batch.inputs["right"].lengths.tolist() == [2, 3]
    assert (
        Comparisons(
            pa.array(["가"]),
            pa.array(["나"]),
            np.ones(1),
            np.ones(1, bool),
            ("짝.csv",),
            np.zeros(1, np.int16),
            np.array([2]),
        ).where(0)
        == "짝.csv:2"
    )
