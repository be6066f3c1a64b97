"""`yeoul predict`: label or answer texts from the command line, a file, a pipe or a prompt."""

import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from yeoul.cli.likeness_teller import compares_pairs, in_pairs, paired_cells
from yeoul.cli.options import DeviceOption, EncodingOption, RunArgument
from yeoul.cli.output import one_line, shifted, tell, tell_json
from yeoul.cli.tellers import TELLERS, Teller, Wanted, branches
from yeoul.errors import DataError, UsageError
from yeoul.language import say

if TYPE_CHECKING:
    from yeoul.api import Run
    from yeoul.data.readers import Table
    from yeoul.recipe import SearchRecipe

_READ_BYTES = 1 << 16


def predict(
    run: RunArgument,
    texts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TEXT…|-]", help=say("Texts, or - for lines of the standard input."), show_default=False
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help=say(
                "CSV, TSV, JSONL or Parquet whose rows to label, or a text with a source a line; - is a pipe."
            ),
        ),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            metavar="COL",
            help=say("Text column of the file, if not the run's."),
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=say("Write the labeled rows to a CSV file."))
    ] = None,
    best: Annotated[
        int,
        typer.Option(
            "--best", metavar="N", min=1, help=say("Of texts that are written: show so many answers.")
        ),
    ] = 1,
    begin: Annotated[
        str, typer.Option("--begin", metavar="TEXT", help=say("What every answer begins with."))
    ] = "",
    words: Annotated[
        list[str] | None,
        typer.Option(
            "--say",
            metavar="WORD",
            help=say("What every answer says somewhere; may be given more than once."),
            show_default=False,
        ),
    ] = None,
    search: Annotated[
        list[str] | None,
        typer.Option(
            "--search",
            metavar="KEY=VALUE",
            help=say("A key of [search] for these answers, such as beam=10, groups=5 or temperature=0.8."),
            show_default=False,
        ),
    ] = None,
    tree: Annotated[
        bool, typer.Option("--tree", help=say("Of texts that are written: show all that the search kept."))
    ] = False,
    encoding: EncodingOption = "auto",
    device: DeviceOption = "auto",
    as_json: Annotated[bool, typer.Option("--json", help=say("Print a JSON object a line."))] = False,
) -> None:
    asked = texts or []
    if file is None and (out is not None or inputs or encoding != "auto"):
        raise UsageError("--out, --input and --encoding belong to --file", "add --file FILE")
    if file is not None and asked:
        raise UsageError("texts and --file are two different wishes", "give one of them")
    from yeoul.runs.folder import open_run

    folder = open_run(Path(run))  # what is wrong with the run is said before torch is loaded
    from yeoul.api import load

    opened = load(folder.path, device)
    _check(opened.record["task"], best > 1 or bool(search), bool(begin or words or tree))
    if tree and best > 1:
        raise UsageError("--tree shows all that the search kept", "leave --best out")
    wanted = Wanted(best, asked_search(opened, search or ()), begin, tuple(words or ()))
    if tree:
        _show_trees(opened, asked, wanted, as_json)
        return
    asked = in_pairs(asked) if compares_pairs(opened) else asked
    teller = TELLERS.get(opened.record["task"], TELLERS["classify"])(opened, wanted)
    if file is not None and opened.record["task"] == "caption":
        raise UsageError("pictures are named by their paths, not in a table", "yeoul predict RUN PICTURE…")
    if file is not None:
        names = tuple(inputs or opened.data_recipe.inputs)
        table, names = _read(opened, file, names, encoding)
        _predict_file(opened, teller, table, file, names, out, as_json)
    elif asked == ["-"] or (not asked and not sys.stdin.isatty()):
        for lines in arriving_lines(sys.stdin.buffer):
            _show(teller, lines, teller.answer(lines), as_json)
    elif asked:
        _show(teller, asked, teller.answer(asked), as_json)
    else:
        _converse(teller, as_json)


def _check(task: str, searches: bool, wishes: bool) -> None:
    """Refuse what a model of such a task cannot do."""
    if searches and task not in ("transduce", "caption"):
        raise UsageError("--best and --search belong to models that write texts", "leave them out")
    if wishes and task != "transduce":
        raise UsageError("--begin, --say and --tree belong to models of pairs", "leave them out")


def asked_search(run: "Run", settings: Sequence[str]) -> "SearchRecipe | None":
    """Return the search of a run with some keys set anew, None without any.

    Raises `RecipeError` for a key or a value that there is not.
    """
    from yeoul.recipefile import parse_value, resolve

    if not settings:
        return None
    changes = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise UsageError(
                "a setting was expected, {came!r} came",
                "write KEY=VALUE, such as beam=10",
                where="--search",
                values={"came": setting},
            )
        changes[f"search.{key.removeprefix('search.')}"] = parse_value(value)
    return resolve((run.path / "resolved.toml").read_text("utf-8"), "--search", changes).recipe.search


def _read(run: "Run", file: Path, names: tuple[str, ...], encoding: str) -> tuple["Table", tuple[str, ...]]:
    """Return the rows of a file, and the names of the columns that a model reads."""
    from yeoul.data.columns import expanded_names
    from yeoul.data.readers import read_table

    data = run.data_recipe
    encoding = data.encoding if encoding == "auto" else encoding
    if run.record["task"] == "transduce":
        from yeoul.data.pairs.opening import read_sources

        return read_sources(data.model_copy(update={"encoding": encoding}), file, names)
    columns = expanded_names(data.columns)
    return read_table(file, encoding=encoding, separator=data.separator, columns=columns), names


