"""Words of captions that can be looked for in pictures (Fang et al. 2015), chosen without a list of any language.

A word tells of a picture when people who describe the same picture agree on it: where one says "dog", the odds that
another does are far better than of any picture; where one says "the", they are hardly better. With one caption a
picture nothing is known of that, and a word is one that most pictures do without.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from yeoul.metrics.captions import caption_words

References = Sequence[Sequence[str]]
_LEAST_ODDS = 6.0
"""How much better the odds of a word are where another caption of the picture has it, than anywhere."""
_LEAST_AGREEMENT = 0.1
_MOST_SHARE = 0.5
_TINY = 1e-9


def detectable(references: References, most: int, min_count: int) -> tuple[str, ...]:
    """Return so many words at most that tell of pictures, those of the most pictures first.

    A word is in at least `min_count` of the captions of training pictures (N, one or more each).
    """
    said, pictures, pairs, chances = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    captions = 0
    for each in references:
        counts = Counter(word for text in each for word in set(_words(text)))
        captions += len(each)
        pictures.update(counts.keys())
        said.update(counts)
        pairs.update({word: count * (count - 1) for word, count in counts.items()})
        chances.update({word: count * (len(each) - 1) for word, count in counts.items()})
    found = []
    for word, count in said.items():
        if count < min_count:
            continue
        if chances[word]:
            agreement = pairs[word] / chances[word]
            better = _odds(agreement) / _odds(count / captions)
            tells = agreement >= _LEAST_AGREEMENT and better >= _LEAST_ODDS
        else:
            tells = pictures[word] <= _MOST_SHARE * len(references)
        if tells:
            found.append(word)
    return tuple(sorted(found, key=lambda word: (-pictures[word], word))[:most])


def presence(references: References, words: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Tell which words are in a caption of each picture: (N, W)."""
    places = {word: place for place, word in enumerate(words)}
    there = np.zeros((len(references), len(words)), np.bool_)
    for row, each in enumerate(references):
        there[row, [places[word] for text in each for word in _words(text) if word in places]] = True
    return there


def coverage(
    texts: Sequence[str], words: Sequence[str], chances: npt.NDArray[np.floating]
) -> npt.NDArray[np.float64]:
    """Return how many words of each text (R,) are likely and how many are not: (R, 2).

    `chances` (R, W) are those of the words in the picture of each text. The first number is the sum of the chances of
    the words that are said, the second that of the rest: a good caption says what is there, and nothing else.
    """
    said = presence([[text] for text in texts], words)
    return np.stack([(said * chances).sum(axis=1), (said * (1 - chances)).sum(axis=1)], axis=1)


def _odds(chance: float) -> float:
    return chance / max(_TINY, 1 - chance)


def _words(text: str) -> list[str]:
    return caption_words(text, "13a")
