"""What each letter of a text adds to the answer of a linear model, exactly.

The model adds up the weights of the n-grams that a text holds, each once, however often it comes. The weight of one
is shared out among its places, and there among its letters; together they are the margin less the bias.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

import numpy as np

from yeoul.baselines.text import LinearText
from yeoul.explain.deletion import Doubles
from yeoul.explain.goals import Goal
from yeoul.text.normalization import Span

_WORDS = re.compile(r"\w+|[^\w\s]")


def letter_weights(model: LinearText, text: str, goal: Goal) -> Doubles:
    """Return what each letter (T,) of a composed (NFC) text adds to the margin of the goal.

    Of more than two classes it is the goal's own machine that is told of.
    """
    places = _places(model)
    found: dict[int, list[list[int]]] = {}
    for ngram, letters in _occurrences(model, text):
        if ngram in places:
            found.setdefault(places[ngram], []).append(letters)
    told = np.zeros(len(text))
    if not found or not text:
        return told
    two = model.kind == "class" and model.outputs == 2
    machine = 0 if two or model.kind == "number" else goal.column
    sign = -1.0 if two and goal.column == 0 else 1.0
    held = np.array(list(found))
    length = float(np.sqrt(model.squares[held, machine].sum(dtype=np.float64))) or 1.0
    for place, occurrences in found.items():
        weight = sign * float(model.weights[place, machine]) / length / len(occurrences)
        for letters in occurrences:
            np.add.at(told, letters, weight / len(letters))
    return told


@lru_cache(maxsize=1)
def _places(model: LinearText) -> Mapping[str, int]:
    """Return the place of each n-gram; there may be millions, and many texts are explained by one model."""
    return {ngram: place for place, ngram in enumerate(model.ngrams)}


def _occurrences(model: LinearText, text: str) -> Iterator[tuple[str, list[int]]]:
    """Yield the n-grams of a text as the model reads it, each with the letters of the text that it is made of."""
    shortest, longest = model.recipe.ngrams
    if model.recipe.unit == "character":
        folded, letters = _folded(text, model.recipe.lowercase)
        for size in range(shortest, longest + 1):
            for start in range(len(folded) - size + 1):
                yield folded[start : start + size], letters[start : start + size]
        return
    words = [_word(text, match.span(), model.recipe.lowercase) for match in _WORDS.finditer(text)]
    for size in range(shortest, longest + 1):
        for start in range(len(words) - size + 1):
            run = words[start : start + size]
            yield " ".join(word for word, _ in run), [place for _, places in run for place in places]


def _word(text: str, span: Span, lowercase: bool) -> tuple[str, list[int]]:
    word = text[slice(*span)]
    return (word.lower() if lowercase else word), list(range(*span))


def _folded(text: str, lowercase: bool) -> tuple[str, list[int]]:
    """Fold case and white space as the model does; return the letter of the text for each that is left.

    The spaces at both ends belong to the first and the last letter.
    """
    letters, places = list[str](), list[int]()
    for place, letter in enumerate(text):
        small = unicodedata.normalize("NFC", letter.lower() if lowercase else letter)
        if small.isspace():
            if letters and letters[-1] != " ":
                letters.append(" ")
                places.append(place)
            continue
        letters += small
        places += [place] * len(small)
    if letters and letters[-1] == " ":
        del letters[-1], places[-1]
    first, last = (places[0], places[-1]) if places else (0, 0)
    return f" {''.join(letters)} ", [first, *places, last]


def spans_of_letters(text: str) -> list[Span]:
    """Return the place of each letter."""
    return [(place, place + 1) for place in range(len(text))]
