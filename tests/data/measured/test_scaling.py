"""Scales come from the training rows alone, series by series, and are undone exactly enough."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from yeoul.data.measured.measurements import Found, Measurements
from yeoul.data.measured.provenance import Provenance
from yeoul.data.measured.regular import Slips
from yeoul.data.measured.roles import Roles
from yeoul.data.measured.scaling import Scaler
from yeoul.data.measured.times import Every
from yeoul.errors import DataError, ModelFileError

FOUND = Found(0, 0, Slips(), (), {}, (), (), (), ())


def measured(
    values: Any,
    lengths: tuple[int, ...],
    targets: int = 1,
    known: int = 0,
    static: int = 0,
    timed: bool = True,
) -> Measurements:
    """Return series of these lengths; the first columns are targets, the last ones known ahead."""
    array = np.asarray(values, np.float32)
    names = tuple(f"열{place}" for place in range(array.shape[1]))
    inputs = names[targets : len(names) - known]
    roles = Roles(
        "t", "s", names[:targets], inputs, names[len(names) - known :], tuple("고저")[:static], False, False
    )
    start = np.datetime64("2020-03-04T05:00" if timed else "NaT", "s")
    return Measurements(
        provenance=Provenance("시험", "시험.csv"),
        columns=names,
        values=array,
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        series=tuple(f"계열{place}" for place in range(len(lengths))),
        starts=np.array([start + np.timedelta64(place, "h") for place in range(len(lengths))]),
        every=Every(seconds=3600) if timed else None,
        roles=roles,
        statics=np.arange(len(lengths) * static, dtype=np.float32).reshape(len(lengths), static),
        zone="",
        found=FOUND,
    )


def drawn(
    seed: int = 0, lengths: tuple[int, ...] = (30, 40), width: int = 3, holes: float = 0.2
) -> np.ndarray:
    random = np.random.default_rng(seed)
    values = random.normal(5, 3, (sum(lengths), width)).astype(np.float32)
    values[random.random(values.shape) < holes] = np.nan
    return values


def before(measurements: Measurements, rows: int) -> np.ndarray:
    within = np.arange(measurements.rows) - np.repeat(measurements.offsets[:-1], measurements.lengths)
    return within < rows


def test_scaled_training_rows_have_mean_0_and_deviation_1_in_every_series() -> None:
    measurements = measured(drawn(), (30, 40))
    scaler = Scaler.fit(measurements, before(measurements, 20))
    scaled = scaler.apply(measurements)
    for first in (0, 30):
        rows = scaled[first : first + 20]
        np.testing.assert_allclose(np.nanmean(rows, axis=0), 0, atol=1e-6)
        np.testing.assert_allclose(np.nanstd(rows, axis=0), 1, atol=1e-5)
    np.testing.assert_array_equal(np.isnan(scaled), np.isnan(measurements.values))


def test_what_comes_after_the_training_rows_changes_no_scale() -> None:
    values = drawn()
    measurements = measured(values, (30, 40))
    other = values.copy()
    other[~before(measurements, 20)] = 1e6
    rows = before(measurements, 20)
    assert Scaler.fit(measurements, rows) == Scaler.fit(measured(other, (30, 40)), rows)


def test_undoing_gives_the_values_back() -> None:
    measurements = measured(drawn(holes=0), (30, 40), targets=2)
    scaler = Scaler.fit(measurements, before(measurements, 20))
    scaled = scaler.apply(measurements)[[3, 50], None, :2]  # two windows (n, H, D), one of each series
    places = np.array([0, 1])
    expected = measurements.values[[3, 50], None, :2]
    np.testing.assert_allclose(scaler.undo(scaled, places), expected, rtol=1e-5)
    several = np.repeat(scaled[..., None], 7, axis=3)
    np.testing.assert_allclose(scaler.undo(several, places)[..., 4], expected, rtol=1e-5)


def test_columns_that_never_change_or_are_absent_have_a_scale() -> None:
    values = drawn(holes=0)
    values[:, 1] = 7
    values[30:, 2] = np.nan
    measurements = measured(values, (30, 40), static=1)
    scaler = Scaler.fit(measurements, np.ones(70, np.bool_))
    assert scaler.deviations[:, 1].tolist() == [1, 1]
    assert (scaler.apply(measurements)[:, 1] == 0).all()
    assert scaler.means[1, 2] == pytest.approx(
        scaler.means[0, 2]
    )  # the second series has no value of its own
    np.testing.assert_allclose(scaler.apply_static(measurements)[:, 0], [-1, 1])
    nothing = measured(np.full((4, 1), np.nan), (4,))
    assert Scaler.fit(nothing, np.ones(4, np.bool_)).settings.means == ((0.0,),)


def test_a_saved_scaler_is_the_same(tmp_path: Path) -> None:
    measurements = measured(drawn(), (30, 40), static=2)
    scaler = Scaler.fit(measurements, before(measurements, 20))
    scaler.save(tmp_path)
    assert Scaler.load(tmp_path) == scaler
    settings = json.loads((tmp_path / "scaling.json").read_text("utf-8"))
    for key, value in (("deviations", [[0.0] * 3] * 2), ("means", [[1.0]]), ("series", []), ("more", 1)):
        (tmp_path / "scaling.json").write_text(json.dumps(settings | {key: value}), "utf-8")
        with pytest.raises(ModelFileError, match="settings cannot be read"):
            Scaler.load(tmp_path)


def test_other_columns_and_series_are_refused() -> None:
    measurements = measured(drawn(), (30, 40))
    scaler = Scaler.fit(measurements, before(measurements, 20))
    with pytest.raises(DataError, match="the columns are 열0, 열1, the model knows 열0, 열1, 열2"):
        scaler.apply(measured(drawn(width=2), (30, 40)))
    with pytest.raises(DataError, match="the series 계열2 was not among those"):
        scaler.apply(measured(drawn(lengths=(10, 10, 10)), (10, 10, 10)))
