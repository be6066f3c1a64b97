"""Describe a data set in a few lines."""

from collections.abc import Iterator, Mapping

from yeoul.cli.figures import count
from yeoul.cli.output import one_line
from yeoul.data.near import MOST_EDITS
from yeoul.language import say
from yeoul.report.records import DataCard, NearRows, Split, Vectors

_FEW_CLASSES = 4  # so many are shown with the share of each


def data_line(card: DataCard) -> str:
    """Describe a data set in a line: rows, encoding, columns, classes, duplicates."""
    parts = [say("{count} rows", {"count": count(card.rows or 0)})]
    if card.encoding is not None:
        values = {"name": card.encoding.name}
        parts.append(say("{name} (detected)", values) if card.encoding.detected else card.encoding.name)
    columns = [f"{say('input')}={name}" for name in card.inputs] + [f"{say('target')}={card.target}"]
    parts.append("  ".join(one_line(column, 40) for column in columns))
    parts.append(targets_text(card))
    if card.duplicates:
        parts.append(say("{count} duplicates", {"count": count(card.duplicates)}))
    return f"{one_line(card.source or '', 60)}  " + " · ".join(parts)


def targets_text(card: DataCard) -> str:
    """Say what the targets are like: classes with their shares, several labels a row, or numbers."""
    match card.target_kind:
        case "class":
            return classes_text(card.classes)
        case "labels":
            given = sum(sum(splits.values()) for splits in card.classes.values())
            mean = given / max(1, card.rows or 0)
            return say("{count} labels, {mean} a row", {"count": len(card.classes), "mean": f"{mean:.1f}"})
        case "number":
            spans = list(card.target_quantiles.values())
            low, high = min(each.min for each in spans), max(each.max for each in spans)
            return say("numbers from {low} to {high}", {"low": f"{low:g}", "high": f"{high:g}"})


def classes_text(classes: Mapping[str, Mapping[str, int]]) -> str:
    """Say how many classes there are and what share of the rows each has."""
    sizes = sorted((sum(splits.values()) for splits in classes.values()), reverse=True)
    shares = [f"{100 * size / max(1, sum(sizes)):.0f}" for size in sizes]
    text = "/".join(shares) if len(shares) <= _FEW_CLASSES else f"{shares[0]}–{shares[-1]}"
    return say("{count} classes {shares} %", {"count": len(classes), "shares": text})


def split_line(card: DataCard) -> str:
    """Describe the splits and what truncation loses in a line."""
    parts = [f"{split_name(split)} {count(size)}" for split, size in _sizes(card).items()]
    line = " · ".join(parts) + ("" if card.split is None else f"  ({_plan(card.split)})")
    if card.truncated is not None:
        share = {"share": f"{100 * card.truncated.token_share:.1f}"}
        line += " · " + say("{share} % of tokens truncated", share)
    return line


def near_lines(near: NearRows | None, rows: int) -> Iterator[str]:
    """Yield what is known of rows that a split of so many puts on both sides but for a few letters."""
    if near is None:
        return
    if near.rows is None:
        yield say(
            "near copies across the split are not looked for in {rows} rows: `yeoul data check --leaks FILE` does",
            {"rows": count(rows)},
        )
    elif sum(near.rows.values()):
        more = " …" if sum(near.rows.values()) > len(near.places) else ""
        values: dict[str, object] = {split: count(number) for split, number in near.rows.items()}
        values |= {"edits": MOST_EDITS, "places": one_line(", ".join(near.places), 160) + more}
        yield say(
            "{validation} validation and {test} test rows are training rows but for up to {edits} letters,"
            " so scores come out too good: {places}",
            values,
        )


def vectors_line(vectors: Vectors) -> str:
    """Say how many tokens start from vectors of a file, and how much of the texts these are."""
    values = {
        "source": vectors.source,
        "covered": count(vectors.covered),
        "tokens": count(vectors.tokens),
        "share": f"{100 * vectors.share:.1f}",
    }
    return say("{source} · {covered} of {tokens} tokens, {share} % of the training text", values)


def _sizes(card: DataCard) -> dict[str, int]:
    if card.sizes:
        return card.sizes
    sizes: dict[str, int] = {}  # of a run that an older version made
    for splits in card.classes.values():
        for split, size in splits.items():
            sizes[split] = sizes.get(split, 0) + size
    return sizes


def _plan(split: Split) -> str:
    test = say("official test") if split.test is None else say("random test")
    return say("{test}, stratified, seed {seed}", {"test": test, "seed": split.seed})


def split_name(split: str) -> str:
    """Name a part of the data."""
    match split:
        case "train":
            return say("train")
        case "validation":
            return say("validation")
        case "test":
            return say("test")
        case _:
            return split
