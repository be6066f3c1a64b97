"""Rows from documents: what follows what, split by document, and what is too short to be one."""

import pytest

from yeoul.data.comparisons.comparisons import BEGINNING, END, Writing
from yeoul.data.comparisons.neighbors import load_neighbors, neighbor_rows, read_writings
from yeoul.errors import DataError
from yeoul.recipe import ComparingRecipe, DataRecipe

COMPARING = ComparingRecipe(rows="neighbors", symmetric=False)


def told(number, sentences=6):
    return [f"{number}편의 {place}째 문장이다." for place in range(sentences)]


def written(tmp_path, documents, name="글.txt"):
    path = tmp_path / name
    path.write_text("\n\n".join("제목\n" + " ".join(document) for document in documents), "utf-8")
    return DataRecipe(source=str(path), test=0.2, validation=0.2)


def test_a_row_matches_where_the_right_side_follows_the_left_one():
    writings = [Writing(tuple(told(number)), f"글.txt:{number}") for number in (1, 2)]
    rows = neighbor_rows(writings, [3])
    assert rows.matching.sum() == len(rows) / 3 == 2 * (len(told(1)) + 1)
    for place in range(len(rows)):
        row = rows[place]
        chain = [BEGINNING, *told(1 + int(rows.documents[place])), END]
        if place % 3 == 2:
            assert row.right not in chain
            assert row.truth == 0.0
            continue
        left, right = chain.index(row.left), chain.index(row.right)
        assert (right == left + 1) == (row.truth == 1.0)
        assert right not in (0, left)
    assert len(neighbor_rows(writings[:1], [3])) == 2 * (len(told(1)) + 1)
    assert rows.documents.tolist() == sorted(rows.documents.tolist())
    assert rows.groups[0] is rows.groups[1] is rows.documents


def test_documents_are_split_whole(tmp_path):
    recipe = written(tmp_path, [told(number) for number in range(30)])
    found = load_neighbors(recipe, COMPARING, 1)
    numbers = {
        split: {text.split("편")[0] for text in rows.lefts.to_pylist() if text != BEGINNING}
        for split, rows in found.splits.items()
    }
    assert sum(len(one) for one in numbers.values()) == len(set.union(*numbers.values())) == 30
    assert {split: len(writings) for split, writings in found.writings.items()} == {
        split: len(one) for split, one in numbers.items()
    }
    assert found.card.seen == 0
    assert found.truth == "match"
    assert load_neighbors(recipe, COMPARING, 1).fingerprint == found.fingerprint


def test_headings_short_documents_and_long_ones(tmp_path):
    documents = [told(number) for number in range(10)] + [told(98, 3), told(99, 40)]
    _, writings = read_writings(written(tmp_path, documents))
    assert all("제목" not in sentence for writing in writings for sentence in writing.sentences)
    assert [len(writing.sentences) for writing in writings] == [6] * 10 + [14, 13, 13]
    assert len({writing.where for writing in writings[10:]}) == 1
    with pytest.raises(DataError, match="2 documents have four sentences or more"):
        read_writings(written(tmp_path, documents[:2]))


def test_parts_of_one_document_stay_together(tmp_path):
    recipe = written(tmp_path, [told(number, 40) for number in range(12)])
    found = load_neighbors(recipe, COMPARING, 2)
    places = [{writing.where for writing in writings} for writings in found.writings.values()]
    assert sum(map(len, places)) == len(set.union(*places)) == 12


def test_rows_of_a_table_are_documents(tmp_path):
    path = tmp_path / "기사.csv"
    lines = ["번호,본문", *(f'{number},"{" ".join(told(number))}"' for number in range(12))]
    path.write_text("\n".join(lines), "utf-8")
    _, writings = read_writings(DataRecipe(source=str(path), inputs=("본문",)))
    assert len(writings) == 12
    assert writings[0].sentences == tuple(told(0))
