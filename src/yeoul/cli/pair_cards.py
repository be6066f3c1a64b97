"""Describe pairs of sequences in a few lines."""

import json
import shlex
from collections.abc import Iterator, Sequence

from yeoul.cli.cards import near_lines, split_name
from yeoul.cli.figures import count
from yeoul.cli.output import one_line, table, tell
from yeoul.language import say
from yeoul.report.pair_records import PairsCard, PairSplit


def pairs_line(card: PairsCard) -> str:
    """Describe pairs in a line: how many, encoding, columns, lengths of both sides."""
    parts = [say("{count} pairs", {"count": count(card.rows)})]
    if card.encoding is not None:
        values = {"name": card.encoding.name}
        parts.append(say("{name} (detected)", values) if card.encoding.detected else card.encoding.name)
    parts.append(one_line(f"{', '.join(card.inputs)} → {card.target}", 60))
    if card.characters is not None and card.target_characters is not None:
        lengths = {"source": count(card.characters.p50), "target": count(card.target_characters.p50)}
        parts.append(say("{source} → {target} characters", lengths))
    return f"{one_line(card.source or '', 60)}  " + " · ".join(parts)


def pair_split_line(card: PairsCard) -> str:
    """Describe the splits and what truncation loses in a line."""
    parts = [f"{split_name(split)} {count(size)}" for split, size in card.sizes.items()]
    line = " · ".join(parts) + f"  ({_plan(card.split)})"
    if card.truncated is not None and card.target_truncated is not None:
        shares = {
            "source": f"{100 * card.truncated.token_share:.1f}",
            "target": f"{100 * card.target_truncated.token_share:.1f}",
        }
        line += " · " + say("{source} % of source tokens, {target} % of target tokens truncated", shares)
    return line


def pair_finding_lines(card: PairsCard) -> Iterator[str]:
    """Yield what is worth knowing before a score is read: leaks, several answers, pairs left out."""
    if card.one_sided:
        yield say("{count} rows without a source or a target are left out", {"count": count(card.one_sided)})
    if card.conflicting:
        yield say("{count} rows have a source with several targets", {"count": count(card.conflicting)})
    leaks = {side: found.get("test", 0) for side, found in card.leaks.items()}
    values = {"source": count(leaks.get("source", 0)), "target": count(leaks.get("target", 0))}
    if leaks.get("source"):
        yield say(
            "of the test rows, {source} have a source and {target} a target that training has seen", values
        )
    elif leaks.get("target"):
        yield say("of the test rows, {target} have a target that training has seen, none a source", values)
    yield from near_lines(card.near, card.rows)


def show_pairs(card: PairsCard, columns: Sequence[str] = ()) -> None:
    """Print what pairs hold, and how to train on them; `columns` were named for a file without a header."""
    rows = [(say("file"), one_line(card.title or card.source or "", 120)), (say("data"), pairs_line(card))]
    rows += [(say("split"), pair_split_line(card))]
    rows += [(say("found"), line) for line in pair_finding_lines(card)]
    for side, lengths in ((say("source"), card.characters), (say("target"), card.target_characters)):
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
        tell(f"  {one_line(sample.text, 48)}  →  {one_line(sample.target, 48)}")
    tell()
    tell(say("pairs of texts; to begin with:"))
    tell(f"  {_command(card, columns)}")


def _command(card: PairsCard, columns: Sequence[str]) -> str:
    """Write the command that trains on these pairs."""
    words = ["yeoul", "train", card.source or "", "--task", "transduce"]
    words += [word for name in card.inputs for word in ("--input", name)]
    words += ["--target", card.target or ""]
    words += [f"data.columns={json.dumps(list(columns), ensure_ascii=False)}"] if columns else []
    return shlex.join(words)


def _plan(split: PairSplit) -> str:
    test = say("official test") if split.official_test else say("random test")
    values = {"test": test, "seed": split.seed, "together": _together(split.keep_together)}
    if split.official_test and split.official_validation:
        return test
    return say("{test}, {together}, seed {seed}", values)


def _together(shared: str) -> str:
    match shared:
        case "source":
            return say("equal sources together")
        case "target":
            return say("equal targets together")
        case "both":
            return say("equal sources and targets together")
        case "sorted":
            return say("sources of the same characters together")
        case _:
            return say("row by row")
