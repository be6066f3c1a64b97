"""The laws of state trees: the same form, rows by rows, nothing shared with what was given."""

from dataclasses import dataclass
from typing import NamedTuple

import pytest
import torch
from torch import Tensor
from toy_decoders import leaves

from yeoul.tree import concatenate, move, select


@dataclass(frozen=True)
class Cache:
    keys: Tensor
    older: "Cache | None"


class Pair(NamedTuple):
    first: Tensor
    second: Tensor


def tree(rows, offset=0):
    values = torch.arange(rows * 2).view(rows, 2) + offset
    return {
        "cache": Cache(values, Cache(values + 100, None)),
        "pairs": [Pair(values, values * 2)],
        "none": None,
        "empty": (),
    }


def test_select_takes_rows_in_order_and_copies():
    given = tree(4)
    taken = select(given, torch.tensor([2, 2, 0]))
    assert type(taken["pairs"][0]) is Pair
    assert taken["cache"].older.older is None
    for before, after in zip(leaves(given), leaves(taken), strict=True):
        assert torch.equal(after, before[[2, 2, 0]])
        after.zero_()
    assert torch.equal(leaves(given)[0], leaves(tree(4))[0])


def test_concatenate_undoes_select():
    whole = tree(5)
    parts = [select(whole, torch.tensor(rows)) for rows in ([0], [1, 2], [3, 4])]
    for before, after in zip(leaves(whole), leaves(concatenate(parts)), strict=True):
        assert torch.equal(before, after)


def test_move_keeps_the_form():
    moved = move(tree(2), torch.device("meta"))
    assert {leaf.device.type for leaf in leaves(moved)} == {"meta"}


@pytest.mark.parametrize(
    "others",
    [
        {"a": torch.ones(1)},
        [torch.ones(1)],
        (torch.ones(1), torch.ones(1)),
        None,
        (None,),
        Pair(torch.ones(1), torch.ones(1)),
    ],
)
def test_trees_of_different_forms_are_not_put_together(others):
    with pytest.raises(ValueError, match="differ in form"):
        concatenate([(torch.ones(1),), others])


def test_what_is_no_tree_is_refused():
    with pytest.raises(TypeError, match="str is no tree"):
        select({"a": "b"}, torch.tensor([0]))
    with pytest.raises(ValueError, match="at least one"):
        concatenate([])
