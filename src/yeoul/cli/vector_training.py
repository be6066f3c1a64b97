"""`yeoul vectors train` and `documents`: vectors of the words of texts, and of the texts themselves."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yeoul.cli.figures import clock, count
from yeoul.cli.options import EncodingOption, InputOption, JsonOption
from yeoul.cli.output import complain, one_line, shell_word, tell, tell_json
from yeoul.cli.vector_inputs import CountOption, SourcesArgument, near_json, texts_and_settings
from yeoul.errors import UsageError
from yeoul.language import say

if TYPE_CHECKING:
    from yeoul.data.wordtexts import WordTexts
    from yeoul.text.vectorsettings import VectorSettings
    from yeoul.text.vectortables import VectorTable

_DOCUMENT_KEYS = ("kind", "letters", "buckets")
"""They act on words only."""


def train(
    words: SourcesArgument,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help=say("Where the vectors go: .bin, or .vec for text."))
    ],
    inputs: InputOption = None,
    encoding: EncodingOption = "auto",
    as_json: JsonOption = False,
) -> None:
    from yeoul.text.vectorwriting import save_vectors
    from yeoul.text.wordtraining import train_vectors

    texts, settings = texts_and_settings(words, inputs, encoding)
    _check_new(out)
    _announce(texts, settings)
    begin = time.monotonic()
    trained = train_vectors(texts.texts, settings, _epochs(settings.epochs))
    save_vectors(trained.table, out)
    facts = _facts(texts, settings, time.monotonic() - begin)
    facts |= {"out": str(out), "vectors": len(trained.table), "words": trained.words}
    _tell_how(out, facts)
    if as_json:
        tell_json(facts)
        return
    tell(say("{count} vectors of {size} numbers in {path}", _sizes(trained.table, out)))
    tell(say("next     {command}", {"command": f"yeoul vectors evaluate {shell_word(out)}"}))


def documents(
    words: SourcesArgument,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help=say("Where the vectors of the documents go.")),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option("--like", metavar="TEXT", help=say("Show the documents most like this text.")),
    ] = None,
    shown: CountOption = 5,
    inputs: InputOption = None,
    encoding: EncodingOption = "auto",
    as_json: JsonOption = False,
) -> None:
    import numpy as np

    from yeoul.text.vectortables import VectorTable
    from yeoul.text.vectorwriting import save_vectors
    from yeoul.text.wordtraining import train_documents

    if out is None and like is None:
        raise UsageError("nothing is asked for", "give --out FILE, --like TEXT, or both")
    texts, settings = texts_and_settings(words, inputs, encoding, without=_DOCUMENT_KEYS)
    if out is not None:
        _check_new(out)
    _announce(texts, settings)
    begin = time.monotonic()
    trained = train_documents(texts.texts, settings, _epochs(settings.epochs))
    vectors = VectorTable.of([name.replace(" ", "_") for name in texts.names], trained.values)
    facts = _facts(texts, settings, time.monotonic() - begin)
    facts |= {"out": None if out is None else str(out), "vectors": len(vectors), "words": trained.words}
    if out is not None:
        save_vectors(vectors, out)
        _tell_how(out, facts)
    found = [] if like is None else vectors.nearest(trained.infer(like)[np.newaxis], shown, [set()])[0]
    rows = [(near, texts.texts[vectors.places[near.word]].as_py()) for near in found]
    if as_json:
        tell_json({**facts, "like": [{**near_json(near), "text": text} for near, text in rows]})
        return
    if out is not None:
        tell(say("{count} vectors of {size} numbers in {path}", _sizes(vectors, out)))
    for near, text in rows:
        tell(f"  {near.cosine:5.2f}  {near.word}  {one_line(text, 60)}")


def _announce(texts: "WordTexts", settings: "VectorSettings") -> None:
    values = {"texts": count(len(texts)), "unit": settings.unit, "epochs": settings.epochs}
    complain(say("{texts} texts, cut into {unit}, read {epochs} times", values))


def _epochs(epochs: int) -> "Callable[[int], None]":
    begin = time.monotonic()

    def told(epoch: int) -> None:
        values = {"epoch": epoch, "epochs": epochs, "time": clock(time.monotonic() - begin)}
        complain(say("read {epoch} of {epochs} times, {time}", values))

    return told


def _check_new(out: Path) -> None:
    if not out.parent.is_dir():
        raise UsageError("there is no such folder", "make it first", where=str(out.parent))
    if out.exists():
        raise UsageError("there is a file of this name already", "name another, or remove it", where=str(out))


def _facts(texts: "WordTexts", settings: "VectorSettings", seconds: float) -> dict[str, Any]:
    return {
        "texts": len(texts),
        "seconds": round(seconds, 1),
        "settings": settings.model_dump(),
        "files": [{"name": file.name, "sha256": file.sha256} for file in texts.files],
    }


def _tell_how(out: Path, facts: Mapping[str, Any]) -> None:
    """Write beside the vectors how they were made."""
    from yeoul.files import write_text

    write_text(out.with_name(out.name + ".json"), json.dumps(facts, ensure_ascii=False, indent=2) + "\n")


def _sizes(known: "VectorTable", out: Path) -> dict[str, object]:
    return {"count": count(len(known)), "size": known.size, "path": out}
