"""Describe pictures with captions in a few lines."""

import json
import shlex
from collections.abc import Iterator, Sequence

from yeoul.cli.cards import split_name
from yeoul.cli.figures import count
from yeoul.cli.output import one_line, table, tell
from yeoul.language import say
from yeoul.report.caption_records import CaptionsCard, CaptionSplit
from yeoul.report.records import Lengths

_NAMES = 3


def captions_line(card: CaptionsCard) -> str:
    """Describe pictures in a line: how many, how many captions, encoding, columns."""
    values = {"pictures": count(card.rows), "captions": count(sum(card.captions.values()))}
    parts = [say("{pictures} pictures with {captions} captions", values)]
    if card.encoding is not None and card.files:
        name = {"name": card.encoding.name}
        parts.append(say("{name} (detected)", name) if card.encoding.detected else card.encoding.name)
    parts.append(one_line(f"{', '.join(card.inputs)} → {card.target}", 60))
    if card.words is not None:
        parts.append(say("{words} words", {"words": count(card.words.p50)}))
    return f"{one_line(card.source or '', 60)}  " + " · ".join(parts)


def caption_split_line(card: CaptionsCard) -> str:
    """Describe the splits and what truncation loses in a line."""
    parts = [f"{split_name(split)} {count(size)}" for split, size in card.sizes.items()]
    line = " · ".join(parts) + f"  ({_plan(card.split)})"
    if card.target_truncated is not None:
        share = {"share": f"{100 * card.target_truncated.token_share:.1f}"}
        line += " · " + say("{share} % of tokens truncated", share)
    return line


def caption_finding_lines(card: CaptionsCard) -> Iterator[str]:
    """Yield what is worth knowing before a score is read: pictures left out, and the same one on both sides."""
    if card.unusable:
        names = ", ".join(card.unusable_names[:_NAMES])
        reasons = ", ".join(f"{_reason(reason)} {count(number)}" for reason, number in card.unusable.items())
        values = {
            "count": count(sum(card.unusable.values())),
            "reasons": reasons,
            "names": one_line(names, 80),
        }
        yield say("{count} pictures cannot be used and are left out ({reasons}): {names}", values)
    if card.unlisted:
        yield say(
            "{count} pictures are in no official part and are left out", {"count": count(card.unlisted)}
        )
    if card.blank_rows:
        yield say("{count} rows have no picture or no caption", {"count": count(card.blank_rows)})
    if card.duplicates:
        yield say("{count} pictures are equal to an earlier one", {"count": count(card.duplicates)})
    leaks = card.leaks.get("test", {})
    if leaks.get("alike"):
        values = {"alike": count(leaks["alike"]), "equal": count(leaks.get("equal", 0))}
        yield say(
            "of the test pictures, {alike} look like one that training has seen, {equal} are equal to one",
            values,
        )


def show_captions(card: CaptionsCard, columns: Sequence[str] = ()) -> None:
    """Print what pictures with captions hold, and how to train on them; `columns` were named for a file."""
    rows = [
        (say("file"), one_line(card.title or card.source or "", 120)),
        (say("data"), captions_line(card)),
        (say("split"), caption_split_line(card)),
    ]
    rows += [(say("found"), line) for line in caption_finding_lines(card)]
    width, height = card.sides.get("width"), card.sides.get("height")
    if width is not None and height is not None:
        values = {
            "width": _span(width),
            "height": _span(height),
            "middle": f"{count(width.p50)}×{count(height.p50)}",
        }
        rows.append((say("pixels"), say("{width} wide · {height} high · median {middle}", values)))
    if card.captions_each is not None:
        least, most = count(card.captions_each.min), count(card.captions_each.max)
        told = say("{count} of each picture", {"count": least})
        if least != most:
            told = say("from {least} to {most} of a picture", {"least": least, "most": most})
        rows.append((say("captions"), told))
    if card.characters is not None:
        lengths = card.characters
        values = {"middle": count(lengths.p50), "long": count(lengths.p95), "longest": count(lengths.max)}
        rows.append(
            (say("characters"), say("median {middle} · 95 % up to {long} · longest {longest}", values))
        )
    for line in table(rows):
        tell(line)
    tell()
    for sample in card.samples:
        tell(f"  {one_line(sample.text, 40)}  →  {one_line(sample.target, 70)}")
    tell()
    tell(say("pictures with captions; to begin with:"))
    tell(f"  {_command(card, columns)}")


def _command(card: CaptionsCard, columns: Sequence[str]) -> str:
    """Write the command that trains on these pictures."""
    words = ["yeoul", "train", card.source or "", "--task", "caption"]
    if not (card.guessed.inputs or card.split.official_test):
        words += [word for name in card.inputs for word in ("--input", name)]
        words += ["--target", card.target or ""]
    words += [f"data.columns={json.dumps(list(columns), ensure_ascii=False)}"] if columns else []
    return shlex.join(words)


def _span(lengths: Lengths) -> str:
    least, most = count(lengths.min), count(lengths.max)
    return least if least == most else f"{least}–{most}"


def _plan(split: CaptionSplit) -> str:
    test = say("official test") if split.official_test else say("random test")
    if split.official_test and split.official_validation:
        return test
    values = {"test": test, "seed": split.seed, "together": say("equal pictures together")}
    return say("{test}, {together}, seed {seed}", values)


def _reason(reason: str) -> str:
    match reason:
        case "missing":
            return say("not there")
        case "empty":
            return say("empty file")
        case "kind":
            return say("no JPEG, PNG or WebP")
        case "large":
            return say("too large")
        case _:
            return say("damaged")
