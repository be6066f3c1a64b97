"""The data card of tagged sentences: what a screen or a report shows of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from yeoul.data.cards import DataFile, Sample, cut_text, whole_quantiles
from yeoul.data.splits import Ints
from yeoul.data.tags.opening import TagOrigin
from yeoul.data.tags.sentences import TaggedSentences, Words

_SAMPLES = 5
_TAGS = 100


@dataclass(frozen=True)
class TagSplit:
    """How sentences became train, validation and test."""

    official_test: bool
    official_validation: bool
    test: float | None
    """Share of all sentences; none with an official test."""
    validation: float
    """Share of the sentences that are not test, where it is not official."""
    seed: int


@dataclass(frozen=True)
class TagsCard:
    """What the sentences are, and what is strange about them."""

    source: str
    title: str
    licence: str
    files: tuple[DataFile, ...]
    form: str
    encoding: str
    encoding_detected: bool
    layer: str
    guessed_layer: bool
    layers: tuple[str, ...]
    """Those that the files have."""
    rows: int
    """Sentences that are used."""
    words: int
    untagged: int
    """Sentences with a word that has no tag, which were left out."""
    sizes: Mapping[str, int]
    word_sizes: Mapping[str, int]
    tags: Mapping[str, Mapping[str, int]]
    """Words of each tag in each split, the most frequent first, at most a hundred."""
    num_tags: int
    unseen_tags: int
    """Words of the test sentences whose tag training does not hold."""
    lengths: Mapping[str, int]
    """Quantiles of the words of a sentence."""
    duplicates: int
    """Sentences whose words occur earlier."""
    overlap: int
    """Test sentences that are also among those learned from."""
    unseen_words: Mapping[str, float]
    """Share of the words of validation and test that training does not hold."""
    ambiguous: float
    """Share of the training words that occur with several tags."""
    split: TagSplit
    samples: tuple[Sample, ...]
    fingerprint: str

    def to_json(self) -> dict[str, Any]:
        """Return the card as plain dictionaries, lists, strings and numbers: `data.json`."""
        return {
            "task": "tag",
            "source": self.source,
            "title": self.title,
            "licence": self.licence,
            "files": [asdict(file) for file in self.files],
            "form": self.form,
            "encoding": {"name": self.encoding, "detected": self.encoding_detected},
            "target": self.layer,
            "guessed": {"inputs": False, "target": self.guessed_layer},
            "layers": list(self.layers),
            "rows": self.rows,
            "words": self.words,
            "untagged": self.untagged,
            "sizes": dict(self.sizes),
            "word_sizes": dict(self.word_sizes),
            "tags": {tag: dict(counts) for tag, counts in self.tags.items()},
            "num_tags": self.num_tags,
            "unseen_tags": self.unseen_tags,
            "lengths": dict(self.lengths),
            "duplicates": self.duplicates,
            "overlap": self.overlap,
            "unseen_words": dict(self.unseen_words),
            "ambiguous": self.ambiguous,
            "split": asdict(self.split),
            "samples": [asdict(sample) for sample in self.samples],
            "fingerprint": self.fingerprint,
        }


@dataclass(frozen=True, eq=False)
class TagFindings:
    """What was read: all sentences that are used, which are equal (N,), and the layer that is asked."""

    sentences: TaggedSentences
    groups: Ints
    layer: str
    guessed_layer: bool
    untagged: int


def tags_card(
    origin: TagOrigin, found: TagFindings, parts: Mapping[str, Ints], split: TagSplit, fingerprint: str
) -> TagsCard:
    """Count what a `TagsCard` tells; `parts` are the sentences of each split."""
    sentences, first = found.sentences, next(iter(origin.parts.values()))[0]
    own = {name: sentences.select(part) for name, part in parts.items()}
    counts = {name: _counted(one.tags[found.layer]) for name, one in own.items()}
    total = sum(counts.values(), Counter[str]())
    known = set(counts["train"])
    learned = np.concatenate([parts["train"], parts["validation"]])
    frequent = sorted(total, key=lambda tag: (-total[tag], tag))[:_TAGS]
    return TagsCard(
        source=origin.source,
        title=origin.title,
        licence=origin.licence,
        files=origin.files,
        form=first.form,
        encoding=first.encoding.name,
        encoding_detected=first.encoding.detected,
        layer=found.layer,
        guessed_layer=found.guessed_layer,
        layers=tuple(sentences.tags),
        rows=len(sentences),
        words=total.total(),
        untagged=found.untagged,
        sizes={name: len(part) for name, part in parts.items()},
        word_sizes={name: count.total() for name, count in counts.items()},
        tags={tag: {name: count[tag] for name, count in counts.items()} for tag in frequent},
        num_tags=len(total),
        unseen_tags=sum(number for tag, number in counts["test"].items() if tag not in known),
        lengths=whole_quantiles(sentences.sizes),
        duplicates=len(found.groups) - len(np.unique(found.groups)),
        overlap=int(np.isin(found.groups[parts["test"]], found.groups[learned]).sum()),
        unseen_words=_unseen(own),
        ambiguous=_ambiguous(own["train"], found.layer),
        split=split,
        samples=_samples(own["train"], found.layer),
        fingerprint=fingerprint,
    )


def _counted(sentences: Words) -> Counter[str]:
    return Counter(one for words in sentences for one in words)


def _unseen(own: Mapping[str, TaggedSentences]) -> dict[str, float]:
    seen = {word for words in own["train"].words for word in words}
    shares = {}
    for name in ("validation", "test"):
        words = [word for given in own[name].words for word in given]
        shares[name] = sum(word not in seen for word in words) / max(1, len(words))
    return shares


def _ambiguous(train: TaggedSentences, layer: str) -> float:
    known: dict[str, set[str]] = {}
    for words, tags in zip(train.words, train.tags[layer], strict=True):
        for word, tag in zip(words, tags, strict=True):
            known.setdefault(word, set()).add(tag)
    words = [word for given in train.words for word in given]
    return sum(len(known[word]) > 1 for word in words) / max(1, len(words))


def _samples(train: TaggedSentences, layer: str) -> tuple[Sample, ...]:
    """Take sentences at even distances."""
    places = np.unique(np.linspace(0, len(train) - 1, min(_SAMPLES, len(train))).astype(np.int64)).tolist()
    return tuple(
        Sample(
            train.where(place), cut_text(_told(train.words[place])), cut_text(_told(train.tags[layer][place]))
        )
        for place in places
    )


def _told(words: Sequence[str]) -> str:
    return " ".join(words)
