"""How a model reads sources and writes targets: a vocabulary for each side, or one for both."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import final

import pyarrow as pa

from yeoul.data.pairs.pairs import Pairs
from yeoul.data.pairs.rows import Marks, PairRows
from yeoul.data.tokens import TokenRows
from yeoul.data.vectorizers import TextVectorizer
from yeoul.errors import ModelFileError
from yeoul.recipe import TextRecipe
from yeoul.text.writing import Spelling

_SOURCE = "source"
_TARGET = "target"


@final
@dataclass(frozen=True, eq=False)
class Sides:
    """The vectorizers of both sides; the same one where they are shared."""

    source: TextVectorizer
    target: TextVectorizer

    @classmethod
    def fit(cls, source: TextRecipe, target: TextRecipe, pairs: Pairs, *, shared: bool) -> "Sides":
        """Learn the vocabularies from training pairs; a shared one from both sides."""
        if shared:
            both = TextVectorizer.fit(source, pa.chunked_array([pairs.sources, pairs.targets]))
            return cls(both, both)
        return cls(TextVectorizer.fit(source, pairs.sources), TextVectorizer.fit(target, pairs.targets))

    @property
    def shared(self) -> bool:
        return self.source is self.target

    @property
    def marks(self) -> Marks:
        """What ends a target and what is read before it."""
        return Marks.beyond(self.target.size)

    def rows(self, pairs: Pairs) -> PairRows:
        """Encode pairs."""
        return PairRows(self.source(pairs.sources), self.target(pairs.targets), self.marks)

    def sources(self, texts: Sequence[str]) -> TokenRows:
        """Encode sources alone, trimmed as those of the training were."""
        return self.source([text.strip() for text in texts])

    def text(self, ids: Iterable[int]) -> str:
        """Return the text of a target's tokens."""
        return self._spelling(_TARGET).text(ids).strip()

    def tokens(self, ids: Sequence[int]) -> tuple[str, ...]:
        """Return what each token of a target stands for."""
        return self._pieces(_TARGET, ids)

    def source_tokens(self, ids: Sequence[int]) -> tuple[str, ...]:
        """Return what each token of a source stands for."""
        return self._pieces(_SOURCE, ids)

    def save(self, folder: Path) -> None:
        """Write both into folders below `folder`, a shared one once."""
        for name, side in ((_SOURCE, self.source), (_TARGET, self.target)):
            if name == _SOURCE or not self.shared:
                (folder / name).mkdir(exist_ok=True)
                side.save(folder / name)

    @classmethod
    def load(cls, folder: Path, *, shared: bool) -> "Sides":
        """Read what `save` wrote; raise `ModelFileError` if it cannot be read."""
        source = TextVectorizer.load(folder / _SOURCE)
        if shared == (folder / _TARGET).is_dir():
            raise ModelFileError(
                "the vocabularies do not fit the model",
                "copy the folder again from its source, or train again",
                where=str(folder),
            )
        return cls(source, source if shared else TextVectorizer.load(folder / _TARGET))

    @cached_property
    def _spellings(self) -> dict[str, Spelling]:
        return {
            name: Spelling.of(side.tokenizer, side.settings.unit, closed=False)
            for name, side in ((_SOURCE, self.source), (_TARGET, self.target))
        }

    def _spelling(self, side: str) -> Spelling:
        return self._spellings[side]

    def _pieces(self, side: str, ids: Sequence[int]) -> tuple[str, ...]:
        pieces = self._spelling(side).pieces
        return tuple(pieces[number] for number in ids)
