"""What has been said so far: paths that share their pasts, and rules that read them token by token."""

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar, final

Read = TypeVar("Read")


class Rule(Protocol[Read]):
    """Something that reads a path from its first token on. Rules are told apart by identity."""

    def start(self, row: int) -> Read:
        """Return what is known before the first token of a row."""
        ...

    def after(self, state: Read, token: int) -> Read:
        """Return what is known one token later; the state given stays as it is."""
        ...


@final
class Path:
    """The tokens of one row so far.

    A path never changes: `then` returns a longer one that shares its past with all others that go on from
    here, so the hypotheses of a beam are the leaves of one tree.
    """

    __slots__ = ("_known", "length", "parent", "row", "token")

    def __init__(self, row: int = 0, token: int = -1, parent: "Path | None" = None) -> None:
        self.row = row
        self.token = token
        self.parent = parent
        self.length: int = 0 if parent is None else parent.length + 1
        self._known: dict[int, tuple[object, object]] | None = None

    def then(self, token: int) -> "Path":
        """Return the path that goes on with `token`."""
        return Path(self.row, token, self)

    @property
    def tokens(self) -> list[int]:
        """The tokens from the first to the newest."""
        return self.newest(self.length)

    def newest(self, count: int) -> list[int]:
        """Return the last tokens, at most so many, in their order."""
        tokens: list[int] = []
        node = self
        while node.parent is not None and len(tokens) < count:
            tokens.append(node.token)
            node = node.parent
        tokens.reverse()
        return tokens

    def read(self, rule: Rule[Read]) -> Read:
        """Return what `rule` knows at the end of the path.

        Paths remember what was known of them, so that one more token is one more step.
        """
        key = id(rule)
        unread: list[Path] = []
        node: Path | None = self
        while node is not None and (node._known is None or key not in node._known):
            unread.append(node)
            node = node.parent
        state: Any = None if node is None or node._known is None else node._known[key][1]
        for path in reversed(unread):
            state = rule.start(path.row) if path.parent is None else rule.after(state, path.token)
            if path._known is None:
                path._known = {}
            path._known[key] = (rule, state)  # a rule that is kept keeps its id
        known: Read = state
        return known


def path_of(tokens: Iterable[int], row: int = 0) -> Path:
    """Return the path of `tokens`."""
    path = Path(row)
    for token in tokens:
        path = path.then(token)
    return path
