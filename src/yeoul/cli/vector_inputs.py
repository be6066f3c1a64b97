"""What the commands about word vectors have in common: the texts and settings that they are given."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yeoul.errors import RecipeError
from yeoul.language import say

if TYPE_CHECKING:
    from yeoul.data.wordtexts import WordTexts
    from yeoul.text.vectorsettings import VectorSettings
    from yeoul.text.vectortables import Near

CountOption = Annotated[int, typer.Option("--count", metavar="N", min=1, help=say("How many to show."))]
SourcesArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE… [KEY=VALUE…]",
        help=say(
            "Files, folders or public sets; settings such as kind=skipgram unit=morpheme size=100 window=3 epochs=10."
        ),
        show_default=False,
    ),
]


def texts_and_settings(
    words: Sequence[str],
    inputs: Sequence[str] | None,
    encoding: str,
    *,
    without: Sequence[str] = (),
    only: Sequence[str] = (),
) -> "tuple[WordTexts, VectorSettings]":
    """Read the texts that are named, and the settings beside them; some keys have no effect everywhere."""
    from yeoul.data.wordtexts import read_texts
    from yeoul.text.vectorsettings import vector_settings

    sources, values = _parted(words)
    settings = vector_settings(values)
    for key in values:
        if key in without or (only and key not in only):
            raise RecipeError("this key has no effect here", "remove it", where=key)
    return read_texts(sources, inputs or (), encoding), settings


def _parted(words: Sequence[str]) -> tuple[list[str], dict[str, Any]]:
    """Part the words of a command line into sources and settings, key=value with a key that there might be."""
    from yeoul.recipefile import parse_value

    sources, values = list[str](), dict[str, Any]()
    for word in words:
        key, equals, value = word.partition("=")
        if equals and key.isidentifier() and key.isascii() and not Path(word).exists():
            values[key] = parse_value(value)
        else:
            sources.append(word)
    return sources, values


def near_json(near: "Near") -> dict[str, object]:
    """Return a word with its cosine as plain values."""
    return {"word": near.word, "cosine": near.cosine}
