"""Say every word of the report in English and in Korean at once, so that the page can switch between them."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import escape

from yeoul.language import Language
from yeoul.report.sentences import SENTENCES


@dataclass(frozen=True)
class Phrase:
    """One text in both languages; in a template it becomes two spans of which the page shows one."""

    en: str
    ko: str

    def said(self, language: Language) -> str:
        """Return the text in one language."""
        return self.ko if language == "ko" else self.en

    def __html__(self) -> str:
        if self.en == self.ko:
            return str(escape(self.en))
        both = (("en", self.en), ("ko", self.ko))
        return "".join(f'<span class="w" lang="{language}">{escape(text)}</span>' for language, text in both)


def say(key: str, values: Mapping[str, object] | None = None) -> Phrase:
    """Return a sentence of the report with its placeholders filled; values may be phrases themselves.

    >>> say("table.share").en
    'share'
    """
    english, korean = SENTENCES[key]
    filled = values or {}
    return Phrase(english.format_map(_in(filled, "en")), korean.format_map(_in(filled, "ko")))


def name(kind: str, word: str) -> Phrase:
    """Return the name of a metric, baseline, split or status; a word unknown to Yeoul stays as it is."""
    key = f"{kind}.{word}"
    return say(key) if key in SENTENCES else Phrase(word, word)


def joined(parts: list[Phrase], separator: str = " · ") -> Phrase:
    """Join phrases in each language."""
    return Phrase(separator.join(part.en for part in parts), separator.join(part.ko for part in parts))


def _in(values: Mapping[str, object], language: Language) -> dict[str, str]:
    return {
        key: value.said(language) if isinstance(value, Phrase) else str(value)
        for key, value in values.items()
    }
