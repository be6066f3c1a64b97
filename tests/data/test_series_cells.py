"""Series: the numbers of the cells, in their order, and nothing that is not a number."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.data.columns import expanded_names
from yeoul.data.datasets import load_dataset
from yeoul.data.series_cells import series_of
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe

NUMBERS = st.floats(-1e6, 1e6, width=32)


def where(row: int) -> str:
    return f"a.csv:{row + 2}"


def columns_of(**cells: list[str]) -> dict[str, pa.Array]:
    return {name: pa.array(column, pa.string()) for name, column in cells.items()}


@given(st.lists(st.lists(NUMBERS, min_size=1, max_size=8), min_size=1, max_size=8), st.integers(1, 3))
def test_lists_are_read_as_they_are(rows: list[list[float]], channels: int) -> None:
    spellings = (
        lambda row: "[" + ", ".join(map(repr, row)) + "]",
        lambda row: " ".join(map(repr, row)) if len(row) > 1 else f"[{row[0]!r}]",
        lambda row: "[" + ",".join(map(repr, row)) + "]",
    )
    cells = {f"c{k}": [spellings[k](row) for row in rows] for k in range(channels)}
    values, lengths = series_of(columns_of(**cells), where)
    assert values.dtype == np.float32
    assert lengths.tolist() == [len(row) for row in rows]
    expected = np.array([number for row in rows for number in row], np.float32)
    np.testing.assert_array_equal(values, np.stack([expected] * channels, axis=1))


@given(
    st.integers(1, 5).flatmap(
        lambda t: st.lists(st.lists(NUMBERS, min_size=t, max_size=t), min_size=1, max_size=9)
    )
)
def test_a_number_a_column_is_a_step_a_column(rows: list[list[float]]) -> None:
    steps = list(zip(*rows))
    cells = columns_of(
        **{f"t{step}": [repr(number) for number in column] for step, column in enumerate(steps)}
    )
    values, lengths = series_of(cells, where)
    assert lengths.tolist() == [len(steps)] * len(rows)
    np.testing.assert_array_equal(values[:, 0], np.array(rows, np.float32).ravel())


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"a": ["1", "x"], "b": ["1", "2"]}, r"a\.csv:3: x in the column a is not a number"),
        ({"a": ["1", "2"], "b": ["1", ""]}, r"a\.csv:3: the number in the column b is missing"),
        ({"a": ["1", "2"], "b": ["NaN", "1"]}, r"a\.csv:2: the number in the column b is missing"),
        ({"a": ["1", "2,5"]}, r"a\.csv:3: 2,5 .* decimal comma"),
        ({"a": ["1", "1e60"]}, r"a\.csv:3: 1e60 .* not a finite number"),
        ({"a": ["1 2", "3 4 five"]}, r"a\.csv:3: five in the column a is not a number"),
        ({"a": ["[1, null]", "[2, 3]"]}, r"a\.csv:2: the number in the column a is missing"),
        ({"a": ["[1, 2]", "[]"]}, r"a\.csv:3: the column a holds no list of numbers"),
        ({"a": ["[1, 2]", ""]}, r"a\.csv:3: the column a holds no list of numbers"),
        ({"a": ["[1,,2]", "[1]"]}, r"a\.csv:2: the column a holds no list of numbers"),
        ({"a": ["[1, 2"]}, r"a\.csv:2: the column a holds no list of numbers"),
        (
            {"a": ["1 2", "3 4"], "b": ["1 2", "3"]},
            r"a\.csv:3: the column a has 2 numbers and the column b 1",
        ),
    ],
)
def test_what_is_no_number_is_named_with_its_row(cells: dict[str, list[str]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        series_of(columns_of(**cells), where)


def test_ranges_of_names_are_written_out() -> None:
    assert expanded_names(("label", "t1..t3", "t9..t10")) == ("label", "t1", "t2", "t3", "t9", "t10")
    assert expanded_names(("a..b", "t1..u3", "1..3", "t0..t999999999")) == (
        "a..b",
        "t1..u3",
        "1",
        "2",
        "3",
        "t0..t999999999",
    )


@pytest.mark.parametrize("mark", ["\t", ","])
def test_a_file_of_the_ucr_archive_is_a_data_set(tmp_path: Path, mark: str) -> None:
    random = np.random.default_rng(0)
    rows = [(row % 3 + 1, random.normal(size=24)) for row in range(90)]
    path = tmp_path / "Beef_TRAIN.tsv"
    path.write_text(
        "".join(mark.join([str(label), *map(repr, map(float, steps))]) + "\n" for label, steps in rows)
    )
    recipe = DataRecipe(source=str(path), columns=("label", "t1..t24"), separator=mark)
    data = load_dataset(recipe, 42, series=True)
    assert data.labels == ("1", "2", "3")
    assert data.card.inputs == tuple(f"t{step}" for step in range(1, 25))
    assert (data.card.channels, data.card.steps["max"], data.card.characters) == (1, 24, None)
    for part in data.splits.values():
        values, lengths = series_of(part.inputs, part.where)
        assert lengths.tolist() == [24] * len(part)
        expected = [rows[row - 1][1] for row in part.rows]
        np.testing.assert_allclose(values.reshape(len(part), 24), expected, rtol=1e-6)
        assert part.labels() == [str(rows[row - 1][0]) for row in part.rows]
    again = load_dataset(recipe.model_copy(update={"inputs": ("t1..t23",)}), 42, series=True)
    assert again.fingerprint != data.fingerprint
