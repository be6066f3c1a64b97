"""The data doctor for a long text: what it holds, and how to begin."""

import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.cards import cut_text
from yeoul.data.corpora.corpus import Reading, load_corpus, whole_text
from yeoul.data.corpora.sources import is_plain_text, open_corpus
from yeoul.data.datasets import data_path, read_source
from yeoul.data.mapped import walked
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe

_MARKS = "\t,;|"
_SAMPLED_LINES = 20_000
_SAMPLES = 5
_FEW_LINES = 1000
"""A text of more of them is long enough for anything."""
_LANES, _PER_LANE = 32, 2
"""What the default recipe needs: so many lanes, each of so many tokens."""


@dataclass(frozen=True)
class TextCheckup:
    """What a text is like."""

    source: str
    encoding: str
    detected: bool
    texts: int
    lines: int
    blank_lines: int
    repeated_lines: int
    characters: int
    bytes: int
    words: int
    letters: int
    """Different characters in the sampled lines."""
    hangul: float
    """Share of Korean syllables among the sampled letters."""
    samples: tuple[str, ...]
    trainable: bool = True
    """Whether the text can be divided for a training."""
    least_batch: int | None = None
    """How many lanes a text reads that is too short for the usual ones."""

    @property
    def unit(self) -> str:
        """The unit to begin with."""
        return "jamo" if self.hangul > 0.5 else "character"

    @property
    def command(self) -> str:
        """The command that trains on the text."""
        unit = "" if self.unit == "character" else f" text.unit={self.unit}"
        lanes = "" if self.least_batch is None else f" batch_size={self.least_batch}"
        return f"yeoul train {shlex.quote(self.source)} --task generate{unit}{lanes}"

    def to_json(self) -> Mapping[str, Any]:
        """Return all of it as plain values."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {
            "task": "generate",
            **told,
            "samples": list(self.samples),
            "advice": self.command if self.trainable else None,
        }


def looks_like_prose(recipe: DataRecipe) -> bool:
    """Tell whether a file is a text rather than a table: it has one column, or its first line has and others do not."""
    path = data_path(recipe.source)
    if not path.is_file() or not is_plain_text(path, recipe):
        return False
    try:
        table = read_source(path, recipe)
    except DataError:
        first = next(iter(open_corpus(recipe).parts.values()))[0].lines[0].as_py()
        return not any(mark in first for mark in _MARKS)
    return len(table.columns) == 1


def check_text(recipe: DataRecipe) -> TextCheckup:
    """Measure the text that `recipe` names; raise `DataError` where it cannot be read."""
    source = open_corpus(recipe)
    first = next(iter(source.parts.values()))[0]
    lines = whole_text(recipe, Reading(closed=True, independent=False))
    ends = 0 if source.rows else len(lines)
    letters_to_train = _to_train(recipe) if len(lines) < _FEW_LINES else None
    written = pc.not_equal(pc.utf8_trim_whitespace(lines), "")
    kept = lines.filter(written)
    step = max(1, len(kept) // _SAMPLED_LINES)
    sampled = kept.take(pa.array(range(0, len(kept), step)))
    letters = Counter[str]()
    for line in sampled.to_pylist():
        letters.update(line)
    said = {letter: count for letter, count in letters.items() if letter.isalpha()}
    hangul = sum(count for letter, count in said.items() if "가" <= letter <= "힣")
    places = [len(kept) * (2 * place + 1) // (2 * _SAMPLES) for place in range(_SAMPLES)] if len(kept) else []
    return TextCheckup(
        source=recipe.source,
        encoding=first.encoding,
        detected=first.detected,
        texts=sum(len(documents) for documents in source.parts.values()),
        lines=len(lines),
        blank_lines=len(lines) - len(kept),
        repeated_lines=len(kept) - int(pc.count_distinct(kept).as_py()),
        characters=int(pc.sum(pc.utf8_length(lines)).as_py() or 0) + ends,
        bytes=int(pc.sum(pc.binary_length(lines)).as_py() or 0) + ends,
        words=sum(
            int(pc.sum(pc.list_value_length(pc.utf8_split_whitespace(chunk))).as_py() or 0)
            for chunk in walked(kept.chunks)
        ),
        letters=len(letters),
        hangul=hangul / max(1, sum(said.values())),
        samples=tuple(cut_text(kept[place].as_py().strip()) for place in dict.fromkeys(places)),
        trainable=letters_to_train != 0,
        least_batch=max(1, letters_to_train // _PER_LANE)
        if letters_to_train is not None and letters_to_train < _PER_LANE * _LANES
        else None,
    )


def _to_train(recipe: DataRecipe) -> int:
    """Return how many characters a text leaves for training; 0 where it is too short to be divided."""
    try:
        corpus = load_corpus(recipe, Reading(closed=False, independent=False), seed=0)
    except DataError:
        return 0
    return int(pc.sum(pc.utf8_length(corpus.parts["train"])).as_py() or 0)
