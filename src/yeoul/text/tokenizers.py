"""Learn the vocabulary of a unit: byte, character, jamo, syllable, word, spaced, morpheme, sub-word.

Every unit is saved as one `tokenizers.Tokenizer`: it brings a text into its normal form (NFC, or NFD where letters
are wanted), splits it by the unit's rule and numbers the pieces by a vocabulary that was counted on the training
rows only. For morphemes it holds the vocabulary alone, for `yeoul.text.morphemes` cuts before it. Id 0 is the
unknown token; there is no padding token, for lengths are carried beside the ids.

What a word is: a run of letters, digits and marks, in Korean what stands between two spaces; an HTML tag without
attributes (<br />); `n't` with its verb (don't), while 's, 're, 've, 'll, 'd and 'm stand alone, so that movie's
is a movie; any other mark by itself.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Literal, get_args

import numpy as np
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from yeoul.recipe import TextRecipe
from yeoul.text.blocks import Texts, blocks, characters, every
from yeoul.text.cutting import Cutter
from yeoul.text.letters import Letters, byte_letters, code_units
from yeoul.text.morphemes import Morphemes, analyze
from yeoul.text.normalization import normalizer
from yeoul.text.pieces import WORD_START, Pieces

UNKNOWN = "<unk>"
UNKNOWN_ID = 0
Unit = Literal["byte", "character", "jamo", "syllable", "word", "spaced", "morpheme", "subword"]

_SYLLABLE = r"[가-힣]|[^\W\d_가-힣]+|\d+|\s+|[^\w\s]|_"
"""A Hangul syllable; a run of other letters; a run of digits; a run of spaces; any other mark."""
_WORD = r"(?i)</?[a-z]+ ?/?>|\w+n['’]t\b|(?<=\w)['’](?:s|re|ve|ll|d|m)\b|\w+|[^\w\s]"
_SPACED = r"\S+"
_EARLIER = {"character": r"[\s\S]", "syllable": _SYLLABLE, "word": r"\w+|[^\w\s]"}
"""How version 0.1 cut; its models are still read."""
_LEARNED_TEXTS = 50_000  # more of them change few merges and cost seconds
_LEARNED_CHARACTERS = 50_000_000
_LARGEST_ALPHABET = 4000  # sub-words: enough for the Hangul syllables in use and the Latin script


def train_tokenizer(recipe: TextRecipe, texts: Texts) -> Tokenizer:
    """Count units in `texts`, block by block, and return the tokenizer of `recipe`.

    The most frequent `vocabulary_size` units, the unknown token included, get a number if they occur at least
    `min_count` times; the 256 bytes are always known. Sub-words are byte-pair merges (Sennrich et al. 2016) inside
    words, learned on texts at even distances, at most 50,000 and about 50 million characters of them. Morphemes
    need the extra `ko`.
    """
    empty = _empty(recipe.unit, recipe.lowercase, recipe.decompose)
    match recipe.unit:
        case "byte":
            return _numbered(empty, byte_letters())
        case "character" | "jamo":
            return _numbered(empty, _most_frequent(_count_letters(empty, texts), recipe))
        case "morpheme":
            return _numbered(empty, _most_frequent(_count_morphemes(empty, texts), recipe))
        case "syllable" | "word" | "spaced":
            trainer: trainers.Trainer = trainers.WordLevelTrainer(
                vocab_size=recipe.vocabulary_size,
                min_frequency=recipe.min_count,
                special_tokens=[UNKNOWN],
                show_progress=False,
            )
        case "subword":
            texts = _sample(texts)
            alphabet = _alphabet(empty, texts, min(_LARGEST_ALPHABET, recipe.vocabulary_size - 1))
            trainer = trainers.BpeTrainer(
                vocab_size=recipe.vocabulary_size,
                min_frequency=recipe.min_count,
                special_tokens=[UNKNOWN],
                show_progress=False,
                limit_alphabet=len(alphabet),
                initial_alphabet=alphabet,
            )
    empty.train_from_iterator(blocks(texts), trainer, length=len(texts))
    vocabulary = empty.get_vocab()
    if (
        vocabulary[UNKNOWN] != UNKNOWN_ID
    ):  # a text that spells it has given it a second number, and lost the first
        plain = _empty(recipe.unit, recipe.lowercase, recipe.decompose)
        return _numbered(plain, sorted(vocabulary, key=lambda unit: vocabulary[unit]))
    return empty


def widened(tokenizer: Tokenizer, units: Iterable[str], size: int) -> Tokenizer:
    """Return a tokenizer that also knows further whole units, in order, until it has `size` of them.

    Units that its rule would write in another way are left out. Raises `ValueError` for one that learns its units.
    """
    if isinstance(tokenizer.model, models.BPE):
        raise ValueError("only whole units can be added")
    wider = Tokenizer.from_str(tokenizer.to_str())
    vocabulary = wider.get_vocab()
    known = sorted(vocabulary, key=lambda unit: vocabulary[unit])[1:]
    new = (unit for unit in units if wider.normalizer.normalize_str(unit) == unit and unit not in vocabulary)
    return _numbered(wider, [*known, *islice(new, max(0, size - len(vocabulary)))])


def cutter(unit: Unit, tokenizer: Tokenizer) -> Cutter:
    """Return what cuts texts into units and numbers them by the tokenizer's vocabulary."""
    match unit:
        case "byte" | "character" | "jamo":
            return Letters.of(tokenizer, byte=unit == "byte")
        case "morpheme":
            return Morphemes.of(tokenizer)
        case "syllable" | "word" | "spaced" | "subword":
            return Pieces(tokenizer)


