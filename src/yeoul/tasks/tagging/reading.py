"""How a tagger reads sentences: a number for every word it knows, letters for all, and the tags it says."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from yeoul.data.settings import load_settings
from yeoul.data.tag_rows import TaggedRows, distinct_words, tagged_rows, word_table
from yeoul.data.tags.given import GivenVectors
from yeoul.data.tags.sentences import TaggedSentences, Words
from yeoul.data.vectorizers import TextVectorizer
from yeoul.files import write_text
from yeoul.models.build_tagger import TagSizes
from yeoul.recipe import TaggerRecipe, TextRecipe
from yeoul.text.wordcuts import WordCut

_NAMES = "reading.json"
_LETTERS = "letters"
_UNKNOWN = -1


class _Saved(BaseModel):
    """`reading.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    schema_version: Literal[1] = 1
    layer: str
    tags: Annotated[list[str], Field(min_length=1)]
    words: list[str]
    """In the order of their numbers, from 1."""
    punctuation: bool
    clitics: bool

    @model_validator(mode="after")
    def _each_once(self) -> "_Saved":
        if any(len(set(names)) < len(names) for names in (self.tags, self.words)):
            raise ValueError("a name stands twice")
        return self


@final
@dataclass(frozen=True, eq=False)
class Reading:
    """The words and the letters that a tagger knows, its tags, and how raw sentences become words."""

    layer: str
    tags: tuple[str, ...]
    words: Mapping[str, int]
    letters: TextVectorizer
    cut: WordCut
    given: GivenVectors | None = None

    @classmethod
    def fit(
        cls,
        text: TextRecipe,
        recipe: TaggerRecipe,
        train: TaggedSentences,
        layer: str,
        cut: Literal["auto", "spaces", "punctuation"],
    ) -> "Reading":
        """Learn from training sentences; raise `DataError` if there are no letters to learn."""
        distinct = distinct_words(train.words)
        return cls(
            layer,
            tuple(sorted({tag for tags in train.tags[layer] for tag in tags})),
            word_table(train.words, min_count=recipe.words.min_count) if recipe.words.size else {},
            TextVectorizer.fit(text, distinct),
            _word_cut(cut, train),
            GivenVectors.open(recipe.vectors) if recipe.vectors else None,
        )

    def sizes(self) -> TagSizes:
        """Return what the network must be built for."""
        given = 0 if self.given is None else self.given.size
        return TagSizes(len(self.words) + 1, self.letters.size, self.tags, given)

    def rows(self, sentences: TaggedSentences) -> TaggedRows:
        """Encode sentences with their tags; -1 is a tag that training did not hold."""
        truth = sentences.tags[self.layer]
        numbers = dict.fromkeys((tag for tags in truth for tag in tags), _UNKNOWN)
        numbers |= {tag: place for place, tag in enumerate(self.tags)}
        rows = tagged_rows(sentences.words, self.words, self.letters, (truth, numbers))
        return self._with_vectors(rows, sentences.words)

    def bare_rows(self, sentences: Words) -> TaggedRows:
        """Encode sentences without tags."""
        return self._with_vectors(tagged_rows(sentences, self.words, self.letters), sentences)

    def _with_vectors(self, rows: TaggedRows, sentences: Words) -> TaggedRows:
        if self.given is None:
            return rows
        return replace(rows, given=self.given.of(distinct_words(sentences)))

    def save(self, folder: Path) -> None:
        """Write `reading.json` and the folder `letters` into `folder`."""
        saved = _Saved(
            layer=self.layer,
            tags=list(self.tags),
            words=sorted(self.words, key=lambda word: self.words[word]),
            punctuation=self.cut.punctuation,
            clitics=self.cut.clitics,
        )
        write_text(folder / _NAMES, saved.model_dump_json() + "\n")
        if self.given is not None:
            self.given.save(folder)
        (folder / _LETTERS).mkdir(exist_ok=True)
        self.letters.save(folder / _LETTERS)

    @classmethod
    def load(cls, folder: Path) -> "Reading":
        """Read what `save` wrote; raise `ModelFileError` if it cannot be read."""
        saved = load_settings(_Saved, folder / _NAMES)
        return cls(
            saved.layer,
            tuple(saved.tags),
            {word: number for number, word in enumerate(saved.words, 1)},
            TextVectorizer.load(folder / _LETTERS),
            WordCut(saved.punctuation, saved.clitics),
            GivenVectors.load(folder),
        )


def _word_cut(asked: Literal["auto", "spaces", "punctuation"], train: TaggedSentences) -> WordCut:
    match asked:
        case "auto":
            return WordCut.of(word for words in train.words for word in words)
        case "spaces":
            return WordCut()
        case "punctuation":
            return WordCut(punctuation=True)
