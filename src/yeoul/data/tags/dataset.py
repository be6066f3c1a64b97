"""From a recipe's `[data]` to tagged sentences in three splits, with a card that tells all about them."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.data.datasets import DEFAULT_TEST, data_path
from yeoul.data.splits import Ints, duplicate_groups, stratified_split
from yeoul.data.tags.cards import TagFindings, TagsCard, TagSplit, tags_card
from yeoul.data.tags.opening import TagOrigin, open_tagged, read_any
from yeoul.data.tags.sentences import TaggedSentences
from yeoul.errors import DataError, nearest
from yeoul.recipe import DataRecipe

_USUAL = ("upos", "entities", "xpos", "tag")


@dataclass(frozen=True, eq=False)
class TaggedDataset:
    """Tagged sentences in three splits; `fingerprint` is equal for equal sentences in equal splits."""

    name: str
    train: TaggedSentences
    validation: TaggedSentences
    test: TaggedSentences
    layer: str
    """The tags that are asked."""
    card: TagsCard
    fingerprint: str
    seen: npt.NDArray[np.bool_]
    """(N,) test sentences that are among the training or validation sentences too."""

    @property
    def splits(self) -> dict[str, TaggedSentences]:
        return {"train": self.train, "validation": self.validation, "test": self.test}


def load_tagged(recipe: DataRecipe, seed: int) -> TaggedDataset:
    """Read, check and split the sentences that `recipe` names; `recipe.target` names the layer of tags.

    Official splits are kept as they are, unless `recipe.test` asks for another: then all sentences are pooled and
    split anew. Equal sentences never straddle a split made here. Sentences with a word that has no tag are left out
    and counted. Raises `DataError` for data that cannot be used as it is, and for layers that there are not.
    """
    origin = open_tagged(recipe)
    found, part_of_row = _findings(origin, recipe.target)
    official = recipe.test is None and "test" in origin.parts
    split = TagSplit(
        official_test=official,
        official_validation=official and "validation" in origin.parts,
        test=None if official else (DEFAULT_TEST if recipe.test is None else recipe.test),
        validation=recipe.validation,
        seed=seed,
    )
    places = {name: np.flatnonzero(part_of_row == place) for place, name in enumerate(origin.parts)}
    parts = _split(places, found.groups, split)
    for name, part in parts.items():
        if not len(part):
            raise DataError(
                "{rows} sentences are too few: none is left for {split}",
                "add other sentences",
                where=origin.name,
                values={"rows": len(found.sentences), "split": name},
            )
    own = {name: found.sentences.select(part) for name, part in parts.items()}
    fingerprint = _fingerprint(own.values(), found.layer)
    card = tags_card(origin, found, parts, split, fingerprint)
    learned = found.groups[np.concatenate([parts["train"], parts["validation"]])]
    seen = np.isin(found.groups[parts["test"]], learned)
    return TaggedDataset(
        origin.name, own["train"], own["validation"], own["test"], found.layer, card, fingerprint, seen
    )


def read_new_tagged(recipe: DataRecipe, layer: str) -> TaggedSentences:
    """Read all tagged sentences of `recipe.source`; raise `DataError` where `layer` is not there."""
    texts = read_any(data_path(recipe.source), recipe)
    sentences = TaggedSentences.of([texts])
    if layer not in sentences.tags:
        raise _no_layer(layer, list(sentences.tags), texts.name)
    kept = _whole(sentences, layer)
    if not len(kept):
        raise DataError("no sentence has a tag for every word", "tag them first", where=texts.name)
    return sentences.select(kept)


def _findings(origin: TagOrigin, wanted: str) -> tuple[TagFindings, Ints]:
    """Return all sentences whose words have tags, and the part (N,) of each."""
    files = list(chain.from_iterable(origin.parts.values()))
    whole = TaggedSentences.of(files)
    layer = wanted or _guessed(list(whole.tags))
    if layer not in whole.tags:
        raise _no_layer(layer, list(whole.tags), origin.name)
    part_of_file = np.repeat(np.arange(len(origin.parts)), [len(own) for own in origin.parts.values()])
    kept = _whole(whole, layer)
    sentences = whole.select(kept)
    groups = duplicate_groups(pa.array(sentences.texts(), pa.large_string()))
    found = TagFindings(sentences, groups, layer, not wanted, len(whole) - len(kept))
    return found, part_of_file[sentences.file_index]


def _whole(sentences: TaggedSentences, layer: str) -> Ints:
    """Return the places of sentences whose words all have a tag."""
    return np.flatnonzero(np.array([all(tags) for tags in sentences.tags[layer]], bool))


def _guessed(layers: Sequence[str]) -> str:
    """Choose among layers of tags that nobody named: a usual one, else the last, where columns hold the finest."""
    return next((name for name in _USUAL if name in layers), layers[-1])


def _no_layer(name: str, known: Sequence[str], where: str) -> DataError:
    near = nearest(name, known)
    if near:
        return DataError(
            "there are no tags called {name}; the file has {known}",
            "did you mean {near}?",
            where=where,
            values={"name": name, "known": ", ".join(known), "near": near},
        )
    return DataError(
        "there are no tags called {name}; the file has {known}",
        "name one of these",
        where=where,
        values={"name": name, "known": ", ".join(known)},
    )


def _split(places: Mapping[str, Ints], groups: Ints, split: TagSplit) -> dict[str, Ints]:
    """Return the sentences of train, validation and test."""
    if split.test is not None:
        rest = 1 - split.test
        validation = rest * split.validation
        rows = np.sort(np.concatenate(list(places.values())))
        shares = (rest - validation, validation, split.test)
        return dict(zip(("train", "validation", "test"), _cut(rows, groups, shares, split.seed), strict=True))
    if split.official_validation:
        return {name: places[name] for name in ("train", "validation", "test")}
    train, validation_rows = _cut(
        places["train"], groups, (1 - split.validation, split.validation), split.seed
    )
    return {"train": train, "validation": validation_rows, "test": places["test"]}


def _cut(rows: Ints, groups: Ints, shares: tuple[float, ...], seed: int) -> list[Ints]:
    parts = stratified_split(np.zeros(len(rows), np.int8), groups[rows], shares, seed)
    return [rows[part] for part in parts]


def _fingerprint(parts: Iterable[TaggedSentences], layer: str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"sentences {len(part)}\n".encode())
        for column in (part.words, part.tags[layer]):
            for words in column:
                digest.update("\t".join(words).encode("utf-8") + b"\n")
    return digest.hexdigest()
