"""The JSON of the National Institute of Korean Language (모두의 말뭉치): words, morphemes, names of things.

    {"document": [{"sentence": [{"id": …, "form": "여울이 흐른다.",
        "word": [{"id": 1, "form": "여울이", "begin": 0, "end": 3}, …],
        "morpheme": [{"id": 1, "form": "여울", "label": "NNG", "word_id": 1, "position": 1}, …],
        "NE": [{"form": "여울", "label": "OGG", "begin": 0, "end": 2}, …]}, …]}, …]}

Layers that a corpus leaves out are left out here; without words a sentence is cut at its spaces.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from yeoul.data.tagging import Sentence
from yeoul.errors import DataError


class _Word(BaseModel):
    model_config = ConfigDict(extra="ignore")
    id: int
    form: str
    begin: int
    end: int


class _Morpheme(BaseModel):
    model_config = ConfigDict(extra="ignore")
    form: str
    label: str
    word_id: int


class _Name(BaseModel):
    model_config = ConfigDict(extra="ignore")
    label: str
    begin: int
    end: int


class _Sentence(BaseModel):
    model_config = ConfigDict(extra="ignore")
    form: str
    word: list[_Word] = []
    morpheme: list[_Morpheme] | None = None
    names: Annotated[list[_Name] | None, Field(alias="NE")] = None


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore")
    sentence: list[_Sentence] = []


class _Corpus(BaseModel):
    model_config = ConfigDict(extra="ignore")
    document: list[_Document]


def read_national(text: str, name: str) -> Iterator[Sentence]:
    """Yield the sentences of a corpus that have words; the line of each is its number among them all.

    Raises `DataError`, with the place in the JSON, for what is not of the form.
    """
    number = 0
    for document in _read(text, name).document:
        for sentence in document.sentence:
            number += 1
            words = sentence.word or _cut_at_spaces(sentence.form)
            if words:
                yield Sentence([word.form for word in words], _layers(sentence, words), number)


def _read(text: str, name: str) -> _Corpus:
    try:
        return _Corpus.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        place, line = error.msg, f"{name}:{error.lineno}"
    except ValidationError as error:
        first = error.errors()[0]
        place, line = ".".join(map(str, first["loc"])), name
    except RecursionError:
        place, line = "depth", name
    raise DataError(
        "this is not the JSON of the National Institute of Korean Language, see {place}",
        "give the file as it was downloaded, with document, sentence and word or morpheme",
        where=line,
        values={"place": place},
    )


def _cut_at_spaces(form: str) -> list[_Word]:
    words, start = [], 0
    for number, word in enumerate(form.split(), 1):
        start = form.index(word, start)
        words.append(_Word(id=number, form=word, begin=start, end=start + len(word)))
        start += len(word)
    return words


def _layers(sentence: _Sentence, words: list[_Word]) -> Mapping[str, list[str]]:
    layers: dict[str, list[str]] = {}
    if sentence.morpheme is not None:
        of_word: dict[int, list[_Morpheme]] = {word.id: [] for word in words}
        for morpheme in sentence.morpheme:
            of_word.setdefault(morpheme.word_id, []).append(morpheme)
        layers["xpos"] = ["+".join(one.label for one in of_word[word.id]) for word in words]
        layers["morphemes"] = ["+".join(one.form for one in of_word[word.id]) for word in words]
    if sentence.names is not None:
        layers["entities"] = _spans(words, sentence.names)
    return layers


def _spans(words: list[_Word], names: list[_Name]) -> list[str]:
    """Give B- to the first word that a name touches and I- to the others; the first name of several counts."""
    tags = ["O"] * len(words)
    for name in sorted(names, key=lambda one: (one.begin, -one.end)):
        touched = [at for at, word in enumerate(words) if word.begin < name.end and name.begin < word.end]
        if any(tags[at] != "O" for at in touched):
            continue
        for at in touched:
            tags[at] = ("B-" if at == touched[0] else "I-") + name.label
    return tags