def unit_of(tokenizer: Tokenizer) -> Unit | None:
    """Return the unit whose rule a tokenizer follows to the letter, or None if it follows another."""
    rule = _rule(tokenizer)
    for unit in get_args(Unit):
        for lowercase in (False, True):
            known = [_empty(unit, lowercase, decompose) for decompose in {False, unit == "subword"}]
            if unit in _EARLIER:
                known.append(_splitting(unit, lowercase, _EARLIER[unit]))
            if any(_rule(one) == rule for one in known):
                return unit if _numbers_fit(unit, tokenizer) else None
    return None


def _empty(unit: Unit, lowercase: bool, decompose: bool) -> Tokenizer:
    """Return a unit's rule, without a vocabulary."""
    match unit:
        case "byte" | "character" | "jamo":
            tokenizer = Tokenizer(models.BPE({UNKNOWN: UNKNOWN_ID}, [], unk_token=UNKNOWN))
            if unit == "byte":
                tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        case "syllable":
            return _splitting(unit, lowercase, _SYLLABLE)
        case "word":
            return _splitting(unit, lowercase, _WORD)
        case "spaced":
            return _splitting(unit, lowercase, _SPACED)
        case "morpheme":
            tokenizer = Tokenizer(models.WordLevel({UNKNOWN: UNKNOWN_ID}, unk_token=UNKNOWN))
            tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        case "subword":
            tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
            tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
                [pre_tokenizers.Metaspace(), pre_tokenizers.Punctuation()]
            )
    tokenizer.normalizer = normalizer(lowercase=lowercase, decompose=decompose or unit == "jamo")
    return tokenizer


def _splitting(unit: str, lowercase: bool, pattern: str) -> Tokenizer:
    tokenizer = Tokenizer(models.WordLevel({UNKNOWN: UNKNOWN_ID}, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True)
    tokenizer.normalizer = normalizer(lowercase=lowercase, decompose=False)
    return tokenizer


def _rule(tokenizer: Tokenizer) -> str:
    """Return all that a tokenizer saves except its vocabulary."""
    saved = json.loads(tokenizer.to_str())
    model = {name: value for name, value in saved["model"].items() if name not in ("vocab", "merges")}
    return json.dumps({**saved, "model": model, "added_tokens": []}, sort_keys=True)


def _numbers_fit(unit: Unit, tokenizer: Tokenizer) -> bool:
    """Tell whether the ids are 0 to V − 1, the first unknown, no other token is special, and bytes are complete."""
    vocabulary = tokenizer.get_vocab()
    if sorted(vocabulary.values()) != list(range(len(vocabulary))) or vocabulary.get(UNKNOWN) != UNKNOWN_ID:
        return False
    if any(token.content != UNKNOWN for token in tokenizer.get_added_tokens_decoder().values()):
        return False
    return unit != "byte" or vocabulary.keys() == {UNKNOWN, *byte_letters()}


def _numbered(empty: Tokenizer, units: Iterable[str]) -> Tokenizer:
    """Give an empty tokenizer a vocabulary: the unknown token, then `units` in order."""
    numbers = {UNKNOWN: UNKNOWN_ID}
    for unit in units:
        numbers.setdefault(unit, len(numbers))
    empty.model = (
        models.BPE(numbers, [], unk_token=UNKNOWN)
        if isinstance(empty.model, models.BPE)
        else models.WordLevel(numbers, unk_token=UNKNOWN)
    )
    return empty


def _most_frequent(counts: Mapping[str, int], recipe: TextRecipe) -> list[str]:
    """Return the units that get a number, the most frequent first, ties by code point."""
    enough = [unit for unit, count in counts.items() if count >= recipe.min_count]
    return sorted(enough, key=lambda unit: (-counts[unit], unit))[: recipe.vocabulary_size - 1]


def _count_letters(empty: Tokenizer, texts: Texts) -> dict[str, int]:
    counts = np.zeros(0x110000, np.int64)
    for block in blocks(texts):
        units, _ = code_units(block, "utf-32-le", empty.normalizer)
        counts += np.bincount(units, minlength=len(counts))
    return {chr(letter): int(counts[letter]) for letter in np.flatnonzero(counts)}


def _count_morphemes(empty: Tokenizer, texts: Texts) -> Counter[str]:
    counts: Counter[str] = Counter()
    for block in blocks(texts):
        for morphemes in analyze(block, empty.normalizer):
            counts.update(morphemes)
    return counts


def _sample(texts: Texts) -> Texts:
    """Return texts at even distances, so many as merges are learned on."""
    step = max(-(-len(texts) // _LEARNED_TEXTS), -(-characters(texts) // _LEARNED_CHARACTERS), 1)
    return every(texts, step)


def _alphabet(empty: Tokenizer, texts: Texts, size: int) -> list[str]:
    """Return the most frequent characters, ties by code point: the trainer's own cut leaves ties to chance."""
    counts = _count_letters(empty, texts)
    letters = sorted(
        (letter for letter in counts if not letter.isspace()), key=lambda one: (-counts[one], one)
    )
    return [WORD_START, *letters][:size]
