"""`yeoul explain`: what of an input speaks for its answer, and whether that can be trusted."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from yeoul.cli.figures import NOTHING, percent
from yeoul.cli.options import DeviceOption, JsonOption, RunArgument
from yeoul.cli.output import is_terminal, one_line, printable, table, tell, tell_json, width
from yeoul.errors import DataError, UsageError
from yeoul.language import current, say

if TYPE_CHECKING:
    from yeoul.api import Run
    from yeoul.explain.explanation import Attribution, Examples, Explanation
    from yeoul.explain.measuring import Reliability
    from yeoul.explain.units import Unit

_STRONGEST = 8
_TEXT_COLUMNS = 60
_COLORS = {"for": (43, 108, 176), "against": (194, 87, 26)}
_PAPER = (250, 250, 250)
_INK = (20, 20, 20)


def explain(
    run: RunArgument,
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEXT…]", help=say("Texts whose answers to explain."), show_default=False),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help=say("A file of which to explain a row; see --row.")),
    ] = None,
    row: Annotated[
        int | None,
        typer.Option(
            "--row",
            metavar="N",
            min=1,
            help=say(
                "Which of the file's rows, counted from 1; of measurements the newest one that is read."
            ),
            show_default=False,
        ),
    ] = None,
    word: Annotated[
        int | None,
        typer.Option(
            "--word",
            metavar="N",
            min=1,
            help=say("Of tags: which word, counted from 1; without it the one the model is least sure of."),
            show_default=False,
        ),
    ] = None,
    target: Annotated[
        str,
        typer.Option(
            "--target",
            metavar="LABEL",
            help=say("Explain this label, column or next token, not the answer."),
        ),
    ] = "",
    by: Annotated[
        str, typer.Option("--by", metavar="UNIT", help=say("Parts: word, character or auto."))
    ] = "auto",
    examples: Annotated[
        int,
        typer.Option(
            "--examples", metavar="N", min=0, help=say("Tell so many training rows that have to do with it.")
        ),
    ] = 0,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html", metavar="FILE", help=say("Write an offline page as well."), show_default=False
        ),
    ] = None,
    measure: Annotated[
        int,
        typer.Option(
            "--measure",
            metavar="N",
            min=0,
            help=say("Measure over so many test rows how far each method can be trusted."),
        ),
    ] = 0,
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
) -> None:
    words = texts or []
    if html is not None and not html.absolute().parent.is_dir():
        raise UsageError("there is no such folder", "make it first", where=str(html.absolute().parent))
    if by not in ("auto", "word", "character"):
        raise UsageError(
            "{came} is no unit", "use word, character or auto", where="--by", values={"came": by}
        )
    unit = None if by == "auto" else cast("Unit", by)
    from yeoul.runs.folder import open_run

    folder = open_run(Path(run))  # what is wrong with the run is said before torch is loaded
    task = str(folder.record()["task"])
    forecasts = task == "forecast" and not measure and not words
    if not forecasts and bool(measure) + bool(words) + (file is not None) != 1:
        raise UsageError("explain takes texts, a row of a --file, or --measure", "give one of them")
    if html is not None and (measure or len(words) > (2 if task == "compare" else 1)):
        raise UsageError("--html holds one answer", "explain one text at a time")
    if word is not None and task not in ("tag", "caption"):
        raise UsageError("only tags and captions are explained word by word", "leave it out", where="--word")
    from yeoul.api import load

    opened = load(folder.path, device)
    explainer = opened.explainer(examples=examples)
    if measure:
        _measured(opened, measure, unit, as_json)
        return
    asked: Sequence[Any]
    if forecasts:
        asked = [opened.measurements(file, "", "auto")]
    elif task == "compare" and file is None:
        asked = [tuple(words)]
    elif task == "caption":
        asked = [Path(one) for one in words] if file is None else [file]
    else:
        asked = words if file is None else [_row_of(opened, file, row or 1)]
    for one in asked:
        found = explainer(one, target, unit, row if forecasts else word)
        if html is not None:
            from yeoul.report.explained import write_explanation

            write_explanation(found.to_json(), html, current())
        if as_json:
            tell_json(found.to_json(), indent=None)
            continue
        for line in _lines(found):
            tell(line)
        if html is not None:
            tell(say("page: {path}", {"path": html}))


def _measured(run: "Run", rows: int, unit: "Unit | None", as_json: bool) -> None:
    from yeoul.explain.measuring import measure

    found = measure(run.explainer().of_test_rows(rows, unit))
    if as_json:
        tell_json({"run": str(run.path), "methods": [one.to_json() for one in found]})
        return
    if not found:
        tell(say("the test rows have too few parts to tell"))
        return
    tell(say("area below the deletion curve on {rows} test rows; less is better", {"rows": found[0].rows}))
    tell()
    for line in table(list(_reliabilities(found))):
        tell(line)


def _reliabilities(found: Sequence["Reliability"]) -> Iterator[Sequence[str]]:
    yield say("method"), say("area"), say("at random"), say("lead"), say("trusted on"), ""
    for one in found:
        lead = f"{one.lead.value:+.3f} ({one.lead.low:+.3f} … {one.lead.high:+.3f})"
        verdict = say("better than random") if one.beats_random else say("do not trust")
        name = _method(one.method)
        yield name, f"{one.area:.3f}", f"{one.random_area:.3f}", lead, percent(one.trusted), verdict


def _row_of(run: "Run", file: Path, row: int) -> object:
    """Return a row of a file as the run reads it: its text, or its series (T, D)."""
    from yeoul.cli.predict import joined_texts
    from yeoul.data.columns import expanded_names, named_column
    from yeoul.data.readers import read_table
    from yeoul.data.series_cells import series_of

    data = run.data_recipe
    read = read_table(
        file, encoding=data.encoding, separator=data.separator, columns=expanded_names(data.columns)
    )
    if row > read.rows:
        raise DataError(
            "there is no row {row}, the file has {rows}",
            "count from 1",
            where=read.name,
            values={"row": row, "rows": read.rows},
        )
    if not data.inputs:
        raise UsageError("the run read a file of sources, not a column", "explain a text")
    if not run.reads_series:
        return joined_texts(read, data.inputs)[row - 1]
    cells = {
        name: read.columns[named_column(read, name)].combine_chunks().slice(row - 1, 1)
        for name in data.inputs
    }
    return series_of(cells, lambda place: f"{read.name}:{read.numbers[row - 1 + place]}")[0]


def _lines(found: "Explanation") -> Iterator[str]:
    """Yield the answer, its text in colors on a terminal, and each method."""
    sure = f"  {percent(found.value)}" if found.target else ""
    yield f"{one_line(found.shown)}{sure}" if found.shown == found.target else one_line(found.shown)
    if found.target and found.shown != found.target:
        yield say("explained: {target} ({value})", {"target": found.target, "value": percent(found.value)})
    if found.unit == "place":
        rows, columns = found.answer["grid"]
        yield say("places: row/column of {rows} × {columns}", {"rows": rows, "columns": columns})
    for one in found.attributions:
        yield ""
        yield f"{_method(one.method)}: {_moved(one) if found.task == 'forecast' else _trust(one)}"
        if is_terminal(sys.stdout) and found.unit not in ("step", "place"):
            _colored(found, one)
        yield from _strongest(found, one)
        if found.task == "forecast":
            yield from _columns(found, one)
    if found.examples is not None:
        yield from _examples(found.examples)


def _strongest(found: "Explanation", one: "Attribution") -> Iterator[str]:
    ranked = sorted(zip(one.scores, found.parts, strict=True), key=lambda pair: -abs(pair[0]))[:_STRONGEST]
    shown = [(one_line(part.text, 24) or NOTHING, f"{score:+.3g}") for score, part in ranked if score]
    room = max((width(text) for text, _ in shown), default=0)
    for text, score in shown:
        yield f"  {text}{' ' * (room - width(text))}  {score}"


def _columns(found: "Explanation", one: "Attribution") -> Iterator[str]:
    """Say how much of all that moved a forecast each column did, where it has several."""
    from yeoul.explain.explanation import by_column

    shares = by_column(one.scores, found.parts)
    if len(shares) > 1:
        told = [f"{one_line(name, 24)} {percent(share)}" for name, share in shares.items()][:_STRONGEST]
        yield "  " + say("by column: {shares}", {"shares": " · ".join(told)})


def _colored(found: "Explanation", one: "Attribution") -> None:
    """Print the text, blue where it speaks for the answer and orange where it speaks against it."""
    from rich.console import Console
    from rich.text import Text

    from yeoul.report.explained import LEVELS, marks

    written = Text()
    tokens = found.to_json()["tokens"]
    for mark in marks(found.text, tokens, one.scores):
        style = ""
        if mark.tone:
            share = int(mark.tone[-1]) / (LEVELS + 1)
            color = _COLORS[mark.tone[:-1]]
            mixed = (round(paper + (ink - paper) * share) for paper, ink in zip(_PAPER, color, strict=True))
            style = f"rgb({','.join(map(str, _INK))}) on rgb({','.join(map(str, mixed))})"
        written.append(printable(mark.text), style=style)
    Console(highlight=False, markup=False, emoji=False).print(written)


def _examples(examples: "Examples") -> Iterator[str]:
    yield ""
    yield say("of {rows} training rows", {"rows": f"{examples.rows_seen:,}"})
    for title, rows in (
        (say("most similar"), examples.similar),
        (say("taught this answer most"), examples.supporting),
        (say("taught otherwise most"), examples.opposing),
    ):
        if rows:
            yield f"  {title}"
            cells = [
                (f"{row.value:.3g}", one_line(row.label, 16), row.where, one_line(row.text, _TEXT_COLUMNS))
                for row in rows
            ]
            yield from (f"    {line}" for line in table(cells))


def _trust(one: "Attribution") -> str:
    curve = one.deletion
    values = {"area": f"{curve.area:.3f}", "random": f"{curve.random_area:.3f}"}
    match curve.trust:
        case "trusted":
            return say("better than random (area {area}, at random {random})", values)
        case "untrusted":
            return say("do not trust it: no better than random (area {area}, at random {random})", values)
        case "open":
            return say("cannot tell: chance can do as well (area {area}, at random {random})", values)


def _moved(one: "Attribution") -> str:
    """Say the same of a forecast, whose curve tells how far it has moved."""
    curve = one.deletion
    values = {"area": f"{-curve.area:.3g}", "random": f"{-curve.random_area:.3g}"}
    match curve.trust:
        case "trusted":
            return say("better than random (moves it by {area}, at random by {random})", values)
        case "untrusted":
            return say(
                "do not trust it: no better than random (moves it by {area}, at random by {random})", values
            )
        case "open":
            return say(
                "cannot tell: chance can do as well (moves it by {area}, at random by {random})", values
            )


def _method(method: str) -> str:
    from yeoul.report.explained import METHODS

    return METHODS[method].said(current())
