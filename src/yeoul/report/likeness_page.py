"""The panels of a page of comparisons: scores, how they are spread, what is found in a pool, the worst pairs."""

from collections.abc import Iterator, Mapping
from functools import partial

from yeoul.report import charts, findings, formats, likeness_charts, panels, views
from yeoul.report.contents import Contents
from yeoul.report.drawing import Plan
from yeoul.report.facts import Fact, code, doubtful, fact, flagged, near_copies, told
from yeoul.report.formats import count, percent
from yeoul.report.likeness_contents import LikenessContents
from yeoul.report.likeness_records import LikenessCard
from yeoul.report.records import Lengths
from yeoul.report.weak_spots import search
from yeoul.report.words import Phrase, joined, name, say

METRICS = (
    *("order", "whole"),
    *("roc_area", "accuracy", "average_precision", "spearman", "pearson", "mae"),
    *("mrr", "recall_1", "recall_5", "recall_10"),
)
_SECTIONS = ("scores", "data", "curves", "spread", "retrieval", "worst", "slices", "cost", "reproduce")
_WORST = 50


def plans(contents: Contents, own: LikenessContents) -> Iterator[Plan]:
    """Return the charts that the contents ask for, those of the training apart."""
    found = contents.evaluation
    if found is None:
        return
    if own.told.points:
        draw = partial(likeness_charts.points, own.told.points)
        yield Plan("points", say("likeness.points_label"), draw)
    elif own.told.distribution.edges:
        draw = partial(likeness_charts.spread, own.told.distribution, own.told.threshold)
        yield Plan("spread", say("likeness.spread_label"), draw)
    if found.calibration:
        yield Plan("calibration", say("calibration.label"), partial(charts.calibration, found.calibration))
    parts = contents.slices.get(found.split)
    if parts is not None and parts.slices:
        label = say("slices.label", {"count": len(parts.slices)})
        labels = findings.slice_labels(parts)
        yield Plan(
            "slices",
            label,
            lambda each: panels.slices(parts, [phrase.said(each) for phrase in labels], each),
        )


def values(contents: Contents, own: LikenessContents) -> Mapping[str, object]:
    """Return what the page shows beyond what the pages of all tasks do."""
    found = contents.evaluation
    parts = contents.slices.get(found.split) if found else None
    return {
        "verdict": views.verdict(contents),
        "boards": [views.scoreboard(one, METRICS) for one in contents.evaluations.values()],
        "sections": findings.with_weak(_SECTIONS, contents),
        "card": own.data,
        "files": own.data.files if own.data else (),
        "data_facts": likeness_facts(own.data) if own.data else [],
        "samples": own.data.samples if own.data else (),
        "note": say("likeness.note", {"groups": count(own.told.groups)}),
        "spread": spread_sentence(own) if found else None,
        "asked": asked_sentence(own),
        "queries": own.queries.queries,
        "worst": own.worst[:_WORST],
        "parts": parts,
        "slice_rows": findings.slice_rows(parts) if parts else [],
        "max_slices": panels.MAX_SLICES,
        "weak": search(parts),
    }


def spread_sentence(own: LikenessContents) -> Phrase:
    """Say from which score on a pair matches, or why that cannot be said."""
    threshold = own.told.threshold
    if own.told.points:
        return say("likeness.spread_degree")
    if threshold is None:
        return say("likeness.spread_none")
    error = formats.score("calibration_error", own.told.calibration_error)
    return say("likeness.spread_match", {"threshold": formats.amount(threshold), "error": error})


def asked_sentence(own: LikenessContents) -> Phrase | None:
    """Say how much was looked up in how large a pool; None where nothing was."""
    told_of = own.told.retrieval
    if told_of is None:
        return None
    words = {
        "queries": count(told_of.queries),
        "pool": count(told_of.pool),
        "rank": f"{told_of.median_rank:g}",
    }
    return say("likeness.asked", words)


def likeness_facts(card: LikenessCard) -> list[Fact]:
    """List what a reader must know about the pairs before believing a score."""
    encoding = card.encoding
    sides = dict(zip(("left", "right"), card.inputs)) if len(card.inputs) == 2 else {}
    return told(
        fact("data.source", card.title or card.source),
        fact("data.licence", card.licence),
        fact("data.pairs", count(card.rows)),
        fact("data.columns", say("data.compared", sides) if sides else None),
        fact("data.known", name("data.truth", card.truth)),
        fact("data.split", _division(card)),
        fact("data.matching", _matching(card)),
        fact("data.different", count(card.texts)),
        fact("data.tied", count(card.groups)),
        doubtful("data.seen_sides", card.overlap or None),
        near_copies(card.near),
        fact("data.astride", count(card.astride)),
        doubtful("data.lacking", card.one_sided or None),
        fact("data.equal_sides", count(card.same)),
        fact("data.left_length", _lengths(card.lengths.get("left"))),
        fact("data.right_length", _lengths(card.lengths.get("right"))),
        fact("data.encoding", flagged("data.detected", encoding.name, encoding.detected) if encoding else ""),
        code("data.fingerprint", card.fingerprint),
    )


def _matching(card: LikenessCard) -> Phrase | None:
    """Say what share of each split matches."""
    if card.truth != "match":
        return None
    shares = [
        Phrase(f"{split_name.en} {share}", f"{split_name.ko} {share}")
        for split_name, share in (
            (name("split", split), percent(rows / max(1, card.sizes[split])))
            for split, rows in card.matching.items()
        )
    ]
    return joined(shares)


def _division(card: LikenessCard) -> Phrase:
    """Say how many pairs each split has, and what stays together."""
    sizes = [
        Phrase(f"{name('split', split).en} {count(size)}", f"{name('split', split).ko} {count(size)}")
        for split, size in card.sizes.items()
    ]
    return joined([*sizes, name("data.together", card.split.keep_together)])


def _lengths(lengths: Lengths | None) -> Phrase | None:
    if lengths is None:
        return None
    return say("data.tokens_value", {key: count(number) for key, number in lengths.model_dump().items()})
