"""Trees of tensors: states and batches of any nesting, treated as one value."""

from collections.abc import Callable

from torch import Tensor

Tree = Tensor | tuple["Tree", ...] | None


def map_tree(function: Callable[[Tensor], Tensor], tree: Tree) -> Tree:
    """Apply `function` to every tensor of `tree` and keep its shape."""
    if tree is None:
        return None
    if isinstance(tree, Tensor):
        return function(tree)
    return tuple(map_tree(function, branch) for branch in tree)


def select_rows(tree: Tree, rows: Tensor) -> Tree:
    """Copy the given rows (axis 0) of every tensor."""
    return map_tree(lambda tensor: tensor.index_select(0, rows), tree)


def leaves(tree: Tree) -> list[Tensor]:
    """Return the tensors of `tree` in order."""
    if tree is None:
        return []
    if isinstance(tree, Tensor):
        return [tree]
    return [leaf for branch in tree for leaf in leaves(branch)]