def _show_trees(run: "Run", texts: Sequence[str], wanted: Wanted, as_json: bool) -> None:
    """Show what the beam kept on its way to the answer of each text."""
    if not texts or texts == ["-"]:
        raise UsageError("--tree shows the texts of the command line", "yeoul predict RUN TEXT --tree")
    translator = run.translator
    search = wanted.search or translator.search
    for text in texts:
        grown = translator.tree(text, search, translator.wishes(search.beam, wanted.begin, wanted.words))
        if as_json:
            levels = [
                [{**twig, "text": translator.spelled(twig["token"])} for twig in level]
                for level in grown.records()
            ]
            tell_json({"text": text, "tree": levels}, indent=None)
            continue
        tell(one_line(text))
        for line in branches(translator, grown):
            tell(f"  {line}")


def arriving_lines(stream: BinaryIO) -> Iterator[list[str]]:
    """Yield the lines of a UTF-8 stream as they come: what has arrived together is answered together."""
    rest, number = b"", 1
    read = getattr(stream, "read1", stream.read)
    while block := read(_READ_BYTES):
        *lines, rest = (rest + block).split(b"\n")
        if lines:
            yield [_decoded(line, number + place) for place, line in enumerate(lines)]
            number += len(lines)
    if rest:
        yield [_decoded(rest, number)]


def _decoded(line: bytes, number: int) -> str:
    try:
        return line.removesuffix(b"\r").decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            "the line is not UTF-8", "convert the text, for instance with iconv", where=f"stdin:{number}"
        ) from error


def _show(teller: Teller, texts: Sequence[str], answers: Sequence[Any], as_json: bool) -> None:
    for text, answer in zip(texts, answers, strict=True):
        if as_json:
            tell_json({"text": text, **teller.record(answer)}, indent=None)
            continue
        for line in teller.lines(text, answer):
            tell(line)


def _converse(teller: Teller, as_json: bool) -> None:
    """Answer what is typed, line by line, until Ctrl-D."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  makes the prompt editable
    tell(teller.asks)
    while True:
        try:
            text = input("> ")
        except EOFError:
            tell()
            return
        if not text.strip():
            continue
        answers = teller.answer([text])
        if as_json:
            _show(teller, [text], answers, as_json)
            continue
        for answer in answers:
            for line in teller.spoken(answer):
                tell(shifted(line))


def _predict_file(
    run: "Run",
    teller: Teller,
    table: "Table",
    file: Path,
    names: tuple[str, ...],
    out: Path | None,
    as_json: bool,
) -> None:
    from yeoul.data.opening import existing_source

    if compares_pairs(run):
        texts = paired_cells(table, names)
        answers = teller.answer(texts)
    elif run.reads_series:
        texts, answers = _answered_series(run, table, names)
    else:
        texts = joined_texts(table, names)
        answers = teller.answer(texts)
    if out is None:
        _show(teller, texts, answers, as_json)
        return
    if out.exists() and out.samefile(existing_source(file)):
        raise UsageError("this would overwrite the file that is read", "choose another name", where=str(out))
    if not out.absolute().parent.is_dir():
        raise UsageError("there is no such folder", "make it first", where=str(out.absolute().parent))
    _write_rows(table, [teller.cells(answer) for answer in answers], out)
    if as_json:
        tell_json({"file": str(out), "rows": table.rows})
    else:
        tell(say("{rows} rows written to {path}", {"rows": f"{table.rows:,}", "path": out}))


def _answered_series(run: "Run", table: "Table", names: Sequence[str]) -> tuple[list[str], Sequence[Any]]:
    """Return the numbers of each row as they stand in the file, and its answer."""
    from yeoul.data.columns import named_column
    from yeoul.data.series_cells import series_of
    from yeoul.tasks.classification.inputs import Series

    columns = {name: table.columns[named_column(table, name)].combine_chunks() for name in names}
    values, lengths = series_of(columns, lambda row: f"{table.name}:{table.numbers[row]}")
    cells = zip(*(column.to_pylist() for column in columns.values()), strict=True)
    return [" ".join(row) for row in cells], run.predict(Series(values, lengths))


def joined_texts(table: "Table", names: Sequence[str]) -> list[str]:
    """Return the text of each row as training read it: its columns joined by line breaks, composed (NFC)."""
    from unicodedata import normalize

    from yeoul.data.columns import named_column
    from yeoul.data.examples import joined_columns

    columns = [named_column(table, name) for name in names]
    return [normalize("NFC", text) for text in joined_columns(table, columns).to_pylist()]


def _write_rows(table: "Table", told: Sequence[dict[str, str]], out: Path) -> None:
    from yeoul.files import write_bytes
    from yeoul.spreadsheets import spreadsheet

    columns = [column.to_pylist() for column in table.columns.values()]
    names = [_free_name(name, table) for name in (told[0] if told else ("predicted",))]
    rows = ((*cells, *one.values()) for cells, one in zip(zip(*columns, strict=True), told, strict=True))
    write_bytes(out, spreadsheet((*table.columns, *names), rows))


def _free_name(name: str, table: "Table") -> str:
    while name in table.columns:
        name += "_"
    return name
