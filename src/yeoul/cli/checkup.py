"""Show what the data doctor found: files, columns, labels, lengths, oddities, and a recipe to begin with."""

from collections.abc import Iterator

from yeoul.cli.figures import compact, count
from yeoul.cli.output import one_line, table, tell
from yeoul.data.checkup import CheckedFile, Checkup
from yeoul.data.oddities import Oddity
from yeoul.data.oddity_sentences import said
from yeoul.data.profiles import ColumnKind, Profile
from yeoul.language import say

_MOST_CLASSES = 12
_MOST_COLUMNS = 40


def show_checkup(checkup: Checkup) -> None:
    """Print a checkup on the standard output."""
    for line in table([(name, one_line(value, 200)) for name, value in _facts(checkup)]):
        tell(line)
    tell()
    header = (say("column"), say("holds"), say("different"), say("empty"), say("longest"), "")
    rows = [(one_line(name, 30), *_column(checkup, name, each)) for name, each in checkup.profiles.items()]
    for line in table([header, *rows[:_MOST_COLUMNS]]):
        tell(line)
    if len(rows) > _MOST_COLUMNS:
        tell(say("… and {count} more", {"count": len(rows) - _MOST_COLUMNS}))
    tell()
    if not checkup.oddities:
        tell(say("nothing odd was found"))
    for oddity in checkup.oddities:
        tell(f"! {one_line(said(oddity), 160)}{_places(oddity)}")
    tell()
    for sample in checkup.samples:
        tell(f"{sample.where}  {one_line(sample.target, 20)}  {one_line(sample.text, 60)}")
    tell()
    if checkup.advice is None:
        tell(say("no recipe is suggested: name a text column with --input and a label column with --target"))
        return
    tell(say("# a recipe to begin with; save it as recipe.toml and run: yeoul train recipe.toml"))
    for line in checkup.advice.recipe.rstrip().splitlines():
        tell(line)
    tell()
    tell(say("# or in one line"))
    tell(checkup.advice.command)


def _facts(checkup: Checkup) -> Iterator[tuple[str, str]]:
    yield say("file"), checkup.source
    if checkup.note:
        yield say("known"), checkup.note
    yield say("rows"), count(checkup.rows)
    for file in checkup.files:
        yield "", _file(file)
    first = checkup.files[0]
    yield say("encoding"), first.encoding
    yield say("separator"), "TAB" if first.separator == "\t" else first.separator
    columns, guessed = checkup.columns, say(" (guessed)")
    inputs = ", ".join(columns.inputs)
    yield say("input"), inputs + (guessed if inputs and columns.guessed_inputs else "") or say("none")
    yield (
        say("target"),
        columns.target + (guessed if columns.guessed_target else "") if columns.target else say("none"),
    )
    yield from _targets(checkup)
    if checkup.characters is not None:
        lengths = checkup.characters
        values = {
            "middle": count(lengths["p50"]),
            "long": count(lengths["p95"]),
            "longest": count(lengths["max"]),
        }
        yield say("characters"), say("median {middle} · 95 % up to {long} · longest {longest}", values)
    if checkup.advice is not None and checkup.advice.tokens is not None:
        tokens = checkup.advice.tokens
        values = {
            "middle": count(tokens["p50"]),
            "long": count(tokens["p95"]),
            "longest": count(tokens["max"]),
        }
        yield say("tokens"), say("median {middle} · 95 % up to {long} · longest {longest}", values)
        if checkup.advice.truncated_rows is not None and checkup.advice.truncated_tokens is not None:
            shares = {
                "rows": f"{100 * checkup.advice.truncated_rows:.1f}",
                "tokens": f"{100 * checkup.advice.truncated_tokens:.1f}",
            }
            yield (
                "",
                say("at the suggested length {rows} % of the texts lose {tokens} % of all tokens", shares),
            )


def _file(file: CheckedFile) -> str:
    values = {"name": file.name, "rows": count(file.rows), "blank": count(file.blank_rows)}
    if not file.blank_rows:
        return f"{file.name}  {count(file.rows)}"
    return say("{name}  {rows}, beside {blank} blank ones", values)


def _targets(checkup: Checkup) -> Iterator[tuple[str, str]]:
    if checkup.target_quantiles is not None:
        spread = checkup.target_quantiles
        values = {name: f"{spread[name]:g}" for name in ("min", "p50", "max")}
        yield say("numbers"), say("from {min} to {max}, median {p50}", values)
    elif checkup.classes:
        several = checkup.target_kind == "labels"
        yield say("classes"), count(len(checkup.classes)) + (say(" (several a row)") if several else "")
        for label, splits in list(checkup.classes.items())[:_MOST_CLASSES]:
            shares = " + ".join(count(rows) for rows in splits.values())
            yield "", f"{one_line(label, 30)}  {shares}"
        if len(checkup.classes) > _MOST_CLASSES:
            yield "", say("… and {count} more", {"count": len(checkup.classes) - _MOST_CLASSES})
        if several and any(checkup.unlabelled.values()):
            yield "", say("{count} rows without any", {"count": count(sum(checkup.unlabelled.values()))})


def _column(checkup: Checkup, name: str, profile: Profile) -> tuple[str, str, str, str, str]:
    role = say("input") if name in checkup.columns.inputs else ""
    role = say("target") if name == checkup.columns.target else role
    return (
        _holds(profile.kind),
        compact(profile.distinct),
        compact(profile.empty),
        compact(profile.longest),
        role,
    )


def _holds(kind: ColumnKind) -> str:
    match kind:
        case "empty":
            return say("nothing")
        case "constant":
            return say("one value")
        case "integer":
            return say("whole numbers")
        case "number":
            return say("numbers")
        case "date":
            return say("dates")
        case "list":
            return say("lists")
        case "label":
            return say("labels")
        case "identifier":
            return say("identifiers")
        case "text":
            return say("text")


def _places(oddity: Oddity) -> str:
    if not oddity.places:
        return ""
    more = " …" if oddity.count > len(oddity.places) else ""
    return f"  ({', '.join(oddity.places)}{more})"
