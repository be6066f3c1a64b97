"""Turn columns of texts into columns of token ids."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from tokenizers import Tokenizer

from yeoul.data import tokens
from yeoul.data.tokens import TokenRows, collecting, load_rows, places
from yeoul.errors import DataError, ModelFileError, RecipeError
from yeoul.files import write_text
from yeoul.recipe import TextRecipe
from yeoul.text.blocks import Texts, blocks, characters, whole_characters
from yeoul.text.cutting import Cutter
from yeoul.text.morphemes import installed_versions
from yeoul.text.normalization import Span
from yeoul.text.tokenizers import Unit, cutter, train_tokenizer, unit_of, widened

__all__ = ["TextSettings", "TextVectorizer", "TokenRows"]

CODE_VERSION = 1
"""To be raised whenever the same tokenizer and settings may give other ids."""
_WHOLE = ("word", "spaced", "morpheme")
_MOST_PER_CHARACTER = 4  # bytes, or letters with their marks

Counts = npt.NDArray[np.int64]
Version = Annotated[str, Field(pattern=r"^[0-9][0-9A-Za-z.]{0,40}$")]


class AnalyzerVersions(BaseModel):
    """What finds morphemes; it must be the same wherever the model answers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kiwipiepy: Version
    kiwipiepy_model: Version

    def __str__(self) -> str:
        return f"kiwipiepy=={self.kiwipiepy} kiwipiepy_model=={self.kiwipiepy_model}"


