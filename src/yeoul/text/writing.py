"""From tokens back to a text: what each of them stands for, and a pen that writes one after another.

Characters, letters, syllables, bytes and sub-words give the text back as it was, in composed form (NFC). Between words
and morphemes stand spaces, where a text usually has them: what they were is not kept.
"""

import codecs
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, final

from tokenizers import Tokenizer, normalizers

from yeoul.text.letters import byte_letters
from yeoul.text.normalization import settled
from yeoul.text.pieces import WORD_START
from yeoul.text.tokenizers import UNKNOWN_ID, Unit

NEWLINE = "\n"
Script = Literal["characters", "letters", "bytes"]

_CLOSING = frozenset(".,!?;:%)]}…·’”」』》〉。、，？！")
_ATTACHED = ("'", "’")
_WORDS = ("word", "spaced", "morpheme")
_ATTACHED_TAGS = ("J", "E", "X", "VC", "SF", "SP", "SSC", "SE")
"""Of Kiwi: particles, endings, suffixes, the copula, closing marks."""


@final
@dataclass(frozen=True, eq=False)
class Spelling:
    """What the tokens of a vocabulary stand for, one after another."""

    unit: Unit
    pieces: tuple[str, ...]
    """By id, in the script: the piece of a word begins with the space before it, that of a byte is U+0000 to U+00FF."""
    script: Script
    steps: normalizers.Sequence

    @classmethod
    def of(cls, tokenizer: Tokenizer, unit: Unit, *, closed: bool) -> "Spelling":
        """Read a vocabulary; where lines are `closed`, one id more stands for the end of a line."""
        vocabulary = tokenizer.get_vocab()
        pieces = [""] * len(vocabulary)
        letters = {letter: byte for byte, letter in enumerate(byte_letters())}
        for token, number in vocabulary.items():
            match unit:
                case "byte" if number != UNKNOWN_ID:
                    pieces[number] = chr(letters[token])
                case "word":
                    pieces[number] = token if _attaches(token) else f" {token}"
                case "spaced":
                    pieces[number] = f" {token}"
                case "morpheme":
                    form, _, tag = token.rpartition("/")
                    pieces[number] = form if tag.startswith(_ATTACHED_TAGS) else f" {form or token}"
                case "subword":
                    pieces[number] = token.replace(WORD_START, " ")
                case _:
                    pieces[number] = token
        steps = tokenizer.normalizer
        script: Script = "letters" if len(steps.normalize_str("가")) > 1 else "characters"
        return cls(unit, (*pieces, *[NEWLINE] * closed), "bytes" if unit == "byte" else script, steps)

    @property
    def spaced(self) -> bool:
        """Whether pieces begin with the space before a word, which at the beginning of a line is not there."""
        return self.unit in ("word", "spaced", "morpheme", "subword")

    @cached_property
    def melts(self) -> bool:
        """Whether a piece may change the character before it, as a vowel changes a consonant."""
        return self.script != "characters" or any(_melts(piece[:1]) for piece in self.pieces)

    def scripted(self, text: str) -> str:
        """Write a text in the script of the pieces, as the tokenizer normalizes it."""
        normal: str = self.steps.normalize_str(text)
        return normal.encode("utf-8").decode("latin-1") if self.script == "bytes" else normal

    def piece_of(self, surface: str) -> str:
        """Write what stood in a text as a token of its own, as the pieces are written: a word behind a space."""
        before = " " if self.unit in _WORDS and not _attaches(surface) else ""
        return before + self.scripted(surface)

    def pieced(self, pieces: Iterable[str]) -> str:
        """Return the text of some pieces."""
        pen = self.pen()
        written = [pen.add(piece) for piece in pieces]
        return "".join([*written, pen.rest()])

    def joining(self, text: str) -> tuple[int, ...]:
        """Return the tokens that, right behind a text, would change its last letter or go on with its last word.

        Only scripts whose words spaces part have words to go on with: behind Hangul a particle may come.
        """
        parted = _is_parted(text[-1:])
        return tuple(
            number
            for number, piece in enumerate(self.pieces)
            if _melts(piece[:1]) or (parted and _is_parted(piece[:1]))
        )

    def pen(self, before: str = "") -> "Pen":
        """Begin to write, after a text that is there already and comes out first."""
        return Pen(self, before)

    def text(self, ids: Iterable[int], before: str = "") -> str:
        """Return the text of some tokens, after another text and with it."""
        pen = self.pen(before)
        written = [pen.write(token) for token in ids]
        return "".join([*written, pen.rest()])


@final
class Pen:
    """Writes token after token. What it lets go of nothing changes any more: half a syllable is held back."""

    def __init__(self, spelling: Spelling, before: str) -> None:
        self._spelling = spelling
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = unicodedata.normalize("NFC", before)
        self._fresh = not before or before[-1].isspace()

    def write(self, token: int) -> str:
        """Take one more token; return what of the text is certain now."""
        return self.add(self._spelling.pieces[token])

    def add(self, piece: str) -> str:
        """Take a piece in the script of the tokens, as `write` takes that of a token."""
        if self._fresh and self._spelling.spaced:
            piece = piece.removeprefix(" ")
        if piece:
            self._fresh = piece.endswith(NEWLINE)
        if self._spelling.script == "bytes":
            piece = self._decoder.decode(piece.encode("latin-1"))
        return self._released(self._held + piece)

    def rest(self) -> str:
        """Return what was held back; the text has come to its end."""
        rest, self._held = self._held + self._decoder.decode(b"", final=True), ""
        return unicodedata.normalize("NFC", rest)

    def _released(self, text: str) -> str:
        certain = settled(text) if self._spelling.melts else len(text)
        self._held = text[certain:]
        return unicodedata.normalize("NFC", text[:certain])


def _attaches(token: str) -> bool:
    """Tell whether a word stands without a space behind the one before it."""
    return token in _CLOSING or (len(token) > 1 and token.startswith(_ATTACHED)) or token == "n't"


def _is_parted(letter: str) -> bool:
    """Tell whether a letter, or a digit, is of a script whose words spaces part."""
    return letter.isalnum() and unicodedata.east_asian_width(letter) != "W"


def _melts(letter: str) -> bool:
    return "\u1160" <= letter <= "\u11ff" or (letter != "" and unicodedata.category(letter).startswith("M"))
