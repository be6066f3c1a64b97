"""Describe a long text in a few lines."""

from yeoul.cli.cards import split_name
from yeoul.cli.figures import compact, count, percent
from yeoul.cli.output import one_line, table, tell
from yeoul.data.corpora.checkup import TextCheckup
from yeoul.language import say
from yeoul.report.text_records import Division, TextCard


def text_line(card: TextCard) -> str:
    """Describe a text in a line: size, encoding, tokens, how many of them are unknown."""
    size = sum(part.characters for part in card.parts.values())
    if card.is_sound:
        from yeoul.sound.mu_law import RATE  # slow to import

        values = {"count": count(size), "seconds": f"{size / RATE:,.1f}"}
        sound = say("{count} samples, {seconds} s at 8,000 a second", values)
        return f"{one_line(card.source or '', 60)}  {sound}"
    parts = [say("{count} characters", {"count": count(size)})]
    lines = sum(part.lines for part in card.parts.values())
    parts.append(say("{count} lines", {"count": count(lines)}))
    if card.encoding is not None:
        values = {"name": card.encoding.name}
        parts.append(say("{name} (detected)", values) if card.encoding.detected else card.encoding.name)
    if card.vocabulary is not None:
        values = {"unit": str(card.unit), "size": count(card.vocabulary)}
        parts.append(say("{size} different tokens ({unit})", values))
    if card.blank:
        parts.append(say("{count} blank lines left out", {"count": count(card.blank)}))
    return f"{one_line(card.source or '', 60)}  " + " · ".join(parts)


def parts_line(card: TextCard) -> str:
    """Describe the parts in a line, and how the text was divided."""
    parts = []
    for name, part in card.parts.items():
        size = part.characters if part.tokens is None else part.tokens
        values = {"part": split_name(name), "count": compact(size)}
        told = (
            say("{part} {count} samples", values)
            if card.is_sound
            else say("{part} {count} characters", values)
            if part.tokens is None
            else say("{part} {count} tokens", values)
        )
        if part.unknown_share:
            told += " " + say("({share} unknown)", {"share": percent(part.unknown_share)})
        if part.known_lines:
            told += " " + say("({count} lines stand in training, too)", {"count": count(part.known_lines)})
        parts.append(told)
    return " · ".join(parts) + f"  ({division(card.split)})"


def show_text(found: TextCheckup) -> None:
    """Print what a text holds, and how to train on it."""
    encoding = say("{name} (detected)", {"name": found.encoding}) if found.detected else found.encoding
    repeated = {"count": count(found.repeated_lines), "blank": count(found.blank_lines)}
    rows = [
        (say("file"), found.source),
        (say("encoding"), encoding),
        (say("texts"), count(found.texts)),
        (say("characters"), f"{count(found.characters)} ({count(found.bytes)} bytes)"),
        (say("different"), count(found.letters)),
        (say("words"), count(found.words)),
        (say("lines"), count(found.lines) + "  " + say("{blank} blank, {count} repeated", repeated)),
    ]
    for line in table(rows):
        tell(line)
    tell()
    for sample in found.samples:
        tell(f"  {one_line(sample, 76)}")
    tell()
    if not found.trainable:
        tell(say("too short to be trained on: add lines, of which some are held out for the test"))
        return
    tell(say("a text to be continued; to begin with:"))
    tell(f"  {found.command}")


def division(split: Division) -> str:
    """Say how a text was divided."""
    match split.how:
        case "official":
            return say("official parts")
        case "documents":
            return say("in order, whole documents")
        case "drawn":
            return say("lines drawn, seed {seed}", {"seed": split.seed})
        case _:
            return say("in order, the end is the test")
