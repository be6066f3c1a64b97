"""The errors a person can meet: where, what came, what was expected, what to do.

Each renders as one line in English or Korean and carries the exit code of the command line.
"""

import difflib
import unicodedata
from collections.abc import Iterable, Mapping

from yeoul.language import Language, say


class YeoulError(Exception):
    """Tell what is wrong and what to do about it.

    `problem` and `remedy` are templates in English (see `yeoul.language`); `values` fills both, `where` is a
    place such as "reviews.csv:17" or "training.optimizer".
    """

    exit_code = 1

    def __init__(
        self, problem: str, remedy: str = "", *, where: str = "", values: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(problem, remedy, where, values)
        self.problem = problem
        self.remedy = remedy
        self.where = where
        self.values = dict(values or {})

    def __str__(self) -> str:
        return self.message()

    def message(self, language: Language | None = None) -> str:
        """Render the error as one line: "where: problem; remedy"."""
        parts = [say(part, self.values, language) for part in (self.problem, self.remedy) if part]
        line = "; ".join(parts)
        return " ".join((f"{self.where}: {line}" if self.where else line).split())


class UsageError(YeoulError):
    """The command or call is not one that Yeoul understands."""

    exit_code = 2


class RecipeError(YeoulError):
    """A recipe has an unknown key or an impossible value."""

    exit_code = 2


class DataError(YeoulError):
    """A data file cannot be used as it is."""

    exit_code = 3


class NoTextError(DataError):
    """A file is of a kind that holds no text; what is to be done about it depends on what was wanted of it."""


class RunError(YeoulError):
    """A run folder is missing, taken or in a state that does not allow what was asked."""


class ModelFileError(YeoulError):
    """A saved model or checkpoint is damaged, incomplete or from another version."""


class DeviceError(YeoulError):
    """The device that was asked for is not there."""

    exit_code = 2


class DivergedError(YeoulError):
    """Training left the finite numbers and lowering the rate did not bring it back."""


class DiskFullError(YeoulError):
    """The disk has no room for what was to be written; what was there before is intact."""


def nearest(word: str, candidates: Iterable[str]) -> str:
    """Return the candidate that `word` was probably meant to be, or "" when none is near.

    >>> nearest("optimiser", ["optimizer", "epochs"])
    'optimizer'
    >>> nearest("감점", ["감정", "문장"])
    '감정'
    """
    spelled = {_letters(candidate): candidate for candidate in candidates}
    found = difflib.get_close_matches(_letters(word), spelled, n=1, cutoff=0.6)
    return spelled[found[0]] if found else ""


def _letters(word: str) -> str:
    """Spell a word in small letters, Hangul syllables taken apart."""
    return unicodedata.normalize("NFD", word.lower())
