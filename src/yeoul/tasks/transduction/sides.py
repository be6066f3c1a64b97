"""How a model reads sources and writes targets: a vocabulary for each side, or one for both."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import final

import pyarrow as pa
import torch

from yeoul.data.pairs.pairs import Pairs
from yeoul.data.pairs.rows import Marks, PairRows
from yeoul.data.tokens import TokenRows
from yeoul.data.vectorizers import TextVectorizer
from yeoul.decoding import Hypothesis
from yeoul.errors import ModelFileError, UsageError
from yeoul.recipe import TextRecipe
from yeoul.tasks.searching import Phrase
from yeoul.text.tokenizers import UNKNOWN_ID
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

    def phrase(self, text: str, where: str, *, whole: bool) -> Phrase:
        """Return what of a target says a text, with `whole` its last word to the end.

        Raises `UsageError` for what no tokens say.
        """
        rows, spelling = self.target([text.strip()]), self._spelling(_TARGET)
        ids = tuple(rows.ids.tolist())
        if not ids or UNKNOWN_ID in ids or rows.lost.any():
            raise UsageError(
                "the model has no tokens for {text}",
                "ask for other words",
                where=where,
                values={"text": repr(text)},
            )
        return Phrase(ids, spelling.joining(text.strip() if whole else ""))

    def text(self, said: Hypothesis, source: str) -> str:
        """Return the text of an answer; what it copied of a source stands there as it stood in the source."""
        return self._spelling(_TARGET).pieced(self._said(said, source)).strip()

    def tokens(self, said: Hypothesis, source: str) -> tuple[str, ...]:
        """Return what each token of an answer stands for."""
        return tuple(self._said(said, source))

    def spelled(self, token: int) -> str:
        """Return what a token of a target stands for."""
        return self._spelling(_TARGET).pieces[token]

    def source_spelled(self, token: int) -> str:
        """Return what a token of a source stands for."""
        return self._spelling(_SOURCE).pieces[token]

    def source_tokens(self, source: str, ids: Sequence[int]) -> tuple[str, ...]:
        """Return what each token of a source stands for: one that the vocabulary does not hold for itself."""
        pieces = [self._spelling(_SOURCE).pieces[number] for number in ids]
        if UNKNOWN_ID in ids:
            text = source.strip()
            for place, (start, end) in enumerate(self.source.spans(text)):
                if ids[place] == UNKNOWN_ID:
                    pieces[place] = text[start:end]
        return tuple(pieces)

    def _said(self, said: Hypothesis, source: str) -> list[str]:
        """Return the pieces of an answer, unknown ones taken from where the model looked among those of the source."""
        spelling = self._spelling(_TARGET)
        pieces = [spelling.pieces[token] for token in said.tokens]
        if UNKNOWN_ID not in said.tokens or said.attention is None:
            return pieces  # without attention nothing is pointed at, and the unknown token is never said
        ids = self.sources([source]).ids
        shown = self.source_tokens(source, ids.tolist())
        unknown = (torch.from_numpy(ids) == UNKNOWN_ID).to(said.attention.device)
        for step, token in enumerate(said.tokens):
            if token == UNKNOWN_ID:
                looked = said.attention[step].masked_fill(~unknown, -1.0)
                pieces[step] = spelling.piece_of(shown[int(looked.argmax())])
        return pieces

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
