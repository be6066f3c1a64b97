"""`yeoul vectors neighbors` and others: ask the vectors of a file, a public set or a run what they know."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from yeoul.cli.figures import count
from yeoul.cli.options import EncodingOption, InputOption, JsonOption
from yeoul.cli.output import table, tell, tell_json
from yeoul.cli.vector_inputs import CountOption, SourcesArgument, near_json, texts_and_settings
from yeoul.errors import DataError, UsageError
from yeoul.language import current, say

if TYPE_CHECKING:
    from yeoul.metrics.intervals import Interval
    from yeoul.text.vectortables import Near, VectorTable

VectorsArgument = Annotated[
    str,
    typer.Argument(
        metavar="VECTORS",
        help=say("A file of word vectors, a public set of them, or a run."),
        show_default=False,
    ),
]


def neighbors(
    vectors: VectorsArgument,
    words: Annotated[
        list[str], typer.Argument(metavar="WORD…", help=say("One word or more."), show_default=False)
    ],
    shown: CountOption = 10,
    as_json: JsonOption = False,
) -> None:
    known = _load(vectors)
    found = {word: known.neighbors(word, shown) for word in words}
    if as_json:
        tell_json(
            {
                word: {"held": word in known, "near": [near_json(near) for near in found[word]]}
                for word in found
            }
        )
        return
    for word, near in found.items():
        held = "" if word in known else "  " + say("(put together from its letters)")
        tell(f"{word}{held}")
        _tell_near(near)


def analogy(
    vectors: VectorsArgument,
    first: Annotated[str, typer.Argument(metavar="A", show_default=False)],
    second: Annotated[str, typer.Argument(metavar="B", show_default=False)],
    third: Annotated[str, typer.Argument(metavar="C", show_default=False)],
    shown: CountOption = 5,
    as_json: JsonOption = False,
) -> None:
    found = _load(vectors).analogy(first, second, third, shown)
    if as_json:
        tell_json([near_json(near) for near in found])
        return
    tell(say("{first} is to {second} as {third} is to:", {"first": first, "second": second, "third": third}))
    _tell_near(found)


def evaluate(
    vectors: VectorsArgument,
    tests: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE…",
            help=say("Pairs with a number, or analogies; without one the Korean ones of korean_words."),
            show_default=False,
        ),
    ] = None,
    encoding: EncodingOption = "auto",
    as_json: JsonOption = False,
) -> None:
    from yeoul.data.vectortests import vector_tests

    known, told = _load(vectors), list[dict[str, Any]]()
    for name, test in vector_tests(tests or [], encoding):
        told += _tested(known, name, test)
    if as_json:
        tell_json(told)
        return
    header = (say("test"), say("score"), say("value"), say("with vectors"), say("asked"))
    names = {"spearman": "Spearman", "accuracy": say("accuracy")}
    rows = [
        (one["name"], names[one["score"]], _interval(one["value"]), count(one["known"]), count(one["asked"]))
        for one in told
    ]
    for line in table([header, *rows]):
        tell(line)
    composed = sum(one["known"] - one["held"] for one in told if one["score"] == "spearman")
    if composed:
        tell(say("{count} of the pairs have a word put together from its letters", {"count": composed}))


def coverage(
    vectors: VectorsArgument,
    words: SourcesArgument,
    shown: CountOption = 10,
    inputs: InputOption = None,
    encoding: EncodingOption = "auto",
    as_json: JsonOption = False,
) -> None:
    import numpy as np

    from yeoul.text.units import cut

    known = _load(vectors)
    texts, settings = texts_and_settings(words, inputs, encoding, only=("unit", "lowercase"))
    units = cut(texts.texts, settings.unit, lowercase=settings.lowercase)
    if not len(units.codes):
        raise DataError(
            "the file holds no text", "name another file", where=", ".join(file.name for file in texts.files)
        )
    counts = dict(
        zip(units.names, np.bincount(units.codes, minlength=len(units.names)).tolist(), strict=True)
    )
    found = known.coverage(counts, shown)
    if as_json:
        tell_json(
            {**vars(found), "missing": list(found.missing), "different": len(counts), "all": len(units.codes)}
        )
        return
    values = {
        "words": f"{100 * found.words:.1f}",
        "different": count(len(counts)),
        "occurrences": f"{100 * found.occurrences:.1f}",
        "all": count(len(units.codes)),
    }
    tell(say("{words} % of {different} different words, {occurrences} % of all {all}", values))
    if found.composed:
        tell(
            say(
                "{share} % more are put together from their letters", {"share": f"{100 * found.composed:.1f}"}
            )
        )
    if found.missing:
        tell(say("missing  {words}", {"words": ", ".join(found.missing)}))


def draw(
    vectors: VectorsArgument,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORD…",
            help=say("Words to draw; without any the most frequent ones."),
            show_default=False,
        ),
    ] = None,
    method: Annotated[
        Literal["pca", "tsne"], typer.Option("--method", help=say("How words come into a plane."))
    ] = "pca",
    shown: CountOption = 200,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help=say("Page and picture: FILE.html and FILE.png."))
    ] = Path("vectors"),
    as_json: JsonOption = False,
) -> None:
    from yeoul.report.vector_map import project, write_map

    known = _load(vectors)
    chosen = list(words) if words else [word for word in known.words if word[:1].isalpha()][:shown]
    missing = [word for word in dict.fromkeys(chosen) if not known.covers(word)]
    if len(set(chosen)) - len(missing) < 3:
        raise DataError(
            "{count} of the words have a vector, a picture needs three or more",
            "name other words",
            values={"count": len(set(chosen)) - len(missing)},
        )
    if not out.parent.is_dir():
        raise UsageError("there is no such folder", "make it first", where=str(out.parent))
    png, page = write_map(project(known, chosen, method), out, current())
    if as_json:
        tell_json({"page": str(page), "picture": str(png), "missing": missing})
        return
    tell(say("page     {path}", {"path": page}))
    tell(say("picture  {path}", {"path": png}))
    if missing:
        tell(say("missing  {words}", {"words": ", ".join(missing)}))


def _load(source: str) -> "VectorTable":
    from yeoul.runs.folder import is_run

    if is_run(source):
        from yeoul.api.vectors import load_vectors  # with torch, which files do not need

        return load_vectors(source)
    from yeoul.data.first_vectors import vectors_path
    from yeoul.data.vectors import open_vectors

    return open_vectors(vectors_path(source))


def _tell_near(found: "Sequence[Near]") -> None:
    for near in found:
        tell(f"  {near.cosine:5.2f}  {near.word}")


def _tested(known: "VectorTable", name: str, test: "list[Any]") -> list[dict[str, Any]]:
    """Return the scores of one file of tests, each with its interval."""
    from yeoul.data.vectortests import accuracy, score_similarities
    from yeoul.text.vectortables import Answered

    if isinstance(test[0][1], str):
        found = score_similarities(known, test)
        numbers = {"known": found.known, "asked": found.asked, "held": found.held}
        return [{"name": name, "score": "spearman", "value": _ends(found.spearman), **numbers}]
    answered = known.score_analogies(test)
    whole = Answered(
        name, *(sum(getattr(one, key) for one in answered) for key in ("right", "known", "asked"))
    )
    parts = answered if len(answered) > 1 else []
    return [
        {
            "name": one.name if one is whole else f"  {one.name}",
            "score": "accuracy",
            "value": _ends(accuracy(one)),
            "known": one.known,
            "asked": one.asked,
            "held": one.known,
        }
        for one in [whole, *parts]
    ]


def _ends(value: "Interval | None") -> dict[str, float] | None:
    return None if value is None else value.to_json()


def _interval(value: Mapping[str, float] | None) -> str:
    return "–" if value is None else f"{value['value']:.3f} ({value['low']:.3f}–{value['high']:.3f})"
