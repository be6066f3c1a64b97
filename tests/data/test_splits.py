"""Splits: an exact partition by seed, every class in every part, equal texts together."""

import subprocess
import sys
import unicodedata
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.data.splits import _groups_of_hashes, duplicate_groups, stratified_split

SHARES = [(0.8, 0.1, 0.1), (0.9, 0.1), (0.5, 0.5), (0.81, 0.09, 0.1), (0.25, 0.25, 0.25, 0.25)]
# Each group: its class and its rows.
GROUPS = st.lists(st.tuples(st.integers(0, 4), st.integers(1, 6)), min_size=1, max_size=60)


def rows_of(groups: Sequence[tuple[int, int]], seed: int) -> tuple[np.ndarray, np.ndarray]:
    sizes = [size for _, size in groups]
    group = np.repeat(np.arange(len(groups)), sizes)
    target = np.repeat(np.array([label for label, _ in groups]), sizes)
    order = np.random.default_rng(seed).permutation(len(group))
    return target[order], group[order]


@given(GROUPS, st.sampled_from(SHARES), st.integers(0, 2**32 - 1))
@settings(max_examples=300, deadline=None)
def test_laws_of_the_split(groups: list[tuple[int, int]], shares: tuple[float, ...], seed: int) -> None:
    targets, group = rows_of(groups, seed)
    parts = stratified_split(targets, group, shares, seed)

    assert len(parts) == len(shares)
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(len(targets)))
    assert all(np.all(np.diff(part) > 0) for part in parts)

    homes = [set(group[part].tolist()) for part in parts]
    assert sum(map(len, homes)) == len(set(group.tolist()))

    for label in set(targets.tolist()):
        if sum(1 for each, _ in groups if each == label) >= len(shares):
            assert all(label in targets[part] for part in parts)

    assert all(
        np.array_equal(part, again)
        for part, again in zip(parts, stratified_split(targets, group, shares, seed))
    )


@given(
    st.lists(st.tuples(st.integers(0, 4), st.just(1)), min_size=1, max_size=400),
    st.sampled_from(SHARES),
    st.integers(0, 99),
)
@settings(max_examples=200, deadline=None)
def test_sizes_follow_the_shares(groups: list[tuple[int, int]], shares: tuple[float, ...], seed: int) -> None:
    targets, group = rows_of(groups, seed)
    parts = stratified_split(targets, group, shares, seed)
    for label, count in zip(*np.unique(targets, return_counts=True)):
        for part, share in zip(parts, shares):
            # Rounding, the debt of other classes, and the row that each part gets of a small class.
            assert abs(int(np.sum(targets[part] == label)) - share * count) <= len(shares) + 1
    if min(np.unique(targets, return_counts=True)[1]) * min(shares) >= 2:
        for part, share in zip(parts, shares):
            assert abs(len(part) - share * len(targets)) <= 2


@given(GROUPS, st.sampled_from(SHARES), st.integers(0, 99))
@settings(max_examples=200, deadline=None)
def test_large_groups_cost_at_most_their_size(
    groups: list[tuple[int, int]], shares: tuple[float, ...], seed: int
) -> None:
    targets, group = rows_of(groups, seed)
    parts = stratified_split(targets, group, shares, seed)
    for label in set(targets.tolist()):
        sizes = [size for each, size in groups if each == label]
        for part, share in zip(parts, shares):
            off = abs(int(np.sum(targets[part] == label)) - share * sum(sizes))
            assert off <= (len(shares) - 1) * max(sizes) + len(shares) + 1


def test_many_rows_are_split_to_the_row() -> None:
    targets = np.array(["neg", "pos"])[np.arange(200_000) % 2]
    parts = stratified_split(targets, np.arange(200_000), (0.8, 0.1, 0.1), 42)
    assert [len(part) for part in parts] == [160_000, 20_000, 20_000]
    assert all(np.sum(targets[part] == "pos") * 2 == len(part) for part in parts)


def test_duplicates_are_shared_out_like_other_rows() -> None:
    """Pairs do not pile up in the largest part."""
    group = np.concatenate([np.repeat(np.arange(2_000), 2), np.arange(2_000, 8_000)])
    parts = stratified_split(np.zeros(10_000, np.int64), group, (0.8, 0.1, 0.1), 1)
    assert [len(part) for part in parts] == [8_000, 1_000, 1_000]
    assert [int(np.sum(part < 4_000)) for part in parts] == pytest.approx([3_200, 400, 400], abs=4)


def test_seeds_matter_and_mixed_groups_stay_whole() -> None:
    group = np.repeat(np.arange(300), 2)
    targets = np.random.default_rng(0).integers(0, 3, 600)  # duplicates with different labels
    first, second = (stratified_split(targets, group, (0.8, 0.2), seed) for seed in (1, 2))
    assert not np.array_equal(first[1], second[1])
    assert not set(group[first[0]]) & set(group[first[1]])


def test_nothing_gives_nothing_and_nonsense_is_refused() -> None:
    empty = np.empty(0, np.int64)
    assert [len(part) for part in stratified_split(empty, empty, (0.5, 0.5), 0)] == [0, 0]
    for shares in [(0.5, 0.4), (1.0, 0.0), (1.5, -0.5)]:
        with pytest.raises(ValueError, match="sum to 1"):
            stratified_split(np.zeros(3), np.arange(3), shares, 0)
    with pytest.raises(ValueError, match="one entry a row"):
        stratified_split(np.zeros(3), np.arange(2), (0.5, 0.5), 0)


def test_the_hash_seed_of_python_does_not_matter() -> None:
    program = (
        "import numpy as np, pyarrow as pa; from yeoul.data.splits import duplicate_groups, stratified_split;"
        "texts = [f'글 {row % 70}' for row in range(100)]; labels = np.array(['가', '나'])[np.arange(100) % 2];"
        "parts = stratified_split(labels, duplicate_groups(pa.array(texts)), (0.8, 0.2), 7);"
        "print([part.tolist() for part in parts])"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1


@given(
    st.lists(st.text(st.sampled_from("aA가각ㄱᄀ\u1161é\u0301e \t\n\x1c\x85\xa0\u2003\u3000"), max_size=5))
)
@settings(max_examples=300, deadline=None)
def test_groups_agree_with_plain_python(texts: list[str]) -> None:
    keys = [" ".join(unicodedata.normalize("NFC", text).split()) for text in texts]
    first: dict[str, int] = {}
    expected = [first.setdefault(key, len(first)) for key in keys]
    assert duplicate_groups(pa.array(texts, pa.string())).tolist() == expected
    assert duplicate_groups(pa.array(texts, pa.large_string())).tolist() == expected


def test_every_white_space_of_python_counts() -> None:
    spaces = [chr(code) for code in range(0x110000) if chr(code).isspace()]
    texts = pa.array([f"a{space}b" for space in spaces] + [f"{space}a b{space}" for space in spaces])
    assert set(duplicate_groups(texts).tolist()) == {0}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=30))
def test_groups_of_hashes_are_those_of_the_pairs(pairs: list[tuple[int, int]]) -> None:
    first: dict[tuple[int, int], int] = {}
    expected = [first.setdefault(pair, len(first)) for pair in pairs]
    assert _groups_of_hashes(np.array(pairs, np.uint64).reshape(-1)).tolist() == expected
