"""Cut text into units and number them: character, syllable, word, sub-word.

All units are one kind of object, a `tokenizers.Tokenizer`: it normalizes to NFC, splits by the unit's rule and
numbers the pieces by a vocabulary that was counted on the training rows only. It is saved as one JSON file and
maps every token back to its place in the original text. Id 0 is the unknown token; there is no padding token,
for lengths are carried beside the ids.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from yeoul.recipe import TextRecipe

UNKNOWN = "<unk>"
UNKNOWN_ID = 0

_PATTERNS = {
    # every code point, white space too
    "character": r"[\s\S]",
    # a Hangul syllable; a run of other letters; a run of digits; a run of spaces; any other mark
    "syllable": r"[가-힣]|[^\W\d_가-힣]+|\d+|\s+|[^\w\s]|_",
    # a run of letters and digits; any other mark; spaces fall away
    "word": r"\w+|[^\w\s]",
}
_WORD_START = "▁"
_TEXTS_AT_ONCE = 10_000
_LEARNED_TEXTS = 50_000  # more of them change few merges and cost seconds
_LARGEST_ALPHABET = 4000  # sub-words: enough for the Hangul syllables in use and the Latin script


def train_tokenizer(recipe: TextRecipe, texts: Sequence[str]) -> Tokenizer:
    """Count units in `texts` and return the tokenizer of `recipe`.

    The most frequent `vocabulary_size` units, the unknown token included, get a number if they occur at least
    `min_count` times. Sub-words are byte-pair merges (Sennrich et al. 2016) inside words, learned on at most
    50,000 texts at even distances.
    """
    steps = [normalizers.NFC(), *([normalizers.Lowercase()] if recipe.lowercase else [])]
    if recipe.unit == "subword":
        texts = texts[:: -(-len(texts) // _LEARNED_TEXTS) or 1]
        tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Metaspace(), pre_tokenizers.Punctuation()]
        )
        alphabet = _alphabet(texts, min(_LARGEST_ALPHABET, recipe.vocabulary_size - 1), recipe.lowercase)
        trainer: trainers.Trainer = trainers.BpeTrainer(
            vocab_size=recipe.vocabulary_size,
            min_frequency=recipe.min_count,
            special_tokens=[UNKNOWN],
            show_progress=False,
            limit_alphabet=len(alphabet),
            initial_alphabet=alphabet,
        )
    else:
        tokenizer = Tokenizer(models.WordLevel({UNKNOWN: UNKNOWN_ID}, unk_token=UNKNOWN))
        tokenizer.pre_tokenizer = pre_tokenizers.Split(
            Regex(_PATTERNS[recipe.unit]), behavior="removed", invert=True
        )
        trainer = trainers.WordLevelTrainer(
            vocab_size=recipe.vocabulary_size,
            min_frequency=recipe.min_count,
            special_tokens=[UNKNOWN],
            show_progress=False,
        )
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.train_from_iterator(texts, trainer, length=len(texts))
    return tokenizer


def _alphabet(texts: Sequence[str], size: int, lowercase: bool) -> list[str]:
    """Return the most frequent characters, ties by code point: the trainer's own cut leaves ties to chance."""
    counts: Counter[str] = Counter()
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        block = unicodedata.normalize("NFC", "".join(texts[start : start + _TEXTS_AT_ONCE]))
        counts.update(block.lower() if lowercase else block)
    letters = sorted(
        (letter for letter in counts if not letter.isspace()), key=lambda one: (-counts[one], one)
    )
    return [_WORD_START, *letters][:size]
