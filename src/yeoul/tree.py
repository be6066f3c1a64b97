"""Trees of tensors whose axis 0 are the rows: what a decoder carries from step to step.

A tree is a tensor, None, or a dataclass, tuple, list or dict of trees.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor

Tree = TypeVar("Tree")


def select(tree: Tree, rows: Tensor) -> Tree:
    """Return a copy that holds `rows` (B',), in this order; a row may come more than once."""
    return mapped(lambda tensor: tensor.index_select(0, rows), tree)


def concatenate(trees: Sequence[Tree]) -> Tree:
    """Put the rows of trees under one another; raise `ValueError` where there are none or their forms differ."""
    if not trees:
        raise ValueError("there must be at least one tree")
    merged: Tree = _merged(torch.cat, list(trees))
    return merged


def move(tree: Tree, device: torch.device) -> Tree:
    """Return the tree on `device`."""
    return mapped(lambda tensor: tensor.to(device), tree)


def mapped(change: Callable[[Tensor], Tensor], tree: Tree) -> Tree:
    """Return a tree of the same form with every tensor changed; raise `TypeError` for what is no tree."""
    merged: Tree = _merged(lambda tensors: change(tensors[0]), [tree])
    return merged


def _merged(merge: Callable[[list[Tensor]], Tensor], trees: list[Any]) -> Any:
    first = trees[0]
    if len({(type(tree), *_names(tree)) for tree in trees}) > 1:
        raise ValueError("the trees differ in form")
    match first:
        case Tensor():
            return merge(trees)
        case None:
            return None
        case dict():
            return {name: _merged(merge, [tree[name] for tree in trees]) for name in first}
        case tuple() | list():
            parts = [_merged(merge, list(parts)) for parts in zip(*trees, strict=True)]
            named = type(first) not in (tuple, list)  # a named tuple takes its parts one by one
            return type(first)(*parts) if named else type(first)(parts)
        case _ if dataclasses.is_dataclass(first) and not isinstance(first, type):
            branches = ([getattr(tree, name) for tree in trees] for name in _names(first))
            return type(first)(*(_merged(merge, branch) for branch in branches))
        case _:
            raise TypeError(f"{type(first).__name__} is no tree of tensors")


def _names(tree: object) -> list[str]:
    """Say what the branches of a tree are called."""
    match tree:
        case dict():
            return sorted(tree)
        case tuple() | list():
            return [str(place) for place in range(len(tree))]
        case _ if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
            return [field.name for field in dataclasses.fields(tree)]
        case _:
            return []