class TextSettings(BaseModel):
    """`text.json`: how a model reads texts, besides its vocabulary."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    schema_version: Literal[1] = 1
    unit: Unit
    max_length: Annotated[int, Field(ge=1, le=1_000_000_000)]
    keep: Literal["head", "tail", "both"] = "head"
    analyzer: AnalyzerVersions | None = None

    @model_validator(mode="after")
    def _morphemes_are_analyzed(self) -> "TextSettings":
        if (self.analyzer is not None) != (self.unit == "morpheme"):
            raise ValueError("an analyzer belongs to morphemes, and to them alone")
        return self


@dataclass(frozen=True, eq=False)
class TextVectorizer:
    """Texts to token ids, at most `max_length` of each."""

    tokenizer: Tokenizer
    settings: TextSettings
    cutter: Cutter

    @classmethod
    def fit(cls, recipe: TextRecipe, texts: Texts) -> "TextVectorizer":
        """Learn the vocabulary of `recipe` from training texts.

        Raises `DataError` if there is nothing to learn, and `RecipeError` where the extra `ko` is missing.
        """
        analyzer = _installed_analyzer() if recipe.unit == "morpheme" else None
        if recipe.unit == "morpheme" and analyzer is None:
            raise RecipeError(_NO_ANALYZER, _GET_ANALYZER, where="text.unit")
        tokenizer = train_tokenizer(recipe, texts)
        if tokenizer.get_vocab_size() < 2:
            raise DataError(
                "no {unit} occurs {count} times in the training texts",
                "lower text.min_count",
                values={"unit": recipe.unit, "count": recipe.min_count},
            )
        settings = TextSettings(
            unit=recipe.unit, max_length=recipe.max_length, keep=recipe.keep, analyzer=analyzer
        )
        return cls(tokenizer, settings, cutter(recipe.unit, tokenizer))

    def widened(self, words: Iterable[str], size: int) -> "TextVectorizer":
        """Return a vectorizer that also knows further words, in order, until its vocabulary has `size` entries.

        Raises `RecipeError` where units are no whole words.
        """
        if self.settings.unit not in _WHOLE:
            raise RecipeError(
                "vectors of words can be frozen only where texts are cut into words",
                "set text.unit to word, spaced or morpheme",
                where="model.embedding.frozen",
            )
        tokenizer = widened(self.tokenizer, words, size)
        return replace(self, tokenizer=tokenizer, cutter=cutter(self.settings.unit, tokenizer))

    @property
    def size(self) -> int:
        """Entries of the vocabulary, the unknown token included."""
        return int(self.tokenizer.get_vocab_size())

    @property
    def max_length(self) -> int:
        """Tokens kept of each text."""
        return self.settings.max_length

    def __call__(self, texts: Texts) -> TokenRows:
        """Encode N texts, block by block; an empty text becomes a row of length zero.

        More ids than 16 million go to a file in the user's cache, from which the same texts are answered later.
        """
        most = min(_MOST_PER_CHARACTER * characters(texts), self.max_length * len(texts))
        key = self._key(texts) if most > tokens.MANY_TOKENS else ""
        if key and (stored := load_rows(key)) is not None:
            return stored
        with collecting(key) as collection:
            for block in blocks(texts):
                cut = self.cutter.ids(block)
                kept, lengths = self._kept(cut.lengths)
                collection.add(cut.ids[kept], lengths, cut.lengths - lengths)
            return collection.rows()

    def spans(self, text: str) -> list[Span]:
        """Return the first character and the one after the last, in `text` as it is, of each kept token, in order.

        Tokens made of one character (its bytes, its letters) have the same span, as have morphemes that share one.
        """
        spans = self.cutter.spans(whole_characters(text))
        kept, _ = self._kept(np.array([len(spans)], np.int64))
        return [spans[place] for place in kept.tolist()]

    def save(self, folder: Path) -> None:
        """Write `tokenizer.json` and `text.json` into `folder`."""
        write_text(folder / _TOKENIZER, self.tokenizer.to_str(pretty=False))
        write_text(folder / _SETTINGS, self.settings.model_dump_json(indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "TextVectorizer":
        """Read what `save` wrote; raise `ModelFileError` if it cannot be read or does not fit together."""
        tokenizer = _read_tokenizer(folder / _TOKENIZER)
        unit = unit_of(tokenizer)
        if unit is None:
            raise ModelFileError(
                "the tokenizer follows no known rule", _REMEDY, where=str(folder / _TOKENIZER)
            )
        settings = _read_settings(folder / _SETTINGS)
        if settings.unit != unit:
            raise ModelFileError("the text settings do not fit the model", _REMEDY, where=str(folder))
        _check_analyzer(settings, folder)
        return cls(tokenizer, settings, cutter(unit, tokenizer))

    def _kept(self, lengths: Counts) -> tuple[Counts, Counts]:
        """Return the places of the tokens to keep, rows of `lengths` lying end to end, and how many each row keeps."""
        longest = self.max_length
        most_at_head = {"head": longest, "tail": 0, "both": longest - longest // 2}[self.settings.keep]
        head = np.minimum(lengths, most_at_head)
        tail = np.minimum(lengths - head, longest - most_at_head)
        ends = np.cumsum(lengths)
        starts = np.stack([ends - lengths, ends - tail], axis=1).ravel()
        return places(starts, np.stack([head, tail], axis=1).ravel()), head + tail

    def _key(self, texts: Texts) -> str:
        """Return a hash of all that the ids follow from."""
        told = f"{CODE_VERSION} {self.settings.model_dump_json()} {self.tokenizer.to_str()}"
        digest = hashlib.sha256(told.encode("utf-8"))
        for block in blocks(texts):
            encoded = [text.encode("utf-8") for text in block]
            digest.update(np.fromiter(map(len, encoded), "<i8", len(encoded)).tobytes())
            digest.update(b"".join(encoded))
        return digest.hexdigest()


_TOKENIZER = "tokenizer.json"
_SETTINGS = "text.json"
_REMEDY = "copy the folder again from its source, or train again"
_NO_ANALYZER = "morphemes need kiwipiepy, which is not installed"
_GET_ANALYZER = "install it: pip install 'yeoul[ko]'"


def _read_tokenizer(path: Path) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_str(path.read_text("utf-8"))
    except Exception as error:
        raise ModelFileError(
            "the tokenizer cannot be read", "train the model again", where=str(path)
        ) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _read_settings(path: Path) -> TextSettings:
    try:
        return TextSettings.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ModelFileError("the model's settings cannot be read", _REMEDY, where=str(path)) from error


def _installed_analyzer() -> AnalyzerVersions | None:
    versions = installed_versions()
    return AnalyzerVersions(**versions) if versions else None


def _check_analyzer(settings: TextSettings, folder: Path) -> None:
    """Raise `ModelFileError` where the analyzer would cut texts in another way than in training, or is missing."""
    if settings.analyzer is None:
        return
    here = _installed_analyzer()
    if here is None:
        raise ModelFileError(_NO_ANALYZER, _GET_ANALYZER, where=str(folder))
    if here != settings.analyzer:
        raise ModelFileError(
            "the model cuts texts with {wanted}, but {here} is installed",
            "install the same: pip install {wanted}",
            where=str(folder),
            values={"wanted": str(settings.analyzer), "here": str(here)},
        )
