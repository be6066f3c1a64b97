"""Arrays come back as they were, however they lie in memory."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as made

from yeoul.errors import ModelFileError
from yeoul.runs.arrays import load_arrays, save_arrays

ANY = made.arrays(
    st.sampled_from([np.float32, np.float64, np.int64]),
    made.array_shapes(min_dims=1, max_dims=3, max_side=4),
    elements=st.integers(-100, 100),
)


@given(ANY, st.sampled_from([lambda a: a, lambda a: a.T, lambda a: a[::-1], lambda a: a[..., ::2]]))
def test_values_and_shapes_come_back(tmp_path_factory, values, view):
    path = tmp_path_factory.getbasetemp() / "arrays.safetensors"
    seen = view(values)
    save_arrays(path, {"seen": seen})
    found = load_arrays(path)["seen"]
    assert found.dtype == seen.dtype
    np.testing.assert_array_equal(found, seen)


def test_anything_else_is_refused(tmp_path):
    with pytest.raises(ModelFileError, match="missing"):
        load_arrays(tmp_path / "none")
    (tmp_path / "text").write_text("not arrays at all")
    with pytest.raises(ModelFileError, match="damaged"):
        load_arrays(tmp_path / "text")
