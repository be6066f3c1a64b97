"""Limits of confidence: what they promise holds on other rows."""

import csv
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from yeoul.cli.main import run as command
from yeoul.metrics.abstaining import Honesty, abstain, confidence_limit, upper_bound
from yeoul.runs.folder import create_run


def drawn(rows, seed, honest=True):
    """Answers whose chance of being right is their confidence, or lies halfway to one half."""
    random = np.random.default_rng(seed)
    sure = random.uniform(0.5, 1.0, rows)
    chance = sure if honest else 0.5 + (sure - 0.5) / 2
    return sure, random.random(rows) < chance


@given(st.integers(0, 40), st.integers(1, 40))
def test_the_bound_is_the_exact_one(wrong, more):
    """At the bound, so few wrong rows as came have a chance of five in a hundred."""
    rows = wrong + more
    assert binom.cdf(wrong, rows, upper_bound(wrong, rows)) == pytest.approx(0.05, abs=1e-6)


def test_what_is_promised_holds_on_other_rows():
    kept = []
    for seed in range(200):
        limit = confidence_limit(*drawn(400, seed), 0.1)
        sure, _ = drawn(20_000, 10_000 + seed)
        kept.append(limit is None or (1 - sure[sure >= limit]).mean() <= 0.1)
    assert np.mean(kept) > 0.93  # 95 of 100 are promised


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), st.floats(0.02, 0.4))
def test_less_risk_answers_less(seed, risk):
    sure, right = drawn(300, seed)
    strict, loose = (confidence_limit(sure, right, each) for each in (risk / 2, risk))
    assert loose is not None or strict is None
    if strict is not None:
        assert loose <= strict
        done = abstain(strict, sure, right, risk / 2)
        assert done.wrong.low <= done.wrong.value <= done.wrong.high
        assert done.answered == (sure >= strict).sum()
        assert upper_bound((~right[sure >= strict]).sum(), done.answered) <= risk / 2


def test_nothing_is_answered_where_nothing_is_sure():
    sure, right = np.full(100, 0.99), np.arange(100) % 2 == 0
    assert confidence_limit(sure, right, 0.1) is None
    done = abstain(None, sure, right, 0.1)
    assert (done.answered, done.coverage, done.wrong_of_all) == (0, 0.0, 0.5)
    with pytest.raises(ValueError, match="risk is 0"):
        confidence_limit(sure, right, 0)


def test_a_curve_through_the_validation_rows_makes_confidences_honest():
    honesty = Honesty.of(*drawn(5000, 1, honest=False), *drawn(5000, 2, honest=False))
    assert honesty.before.error > 0.1  # half of what lies above one half, 0.125 on the mean, is missing
    assert honesty.after.error < 0.03


def test_the_command_tells_the_limit(tmp_path, capsys):
    folder = create_run(tmp_path / "실행들", "리뷰", {"task": "classify"})
    for seed, split in enumerate(("validation", "test")):
        place = folder.path / "evaluation" / split
        place.mkdir(parents=True, exist_ok=True)
        sure, right = drawn(600, seed)
        with (place / "predictions.csv").open("w", encoding="utf-8-sig", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["where", "text", "target", "predicted", "confidence"])
            rows.writerows(
                [f"a:{row}", "글", "긍정", "긍정" if held else "부정", f"{one:.4f}"]
                for row, (one, held) in enumerate(zip(sure, right, strict=True))
            )
    assert command(["evaluate", str(folder.path), "--risk", "0.15", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["abstaining"]
    assert told["rows"] == 600
    assert 0 < told["coverage"] < 1
    assert told["wrong"]["low"] < 0.15
    assert command(["evaluate", str(folder.path), "--risk", "0.15", "--lang", "ko"]) == 0
    assert "확신도" in capsys.readouterr().out
    assert command(["evaluate", str(folder.path), "--risk", "5"]) == 2
    assert "5.0" in capsys.readouterr().err
