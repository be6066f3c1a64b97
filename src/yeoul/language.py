"""Say a message in English or Korean.

English sentences stand in the code, where they are read; `locale/ko.toml` maps each of them to its Korean
sentence. A sentence without a Korean form is said in English. Placeholders are those of `str.format`.
"""

import os
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

Language = Literal["en", "ko"]

_chosen: list[Language] = []


def choose(language: Language) -> None:
    """Speak `language` from now on, whatever the locale says."""
    _chosen[:] = [language]


def current() -> Language:
    """Return the chosen language, else the locale's: Korean under a `ko` locale, English elsewhere."""
    if _chosen:
        return _chosen[0]
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "ko" if os.environ[name].lower().startswith("ko") else "en"
    return "en"


def say(sentence: str, values: Mapping[str, object] | None = None, language: Language | None = None) -> str:
    """Translate `sentence` and fill in its placeholders.

    >>> say("{count} rows", {"count": 3}, "en")
    '3 rows'
    """
    template = korean().get(sentence, sentence) if (language or current()) == "ko" else sentence
    return template.format_map(values or {})


@cache
def korean() -> Mapping[str, str]:
    """Return the table of Korean sentences, by their English ones."""
    text = resources.files("yeoul").joinpath("locale/ko.toml").read_text("utf-8")
    return {
        english: translated for table in tomllib.loads(text).values() for english, translated in table.items()
    }
