"""Read sentences whose words have tags: CoNLL-U, columns, word/TAG, and the forms of Korean corpora.

| form | a word is | layers of tags |
|---|---|---|
| `conllu` | a line of ten columns; ranges (3-4) and empty nodes (5.1) are left out | upos, xpos, feats, lemma, deprel |
| `columns` | a line: the word, then its tags, between tabs or spaces; an empty line ends a sentence | tag1, tag2 … |
| `inline` | word/TAG, a sentence a line; of what is joined by + each part is a word | tag |
| `sejong` | a line: number, tab, word, tab, form/TAG + form/TAG | xpos (NNP+JX), morphemes (form+form) |
| `national` | the JSON of the National Institute of Korean Language | xpos, morphemes, entities (B-, I-, O) |
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from yeoul.data.encodings import Encoding, detect, read_utf8
from yeoul.data.national import read_national
from yeoul.data.opening import existing_file, shown_name
from yeoul.data.tagging import Sentence, composed_words
from yeoul.errors import DataError, UsageError

Form = Literal["conllu", "columns", "inline", "sejong", "national"]
FORMS: tuple[Form, ...] = ("conllu", "columns", "inline", "sejong", "national")

_CONLLU = {"upos": 3, "xpos": 4, "feats": 5, "lemma": 2, "deprel": 7}
_CONLLU_COLUMNS = 10
_PIECE = re.compile(r"(.+?)/([^/\s+]+)(?:\+|$)")
_SEJONG = re.compile(r"\S+\t\S+\t\S+/[A-Z]+")
_SENSE = re.compile(r"__\d+$")
_SEEN_LINES = 200


@dataclass(frozen=True, eq=False)
class TaggedTexts:
    """N sentences with M words together; a word without a tag in some layer has an empty one there."""

    words: list[str]  # (M,)
    tags: Mapping[str, list[str]]  # (M,) of each layer
    lengths: npt.NDArray[np.int64]  # (N,)
    lines: npt.NDArray[np.int64]  # (N,) of the file, from 1: where each sentence begins
    name: str
    form: Form | Literal["table"]
    encoding: Encoding

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[list[str]]:
        """Yield the words of each sentence."""
        return self._cut(self.words)

    def layer(self, name: str) -> list[list[str]]:
        """Return the tags of each sentence; raise `DataError` where the file has no such layer."""
        if name not in self.tags:
            raise DataError(
                "there are no tags called {name}; the file has {known}",
                "name one of these",
                where=self.name,
                values={"name": name, "known": ", ".join(self.tags)},
            )
        return list(self._cut(self.tags[name]))

    def where(self, sentence: int) -> str:
        """Return the place of a sentence."""
        return f"{self.name}:{self.lines[sentence]}"

    def _cut(self, flat: list[str]) -> Iterator[list[str]]:
        ends = np.cumsum(self.lengths).tolist()
        return (flat[end - length : end] for end, length in zip(ends, self.lengths.tolist(), strict=True))


def read_tagged(path: Path, form: Form | Literal["auto"] = "auto", *, encoding: str = "auto") -> TaggedTexts:
    """Read a file of tagged sentences; words and tags are composed (NFC).

    "auto" tells the form by the first lines. Raises `DataError`, with the line, for what is not of the form and
    for a file without a sentence, and `UsageError` for a form that there is not.
    """
    path = existing_file(path)
    name = shown_name(path)
    spelled = detect(path, encoding)
    text = bytes(read_utf8(path, spelled)).decode("utf-8").removeprefix("\ufeff")
    lines = text.split("\n")
    if form not in ("auto", *FORMS):
        raise UsageError(
            "there is no form called {name}",
            "use one of {known}",
            values={"name": form, "known": ", ".join(FORMS)},
        )
    found: Form = _told(lines) if form == "auto" else form
    match found:
        case "conllu":
            sentences = _conllu(lines, name)
        case "columns":
            sentences = _columns(lines, name)
        case "inline":
            sentences = _inline(lines, name)
        case "sejong":
            sentences = _sejong(lines, name)
        case "national":
            sentences = read_national(text, name)
    return _gathered(sentences, name, found, spelled)


def _told(lines: list[str]) -> Form:
    """Tell the form by what the first lines that hold words look like."""
    told = [line.rstrip("\r") for line in lines[:_SEEN_LINES] if line.strip()]
    if told and told[0].lstrip().startswith(("{", "[")) and '"' in "".join(told[:3]):
        return "national"
    if any(_SEJONG.match(line) and _parts_of(line) for line in told):
        return "sejong"
    first = next((line for line in told if not line.startswith("#")), "")
    if first.count("\t") == _CONLLU_COLUMNS - 1 and first[:1].isdigit():
        return "conllu"
    return "inline" if first and all(_pieces(part) for part in first.split()) else "columns"


def _conllu(lines: Iterable[str], name: str) -> Iterator[Sentence]:
    sentence = _Growing(tuple(_CONLLU))
    for number, line in _numbered(lines):
        if line.startswith("#"):
            continue
        if not line.strip():
            yield from sentence.finished()
            continue
        columns = line.split("\t")
        if len(columns) != _CONLLU_COLUMNS:
            raise _wrong_columns(len(columns), _CONLLU_COLUMNS, name, number)
        if columns[0].isdigit():
            tags = [columns[place] for place in _CONLLU.values()]
            sentence.add(columns[1], ["" if tag == "_" else tag for tag in tags], number)
    yield from sentence.finished()


def _columns(lines: Iterable[str], name: str) -> Iterator[Sentence]:
    sentence, width = _Growing(()), 0
    for number, line in _numbered(lines):
        if not line.strip():
            yield from sentence.finished()
            continue
        columns = line.rstrip("\t ").split("\t") if "\t" in line else line.split()
        if columns[0] == "-DOCSTART-" or (columns[0].startswith("#") and len(columns) != width):
            continue
        if not width:
            width = len(columns)
            sentence = _Growing(tuple(f"tag{place}" for place in range(1, width)))
        if len(columns) != width or width < 2:
            raise _wrong_columns(len(columns), max(2, width), name, number)
        sentence.add(columns[0], columns[1:], number)
    yield from sentence.finished()


def _inline(lines: Iterable[str], name: str) -> Iterator[Sentence]:
    for number, line in _numbered(lines):
        sentence = _Growing(("tag",))
        for part in line.split():
            pieces = _pieces(part)
            if not pieces:
                raise DataError(
                    "the word {word} has no tag",
                    "write every word as word/TAG",
                    where=f"{name}:{number}",
                    values={"word": part[:40]},
                )
            for word, tag in pieces:
                sentence.add(word, [tag], number)
        yield from sentence.finished()


def _sejong(lines: Iterable[str], name: str) -> Iterator[Sentence]:
    """Read lines of words; markup, and a word that closes a sentence (its last tag is SF), end a sentence."""
    sentence = _Growing(("xpos", "morphemes"))
    for number, line in _numbered(lines):
        if "\t" not in line:
            yield from sentence.finished()
            continue
        parts = _parts_of(line)
        if parts is None:
            raise DataError(
                "the word is not followed by its morphemes",
                "write lines of number, tab, word, tab, form/TAG + form/TAG",
                where=f"{name}:{number}",
            )
        tags = [tag for _, tag in parts]
        forms = [_SENSE.sub("", written) for written, _ in parts]
        sentence.add(line.split("\t")[1].strip(), ["+".join(tags), "+".join(forms)], number)
        if tags[-1] == "SF":
            yield from sentence.finished()
    yield from sentence.finished()


def _parts_of(line: str) -> list[tuple[str, str]] | None:
    """Return the morphemes of a line of a Sejong corpus and their tags, None if it is none."""
    columns = line.split("\t")
    if len(columns) != 3:
        return None
    parts = [part.strip().rpartition("/") for part in columns[2].strip().split(" + ")]
    return [(left, tag) for left, _, tag in parts] if all(left and tag for left, _, tag in parts) else None


def _pieces(part: str) -> list[tuple[str, str]]:
    """Return the words of a/X+b/Y with their tags, nothing if that is not its form."""
    found = list(_PIECE.finditer(part))
    whole = found and "".join(one[0] for one in found) == part and not part.endswith("+")
    return [(one[1], one[2]) for one in found] if whole else []


@dataclass
class _Growing:
    """A sentence that is being read."""

    layers: tuple[str, ...]
    words: list[str] = field(default_factory=list)
    tags: list[list[str]] = field(default_factory=list)
    line: int = 0

    def add(self, word: str, tags: list[str], line: int) -> None:
        self.line = self.line or line
        self.words.append(word)
        self.tags.append(tags)

    def finished(self) -> Iterator[Sentence]:
        """Yield the sentence if it has a word, and begin another."""
        if self.words:
            columns = {layer: [tags[at] for tags in self.tags] for at, layer in enumerate(self.layers)}
            yield Sentence(self.words, columns, self.line)
        self.words, self.tags, self.line = [], [], 0


def _gathered(sentences: Iterable[Sentence], name: str, form: Form, encoding: Encoding) -> TaggedTexts:
    words: list[str] = []
    tags: dict[str, list[str]] = {}
    lengths, lines = [], []
    for sentence in sentences:
        words += composed_words(sentence.words)
        for layer in {**tags, **sentence.tags}:
            given = sentence.tags.get(layer, [""] * len(sentence.words))
            before = tags.setdefault(layer, [""] * (len(words) - len(sentence.words)))
            before += [unicodedata.normalize("NFC", tag) for tag in given]
        lengths.append(len(sentence.words))
        lines.append(sentence.line)
    if not words:
        raise DataError(
            "there is no tagged sentence in the file",
            "give a file of CoNLL-U, of columns, of word/TAG, of the Sejong form or the National Institute's JSON",
            where=name,
        )
    used = {layer: given for layer, given in tags.items() if any(given)}
    return TaggedTexts(
        words, used, np.array(lengths, np.int64), np.array(lines, np.int64), name, form, encoding
    )


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    return ((number, line.rstrip("\r")) for number, line in enumerate(lines, 1))


def _wrong_columns(came: int, wanted: int, name: str, number: int) -> DataError:
    return DataError(
        "the line has {came} columns, expected {wanted}",
        "give every word a line with all its columns, and put an empty line between sentences",
        where=f"{name}:{number}",
        values={"came": came, "wanted": wanted},
    )
