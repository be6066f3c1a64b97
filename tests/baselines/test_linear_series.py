"""The linear model on series tells what can be told from waves and trends, and bears odd series."""

import numpy as np
import pytest

from yeoul.baselines.series import LinearSeries, series_features


def waves(rows, seed):
    """Series of drawn lengths whose class is the number of their waves."""
    generator = np.random.default_rng(seed)
    targets = generator.integers(0, 3, rows)
    series = []
    for target in targets:
        steps = np.linspace(0, 1, generator.integers(40, 80))
        wave = np.sin(2 * np.pi * ((target + 1) * steps + generator.random()))
        series.append((wave + 0.1 * generator.standard_normal(len(steps)))[:, None])
    lengths = np.array([len(one) for one in series])
    return np.concatenate(series).astype(np.float32), lengths, targets


def test_it_tells_the_number_of_waves():
    model = LinearSeries.fit(*waves(150, 0), "class", 3)
    values, lengths, targets = waves(80, 1)
    answers = model.answers(values, lengths)
    assert (answers.argmax(axis=1) == targets).mean() > 0.95
    assert np.exp(answers).sum(axis=1) == pytest.approx(1.0, abs=1e-5)


def test_labels_and_numbers():
    values, lengths, targets = waves(150, 0)
    held = np.stack([targets == 0, targets > 0, np.ones(150)], axis=1).astype(np.float32)
    labels = LinearSeries.fit(values, lengths, held, "labels", 3).answers(values, lengths)
    assert ((labels > 0) == (held > 0)).mean() > 0.95
    numbers = LinearSeries.fit(values, lengths, targets * 10.0, "number", 1).answers(values, lengths)
    assert np.abs(numbers[:, 0] - targets * 10).mean() < 2


@pytest.mark.parametrize("series", [[], [3.0], [2.0, 2.0, 2.0], [1e6, -1e6]])
def test_odd_series_measure_as_finite_numbers_alone_or_in_company(series):
    others = np.arange(10, dtype=np.float32)
    values = np.concatenate([others, np.array(series, np.float32), others])[:, None]
    features = series_features(values, np.array([10, len(series), 10]))
    assert np.isfinite(features).all()
    alone = series_features(np.array(series, np.float32).reshape(-1, 1), np.array([len(series)]))
    np.testing.assert_array_equal(features[1], alone[0])
    np.testing.assert_array_equal(features[0], features[2])


def test_a_class_that_training_lacks_is_never_the_answer():
    values, lengths, targets = waves(60, 2)
    answers = LinearSeries.fit(values, lengths, np.where(targets == 1, 0, targets), "class", 3).answers(
        values, lengths
    )
    assert (answers.argmax(axis=1) != 1).all()
