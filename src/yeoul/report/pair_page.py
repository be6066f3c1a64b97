"""The panels of a page of pairs: scores with signatures, attention, how sure the model is, its worst answers."""

from collections.abc import Iterator, Mapping
from functools import partial

from yeoul.report import charts, findings, formats, pair_charts, panels, views
from yeoul.report.contents import Contents
from yeoul.report.drawing import Plan
from yeoul.report.facts import Fact, code, doubtful, fact, flagged, near_copies, told
from yeoul.report.formats import NOTHING, count, cut, percent
from yeoul.report.pair_contents import PairContents
from yeoul.report.pair_records import PairsCard
from yeoul.report.records import Evaluation, Lengths
from yeoul.report.weak_spots import search
from yeoul.report.words import Phrase, joined, name, say

METRICS = (
    *("exact_match", "chrf", "bleu", "rouge_1", "rouge_2", "rouge_l"),
    *("character_error_rate", "word_error_rate", "length_ratio", "perplexity", "nats_per_token"),
)
_SECTIONS = ("scores", "data", "curves", "attention", "sureness", "worst", "slices", "cost", "reproduce")
_SAMPLES = 8
_WORST = 50
_SHOWN = 60


def plans(contents: Contents, own: PairContents) -> Iterator[Plan]:
    """Return the charts that the contents ask for, those of the training apart."""
    found = contents.evaluation
    if found is None:
        return
    for place, drawn in enumerate(own.attention.rows, 1):
        words = {"text": cut(drawn.text, _SHOWN), "predicted": cut(drawn.predicted, _SHOWN)}
        label = say("attention.label", words)
        yield Plan(f"attention-{place}", label, partial(pair_charts.attention, drawn))
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


def values(contents: Contents, own: PairContents) -> Mapping[str, object]:
    """Return what the page shows beyond what the pages of all tasks do."""
    found = contents.evaluation
    parts = contents.slices.get(found.split) if found else None
    settings = {"bleu": own.told.signature.bleu, "chrf": own.told.signature.chrf}
    return {
        "verdict": views.verdict(contents),
        "boards": [views.scoreboard(one, METRICS) for one in contents.evaluations.values()],
        "sections": findings.with_weak(_SECTIONS, contents),
        "card": own.data,
        "files": own.data.files if own.data else (),
        "data_facts": pair_facts(own.data) if own.data else [],
        "samples": own.data.samples[:_SAMPLES] if own.data else (),
        "note": say("scores.pair_note", settings),
        "drawn": [
            (
                f"attention-{place}",
                say(
                    "attention.cut" if one.cut else "attention.caption",
                    {"text": cut(one.text, _SHOWN), "predicted": cut(one.predicted, _SHOWN)},
                ),
            )
            for place, one in enumerate(own.attention.rows, 1)
        ],
        "sureness": sureness(found, own) if found else [],
        "worst": own.worst[:_WORST],
        "parts": parts,
        "slice_rows": findings.slice_rows(parts) if parts else [],
        "max_slices": panels.MAX_SLICES,
        "weak": search(parts),
    }


def sureness(found: Evaluation, own: PairContents) -> list[Phrase]:
    """Say how honest the model's confidence is, what it marks unknown, and which answers were cut off."""
    error = formats.score("calibration_error", found.scores.get("calibration_error"))
    told_of, unknown = own.told, own.told.unknown
    area = told_of.roc_area
    sentences = [
        say("sureness.one_kind", {"error": error})
        if area is None
        else say("sureness.sentence", {"error": error, "area": percent(area)})
    ]
    words = {
        "rows": count(unknown.rows),
        "share": percent(unknown.share),
        "right": percent(unknown.right),
        "otherwise": percent(unknown.right_otherwise),
    }
    sentences.append(say("sureness.unknown", words))
    endless = sum(number for name, number in told_of.outcomes.items() if name != "ended")
    return [*sentences, *([say("sureness.cut", {"count": count(endless)})] if endless else [])]


def pair_facts(card: PairsCard) -> list[Fact]:
    """List what a reader must know about the pairs before believing a score."""
    encoding = card.encoding
    sides = {"source": ", ".join(card.inputs), "target": card.target or NOTHING}
    return told(
        fact("data.source", card.title or card.source),
        fact("data.licence", card.licence),
        fact("data.pairs", count(card.rows)),
        fact("data.columns", say("data.both_sides", sides)),
        fact("data.split", _division(card)),
        doubtful("data.leaked_sources", card.leaks.get("source", {}).get("test")),
        fact("data.leaked_targets", count(card.leaks.get("target", {}).get("test"))),
        near_copies(card.near),
        fact("data.several_targets", count(card.conflicting)),
        fact("data.same", count(card.same)),
        doubtful("data.one_sided", card.one_sided or None),
        fact("data.source_characters", _lengths(card.characters)),
        fact("data.target_characters", _lengths(card.target_characters)),
        fact("data.cut_sources", percent(card.truncated.token_share) if card.truncated else ""),
        fact("data.cut_targets", percent(card.target_truncated.token_share) if card.target_truncated else ""),
        fact("data.encoding", flagged("data.detected", encoding.name, encoding.detected) if encoding else ""),
        code("data.fingerprint", card.fingerprint),
    )


def _division(card: PairsCard) -> Phrase:
    """Say how many pairs each split has, and what stays together."""
    sizes = [
        Phrase(f"{name('split', split).en} {count(size)}", f"{name('split', split).ko} {count(size)}")
        for split, size in card.sizes.items()
    ]
    split = card.split
    if split.official_test and split.official_validation:
        return joined(sizes)
    return joined([*sizes, name("data.together", split.keep_together)])


def _lengths(lengths: Lengths | None) -> Phrase | None:
    if lengths is None:
        return None
    return say("data.tokens_value", {key: count(number) for key, number in lengths.model_dump().items()})
