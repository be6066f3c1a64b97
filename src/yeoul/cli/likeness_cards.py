"""Describe pairs to compare in a few lines."""

import json
import shlex
from collections.abc import Iterator, Sequence

from yeoul.cli.cards import near_lines, split_name
from yeoul.cli.figures import count, percent
from yeoul.cli.output import one_line, table, tell
from yeoul.language import say
from yeoul.report.likeness_records import LikenessCard, LikenessSplit


def likeness_line(card: LikenessCard) -> str:
    """Describe pairs in a line: how many, encoding, columns, what is known of them."""
    parts = [say("{count} pairs", {"count": count(card.rows)})]
    if card.encoding is not None:
        values = {"name": card.encoding.name}
        parts.append(say("{name} (detected)", values) if card.encoding.detected else card.encoding.name)
    sides = " ↔ ".join(card.inputs) + (f" = {card.target}" if card.target else "")
    parts.append(one_line(sides, 60))
    parts.append(_known(card))
    return f"{one_line(card.source or '', 60)}  " + " · ".join(parts)


def likeness_split_line(card: LikenessCard) -> str:
    """Describe the splits and what truncation loses in a line."""
    parts = [f"{split_name(split)} {count(size)}" for split, size in card.sizes.items()]
    line = " · ".join(parts) + f"  ({_plan(card.split)})"
    if card.truncated is not None:
        share = {"share": f"{100 * card.truncated.token_share:.1f}"}
        line += " · " + say("{share} % of tokens truncated", share)
    return line


def likeness_finding_lines(card: LikenessCard) -> Iterator[str]:
    """Yield what is worth knowing before a score is read: pairs left out, texts seen in training."""
    if card.one_sided:
        yield say("{count} rows without one of the sides are left out", {"count": count(card.one_sided)})
    if card.astride:
        values = {"count": count(card.astride), "groups": count(card.groups)}
        yield say(
            "{count} pairs are left out whose sides would be parted: {groups} groups of texts stay together",
            values,
        )
    if card.overlap:
        yield say(
            "{count} test pairs have a side that training has seen: comparing.keep_together prevents it",
            {"count": count(card.overlap)},
        )
    yield from near_lines(card.near, card.rows)


def show_likeness(card: LikenessCard, columns: Sequence[str] = ()) -> None:
    """Print what pairs hold, and how to train on them; `columns` were named for a file without a header."""
    rows = [
        (say("file"), one_line(card.title or card.source or "", 120)),
        (say("data"), likeness_line(card)),
        (say("split"), likeness_split_line(card)),
    ]
    rows += [(say("found"), line) for line in likeness_finding_lines(card)]
    for side, name in ((say("left side"), "left"), (say("right side"), "right")):
        lengths = card.lengths.get(name)
        if lengths is not None:
            values = {
                "middle": count(lengths.p50),
                "long": count(lengths.p95),
                "longest": count(lengths.max),
            }
            rows.append((side, say("median {middle} · 95 % up to {long} · longest {longest}", values)))
    for line in table(rows):
        tell(line)
    tell()
    for sample in card.samples:
        known = f"{sample.truth:g}" if card.target else ""
        tell(f"  {one_line(sample.left, 44)}  ↔  {one_line(sample.right, 44)}  {known}".rstrip())
    tell()
    tell(say("pairs to compare; to begin with:"))
    tell(f"  {_command(card, columns)}")


def _command(card: LikenessCard, columns: Sequence[str]) -> str:
    """Write the command that trains on these pairs."""
    words = ["yeoul", "train", card.source or "", "--task", "compare"]
    words += [word for name in card.inputs for word in ("--input", name)]
    words += ["--target", card.target] if card.target else []
    words += ["series={}"] if card.series else []
    words += [f"data.columns={json.dumps(list(columns), ensure_ascii=False)}"] if columns else []
    return shlex.join(words)


def _known(card: LikenessCard) -> str:
    match card.truth:
        case "match":
            share = sum(card.matching.values()) / max(1, sum(card.sizes.values()))
            return say("{share} belong together", {"share": percent(share)})
        case "degree":
            spans = list(card.degrees.values())
            low, high = min(each.min for each in spans), max(each.max for each in spans)
            return say("degrees from {low} to {high}", {"low": f"{low:g}", "high": f"{high:g}"})
        case _:
            return say("all belong together")


def _plan(split: LikenessSplit) -> str:
    test = say("official test") if split.official_test else say("random test")
    values = {"test": test, "seed": split.seed, "together": _together(split.keep_together)}
    return say("{test}, {together}, seed {seed}", values)


def _together(shared: str) -> str:
    match shared:
        case "matching":
            return say("texts that belong together on one side")
        case "all":
            return say("texts that share a pair on one side")
        case _:
            return say("row by row")
