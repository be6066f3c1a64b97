"""Describe a data set in a few lines."""

from collections.abc import Mapping

from yeoul.cli.figures import count
from yeoul.cli.output import one_line
from yeoul.language import say
from yeoul.report.records import DataCard, Split

_FEW_CLASSES = 4  # so many are shown with the share of each
_MOST_CLASSES = 12


def data_line(card: DataCard) -> str:
    """Describe a data set in a line: rows, encoding, columns, classes, duplicates."""
    parts = [say("{count} rows", {"count": count(card.rows or 0)})]
    if card.encoding is not None:
        values = {"name": card.encoding.name}
        parts.append(say("{name} (detected)", values) if card.encoding.detected else card.encoding.name)
    columns = [f"{say('input')}={name}" for name in card.inputs] + [f"{say('target')}={card.target}"]
    parts.append("  ".join(one_line(column, 40) for column in columns))
    parts.append(classes_text(card.classes))
    if card.duplicates:
        parts.append(say("{count} duplicates", {"count": count(card.duplicates)}))
    return f"{one_line(card.source or '', 60)}  " + " · ".join(parts)


def classes_text(classes: Mapping[str, Mapping[str, int]]) -> str:
    """Say how many classes there are and what share of the rows each has."""
    sizes = sorted((sum(splits.values()) for splits in classes.values()), reverse=True)
    shares = [f"{100 * size / max(1, sum(sizes)):.0f}" for size in sizes]
    text = "/".join(shares) if len(shares) <= _FEW_CLASSES else f"{shares[0]}–{shares[-1]}"
    return say("{count} classes {shares} %", {"count": len(classes), "shares": text})


def split_line(card: DataCard) -> str:
    """Describe the splits and what truncation loses in a line."""
    sizes: dict[str, int] = {}
    for splits in card.classes.values():
        for split, size in splits.items():
            sizes[split] = sizes.get(split, 0) + size
    parts = [f"{_split_name(split)} {count(size)}" for split, size in sizes.items()]
    line = " · ".join(parts) + ("" if card.split is None else f"  ({_plan(card.split)})")
    if card.truncated is not None:
        share = {"share": f"{100 * card.truncated.token_share:.1f}"}
        line += " · " + say("{share} % of tokens truncated", share)
    return line


def _plan(split: Split) -> str:
    test = say("official test") if split.test is None else say("random test")
    return say("{test}, stratified, seed {seed}", {"test": test, "seed": split.seed})


def _split_name(split: str) -> str:
    match split:
        case "train":
            return say("train")
        case "validation":
            return say("validation")
        case "test":
            return say("test")
        case _:
            return split


def card_rows(card: DataCard) -> list[tuple[str, str]]:
    """Describe a data set in rows of a name and a value."""
    guessed = say(" (guessed)")
    encoding = "" if card.encoding is None else card.encoding.name
    rows = [
        (say("file"), card.source or ""),
        (say("rows"), count(card.rows or 0)),
        (say("encoding"), encoding),
        (say("separator"), "TAB" if card.separator == "\t" else card.separator or ""),
        (say("input"), ", ".join(card.inputs) + (guessed if card.guessed.inputs else "")),
        (say("target"), (card.target or "") + (guessed if card.guessed.target else "")),
        (say("classes"), classes_text(card.classes)),
    ]
    biggest = sorted(card.classes.items(), key=lambda entry: -sum(entry[1].values()))
    rows += [
        ("", f"{one_line(label, 30)}  {count(sum(splits.values()))}")
        for label, splits in biggest[:_MOST_CLASSES]
    ]
    if len(biggest) > _MOST_CLASSES:
        rows.append(("", say("… and {count} more", {"count": len(biggest) - _MOST_CLASSES})))
    if card.characters is not None:
        lengths = card.characters
        values = {"middle": count(lengths.p50), "long": count(lengths.p95), "longest": count(lengths.max)}
        rows.append(
            (say("characters"), say("median {middle} · 95 % up to {long} · longest {longest}", values))
        )
    rows += [
        (say("empty texts"), count(sum((card.empty_texts or {}).values()))),
        (say("duplicates"), count(card.duplicates or 0)),
        (say("same text, other label"), count(card.conflicting or 0)),
        (say("test texts also in train"), count(card.overlap or 0)),
        (say("texts not in NFC"), count(card.non_nfc or 0)),
    ]
    return rows
