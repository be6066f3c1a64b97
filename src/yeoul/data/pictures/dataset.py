"""From a recipe's `[data]` and `[pictures]` to pictures with captions in three splits, with a card about them."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.data.datasets import DEFAULT_TEST
from yeoul.data.opening import shown_name
from yeoul.data.pictures.captioned import Captioned
from yeoul.data.pictures.cards import CaptionFindings, CaptionsCard, CaptionSplit, captions_card
from yeoul.data.pictures.features import open_features
from yeoul.data.pictures.likeness import same_pictures
from yeoul.data.pictures.opening import CaptionOrigin, open_captioned
from yeoul.data.pictures.pixelcache import squares_key
from yeoul.data.pictures.reading import Reason, unusable
from yeoul.data.pictures.vision import VisionModel
from yeoul.data.splits import stratified_split
from yeoul.errors import DataError
from yeoul.language import say
from yeoul.recipe import DataRecipe, PicturesRecipe

_MOST_UNUSABLE = 0.01
"""Of the pictures; with more the data is not what it is taken for."""
Ints = npt.NDArray[np.int64]
_SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class CaptionedDataset:
    """Pictures with captions in three splits; `fingerprint` is equal for equal files and captions in equal splits."""

    name: str
    train: Captioned
    validation: Captioned
    test: Captioned
    card: CaptionsCard
    fingerprint: str

    @property
    def splits(self) -> dict[str, Captioned]:
        return {"train": self.train, "validation": self.validation, "test": self.test}


def load_captioned(data: DataRecipe, pictures: PicturesRecipe, seed: int) -> CaptionedDataset:
    """Read, check and split the pictures that recipes name.

    Official splits are kept as they are, unless `data.test` asks for another: then all pictures are pooled and split
    anew. Equal pictures never straddle a split made here. Pictures that cannot be used are left out and counted, at
    most one of a hundred. Raises `DataError` for data that cannot be used as it is, and `RecipeError` when no source
    is named.
    """
    origin = open_captioned(data)
    findings = _read(origin, pictures)
    found = findings.pictures
    official = [origin.described.splits.get(name, "") for name in found.names]
    kept = data.test is None and "test" in official
    split = CaptionSplit(
        official_test=kept,
        official_validation=kept and "validation" in official,
        test=None if kept else (DEFAULT_TEST if data.test is None else data.test),
        validation=data.validation,
        seed=seed,
    )
    parts = _split(np.array(official), findings.same, split)
    for name, part in parts.items():
        if not len(part):
            raise DataError(
                "{rows} pictures are too few: none is left for {split}",
                "add other pictures",
                where=origin.name,
                values={"rows": len(found), "split": name},
            )
    own = {name: found.select(part) for name, part in parts.items()}
    sums = dict(zip(origin.described.captions, origin.sums))
    fingerprint = _fingerprint(own.values(), sums)
    card = captions_card(origin, findings, parts, split, fingerprint)
    return CaptionedDataset(origin.name, own["train"], own["validation"], own["test"], card, fingerprint)


def read_new_captioned(data: DataRecipe, pictures: PicturesRecipe) -> Captioned:
    """Read all pictures with captions of a folder or file, in the order in which the captions name them."""
    return _read(open_captioned(data), pictures).pictures


def _read(origin: CaptionOrigin, recipe: PicturesRecipe) -> CaptionFindings:
    """Decode the pictures and keep those that can be used."""
    captions = origin.described.captions
    names = tuple(captions)
    if not names:
        raise DataError("no picture has a caption", "write one for each picture", where=origin.name)
    squares = origin.squares(recipe.size)
    _refuse_many(origin, names, squares.unusable)
    places = np.setdiff1d(np.arange(len(names)), list(squares.unusable))
    vectors = open_features(Path(recipe.features), names) if recipe.features else None
    if recipe.vision:
        known_by = squares_key(origin.sums, recipe.size)
        vectors = VisionModel.open(recipe.vision, recipe.size).look_once(squares.pixels, known_by)
    whole = Captioned(
        names,
        "" if origin.folder is None else shown_name(origin.folder),
        pa.array(list(chain.from_iterable(captions.values())), pa.string()),
        np.concatenate([np.zeros(1, np.int64), np.cumsum([len(texts) for texts in captions.values()])]),
        squares.pixels,
        np.arange(len(names)),
        vectors,
    )
    found = whole if len(places) == len(names) else whole.select(places)
    same = same_pictures(squares.pixels)[places]
    unusable_names = {names[place]: why for place, why in squares.unusable.items()}
    return CaptionFindings(found, same, squares.sides[places], unusable_names)


def _refuse_many(origin: CaptionOrigin, names: Sequence[str], bad: Mapping[int, Reason]) -> None:
    if len(bad) > _MOST_UNUSABLE * len(names):
        first = min(bad)
        told = unusable(bad[first], names[first])
        raise DataError(
            "{count} of {pictures} pictures cannot be used, at most 1 % may be left out; the first: {first}",
            "mend or remove them",
            where=origin.name,
            values={
                "count": len(bad),
                "pictures": len(names),
                "first": f"{names[first]}: {say(told.problem, told.values)}",
            },
        )


def _split(official: npt.NDArray[np.str_], same: Ints, split: CaptionSplit) -> dict[str, Ints]:
    """Return the pictures of train, validation and test; `official` (N,) holds what their makers say, or nothing."""
    if split.test is not None:
        rest = 1 - split.test
        validation = rest * split.validation
        shares = (rest - validation, validation, split.test)
        return dict(zip(_SPLITS, _cut(np.arange(len(same)), same, shares, split.seed)))
    parts: dict[str, Ints] = {name: np.flatnonzero(official == name) for name in _SPLITS}
    if not split.official_validation:
        learned = (1 - split.validation, split.validation)
        parts["train"], parts["validation"] = _cut(parts["train"], same, learned, split.seed)
    return parts


def _cut(rows: Ints, same: Ints, shares: tuple[float, ...], seed: int) -> list[Ints]:
    """Cut pictures into parts of these shares, equal ones (of all) always together."""
    parts = stratified_split(np.zeros(len(rows), np.int8), same[rows], shares, seed)
    return [rows[part] for part in parts]


def _fingerprint(parts: Iterable[Captioned], sums: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"pictures {len(part)}\n".encode())
        for name, texts in zip(part.names, part.references()):
            told = [sums[name], *texts]
            digest.update(f"{' '.join(str(len(text)) for text in told)}\n{''.join(told)}\n".encode())
    return digest.hexdigest()
