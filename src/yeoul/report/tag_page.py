"""The panels of a page of tags: each tag, what is taken for what, spans and their errors, the worst sentences."""

from collections.abc import Iterator, Mapping
from functools import partial

from yeoul.report import charts, findings, formats, panels, views
from yeoul.report.contents import Contents
from yeoul.report.drawing import Plan
from yeoul.report.facts import Fact, code, doubtful, fact, flagged, told
from yeoul.report.formats import NOTHING, count, percent
from yeoul.report.records import Evaluation, Lengths
from yeoul.report.tag_contents import TagContents
from yeoul.report.tag_records import TagsCard
from yeoul.report.weak_spots import search
from yeoul.report.words import Phrase, joined, name, say

METRICS = ("span_f1", "span_f1_relaxed", "accuracy", "unseen_accuracy", "macro_f1", "sentences_right")
_SECTIONS = ("scores", "data", "curves", "tags", "spans", "sureness", "worst", "slices", "cost", "reproduce")
_SAMPLES = 8
_WORST = 50
_TAG_ROWS = 100
_FREQUENT = 8


def plans(contents: Contents, own: TagContents) -> Iterator[Plan]:
    """Return the charts that the contents ask for, those of the training apart."""
    if own.data is not None and own.data.tags:
        label = say("tags.balance_label", {"count": len(own.data.tags)})
        yield Plan("balance", label, partial(charts.balance, own.data.tags))
    found = contents.evaluation
    if found is None:
        return
    if found.confusion:
        places = charts.largest_classes(found.confusion, charts.MAX_CLASSES)
        labels = [found.labels[place] for place in places]
        counts = [[found.confusion[row][column] for column in places] for row in places]
        label = say("tags.confusion_label", {"count": len(places)})
        yield Plan("confusion", label, partial(charts.confusion, labels, counts))
    if found.calibration:
        yield Plan("calibration", say("calibration.label"), partial(charts.calibration, found.calibration))
    parts = contents.slices.get(found.split)
    if parts is not None and parts.slices:
        label = say("slices.label", {"count": len(parts.slices)})
        named = findings.slice_labels(parts)
        yield Plan(
            "slices",
            label,
            lambda each: panels.slices(parts, [phrase.said(each) for phrase in named], each),
        )


def values(contents: Contents, own: TagContents) -> Mapping[str, object]:
    """Return what the page shows beyond what the pages of all tasks do."""
    found = contents.evaluation
    parts = contents.slices.get(found.split) if found else None
    spans = own.told.spans
    return {
        "verdict": views.verdict(contents),
        "boards": [views.scoreboard(one, METRICS, "tags.caption") for one in contents.evaluations.values()],
        "sections": [
            section for section in findings.with_weak(_SECTIONS, contents) if section != "spans" or spans
        ],
        "card": own.data,
        "files": own.data.files if own.data else (),
        "data_facts": tag_facts(own.data) if own.data else [],
        "samples": own.data.samples[:_SAMPLES] if own.data else (),
        "note": say("tags.note", {"words": count(own.told.words), "unseen": count(own.told.unseen_words)}),
        "tag_rows": own.told.per_tag[:_TAG_ROWS],
        "all_tags": len(own.told.per_tag),
        "max_classes": charts.MAX_CLASSES,
        "confused": own.told.confused,
        "spans": spans,
        "errors": [(name("spans.error", kind), count(number)) for kind, number in spans.errors.items()]
        if spans
        else [],
        "sureness": sureness(found, own) if found else None,
        "worst": own.worst[:_WORST],
        "parts": parts,
        "slice_rows": findings.slice_rows(parts) if parts else [],
        "max_slices": panels.MAX_SLICES,
        "weak": search(parts),
    }


def sureness(found: Evaluation, own: TagContents) -> Phrase:
    """Say how well the model's confidence tells right tags from wrong ones."""
    if own.told.roc_area is None:
        return say("tags.one_kind")
    return say("tags.sureness", {"area": percent(own.told.roc_area), "bins": len(found.calibration)})


def tag_facts(card: TagsCard) -> list[Fact]:
    """List what a reader must know about the sentences before believing a score."""
    encoding = card.encoding
    return told(
        fact("data.source", card.title or card.source),
        fact("data.licence", card.licence),
        fact("data.form", name("data.form", card.form)),
        fact(
            "data.sentences",
            say("data.sentences_words", {"rows": count(card.rows), "words": count(card.words)}),
        ),
        fact("data.layer", _layer(card)),
        fact("data.tags", _frequent(card)),
        fact("data.split", _division(card)),
        fact("data.unseen_words", percent(card.unseen_words.get("test"))),
        fact("data.ambiguous", percent(card.ambiguous)),
        fact("data.duplicates", count(card.duplicates)),
        doubtful("data.overlap_sentences", card.overlap or None),
        doubtful("data.untagged", card.untagged or None),
        doubtful("data.unseen_tags", card.unseen_tags or None),
        fact("data.sentence_lengths", _lengths(card.lengths)),
        fact("data.word_lengths", _lengths(card.letters)),
        fact("data.vectors", _vectors(card)),
        fact("data.encoding", flagged("data.detected", encoding.name, encoding.detected) if encoding else ""),
        code("data.fingerprint", card.fingerprint),
    )


def _layer(card: TagsCard) -> Phrase:
    values = {"layer": card.target, "tags": count(card.num_tags)}
    return say("data.layer_guessed" if card.guessed.target else "data.layer_named", values)


def _frequent(card: TagsCard) -> str:
    sizes = {tag: sum(splits.values()) for tag, splits in card.tags.items()}
    shown = [f"{tag} {percent(size / max(1, card.words))}" for tag, size in list(sizes.items())[:_FREQUENT]]
    return " · ".join(shown) + (" …" if len(sizes) > _FREQUENT else "")


def _division(card: TagsCard) -> Phrase:
    """Say how many sentences each split has."""
    sizes = [
        Phrase(f"{name('split', split).en} {count(size)}", f"{name('split', split).ko} {count(size)}")
        for split, size in card.sizes.items()
    ]
    if card.split.official_test and card.split.official_validation:
        return joined([*sizes, say("data.official_parts")])
    return joined([*sizes, say("data.equal_sentences")])


def _vectors(card: TagsCard) -> Phrase | str:
    known = card.vectors
    if known is None:
        return ""
    words = {"source": known.source, "covered": count(known.covered), "tokens": count(known.tokens)}
    return say("data.vectors_value", {**words, "share": percent(known.share)})


def _lengths(lengths: Lengths | None) -> Phrase | str:
    if lengths is None:
        return NOTHING
    shown = {key: formats.count(number) for key, number in lengths.model_dump().items()}
    return say("data.tokens_value", shown)
