"""Describe tagged sentences in a few lines."""

import csv
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from yeoul.cli.cards import split_name
from yeoul.cli.figures import count, percent
from yeoul.cli.output import one_line, table, tell
from yeoul.language import say
from yeoul.report.tag_records import TagsCard, TagSplit
from yeoul.spreadsheets import plain

_FEW_TAGS = 6
_SAMPLE_WORDS = 12
_SENTENCE_COLUMNS = 90


def tags_line(card: TagsCard) -> str:
    """Describe tagged sentences in a line: how many, encoding, form, layer, tags."""
    parts = [say("{count} sentences, {words} words", {"count": count(card.rows), "words": count(card.words)})]
    if card.encoding is not None:
        values = {"name": card.encoding.name}
        parts.append(say("{name} (detected)", values) if card.encoding.detected else card.encoding.name)
    parts.append(f"{card.form} · {one_line(card.target, 40)}")
    parts.append(say("{count} tags", {"count": count(card.num_tags)}))
    if card.duplicates:
        parts.append(say("{count} duplicates", {"count": count(card.duplicates)}))
    return f"{one_line(card.source or '', 60)}  " + " · ".join(parts)


def tag_split_line(card: TagsCard) -> str:
    """Describe the splits in a line."""
    parts = [f"{split_name(split)} {count(size)}" for split, size in card.sizes.items()]
    return " · ".join(parts) + f"  ({_plan(card.split)})"


def tag_finding_lines(card: TagsCard) -> Iterator[str]:
    """Yield what is worth knowing before a score is read: unseen words, leaks, sentences left out."""
    if "test" in card.unseen_words and card.ambiguous is not None:
        values = {"unseen": percent(card.unseen_words["test"]), "several": percent(card.ambiguous)}
        yield say(
            "{unseen} of the test words are not in training; {several} of the training words have several tags",
            values,
        )
    if card.overlap:
        yield say("{count} test sentences are also among those learned from", {"count": count(card.overlap)})
    if card.untagged:
        values = {"count": count(card.untagged)}
        yield say("{count} sentences with a word without a tag are left out", values)
    if card.unseen_tags:
        values = {"count": count(card.unseen_tags)}
        yield say("{count} test words have a tag that training does not hold", values)


def show_tags(card: TagsCard) -> None:
    """Print what tagged sentences hold, and how to train on them."""
    rows = [(say("file"), one_line(card.title or card.source or "", 120)), (say("data"), tags_line(card))]
    rows += [(say("split"), tag_split_line(card))]
    rows += [(say("found"), line) for line in tag_finding_lines(card)]
    rows.append((say("tags"), _most_frequent(card.tags)))
    if len(card.layers) > 1:
        rows.append((say("layers"), one_line(", ".join(card.layers), 100)))
    if card.lengths is not None:
        lengths = {
            "middle": count(card.lengths.p50),
            "long": count(card.lengths.p95),
            "longest": count(card.lengths.max),
        }
        rows.append((say("words"), say("median {middle} · 95 % up to {long} · longest {longest}", lengths)))
    for line in table(rows):
        tell(line)
    tell()
    for sample in card.samples:
        tell(f"  {one_line(_tagged(sample.text.split(), sample.target.split()), _SENTENCE_COLUMNS)}")
    tell()
    tell(say("tagged sentences; to begin with:"))
    words = ["yeoul", "train", card.source or "", "--task", "tag"]
    words += ["--target", card.target] if len(card.layers) > 1 else []
    tell(f"  {shlex.join(words)}")


def sample_tags(predictions: Path, number: int = 3) -> list[str]:
    """Show sentences of a `predictions.csv` at even distances, as lines: each word with its tag, wrong ones marked."""
    if not predictions.is_file():
        return []
    sentences: dict[str, list[Mapping[str, str]]] = {}
    with open(predictions, encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            sentences.setdefault(row["where"], []).append({name: plain(cell) for name, cell in row.items()})
    found = list(sentences.values())
    places = (
        sorted({(2 * place + 1) * len(found) // (2 * number) for place in range(number)}) if found else []
    )
    lines = []
    for place in places:
        words = [
            f"{row['text']}/{row['predicted']}"
            + (
                ""
                if row["predicted"] == row["target"]
                else say(" (wrong: {target})", {"target": row["target"]})
            )
            for row in found[place][:_SAMPLE_WORDS]
        ]
        lines.append(one_line(" ".join(words) + (" …" if len(found[place]) > _SAMPLE_WORDS else ""), 160))
    return lines


def _tagged(words: Sequence[str], tags: Sequence[str]) -> str:
    return " ".join(f"{word}/{tag}" for word, tag in zip(words, tags, strict=False))


def _most_frequent(tags: Mapping[str, Mapping[str, int]]) -> str:
    sizes = {tag: sum(splits.values()) for tag, splits in tags.items()}
    total = max(1, sum(sizes.values()))
    shown = [f"{one_line(tag, 20)} {percent(size / total)}" for tag, size in list(sizes.items())[:_FEW_TAGS]]
    return " · ".join(shown) + (" …" if len(sizes) > _FEW_TAGS else "")


def _plan(split: TagSplit) -> str:
    test = say("official test") if split.official_test else say("random test")
    if split.official_test and split.official_validation:
        return test
    values = {"test": test, "seed": split.seed}
    return say("{test}, equal sentences together, seed {seed}", values)
