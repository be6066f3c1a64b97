"""Open the pictures with captions that a recipe names: a folder, a file of captions, a public or a drawn set."""

import hashlib
import os
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath

import numpy as np

from yeoul.data import catalog
from yeoul.data.cards import DataFile
from yeoul.data.datasets import data_path
from yeoul.data.embedded import EMBEDDED, EmbeddedSet
from yeoul.data.opening import locate, shown_name
from yeoul.data.pictures.described import SPLIT_OF, Described, described_by, read_descriptions, read_names
from yeoul.data.pictures.pixelcache import Squares, squares
from yeoul.data.pictures.reading import ENDINGS
from yeoul.errors import DataError, RecipeError
from yeoul.files import sha256
from yeoul.recipe import DataRecipe

_TELLING = ("token", "caption", "annotation", "description", "dataset", "캡션", "설명")
"""What stands in the names of files of captions."""
_TABLES = (".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".gz")
_LISTS = (
    ("trainimages", "train"),
    ("devimages", "validation"),
    ("valimages", "validation"),
    ("testimages", "test"),
)
"""What stands in the names of the lists of official parts, as Flickr8k has them."""
_ANNOTATIONS = "annotations"
_COCO = "captions_"
_TRIED = 50
_NOWHERE = "\ufffd"
"""What a name that leads out of the folder stands for: no picture."""


@dataclass(frozen=True, eq=False)
class CaptionOrigin:
    """What is known about pictures with captions before anything is decoded."""

    name: str
    source: str
    title: str
    licence: str
    files: tuple[DataFile, ...]
    """Those of the captions."""
    described: Described
    folder: Path | None
    """Where the pictures lie; none where they are drawn."""
    drawn: EmbeddedSet | None = None

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """The files of the pictures, whether they are there or not."""
        return () if self.folder is None else tuple(_located(self.folder, self.described.captions))

    @cached_property
    def sums(self) -> tuple[str, ...]:
        """Checksums of the pictures; of those that are not there, or are drawn, something in their place."""
        if self.folder is None:
            told = [[self.name, name, *texts] for name, texts in self.described.captions.items()]
            return tuple(hashlib.sha256("\n".join(each).encode()).hexdigest() for each in told)
        return tuple(sha256(path) if path.is_file() else "" for path in self.paths)

    def squares(self, size: int) -> Squares:
        """Return the pictures as squares, decoded or drawn."""
        if self.drawn is not None and self.drawn.pictures is not None:
            return Squares(self.drawn.pictures(size), np.zeros((len(self.described.captions), 2), np.int64))
        return squares(self.paths, self.sums, size)

    @property
    def pictures(self) -> DataFile:
        """The pictures as one file of a card: its checksum is that of their names and checksums."""
        digest, names = hashlib.sha256(), self.described.captions
        for name, found in sorted(zip(names, self.sums)):
            digest.update(f"{found}  {name}\n".encode())
        size = sum(path.stat().st_size for path in self.paths if path.is_file())
        return DataFile("" if self.folder is None else shown_name(self.folder), digest.hexdigest(), size)


def open_captioned(recipe: DataRecipe) -> CaptionOrigin:
    """Find the captions that a recipe names and where their pictures lie.

    Raises `DataError` for what has no captions or no pictures, and `RecipeError` when no source is named.
    """
    if not recipe.source:
        raise RecipeError(
            "no data is named", "name a file, or a public set of `yeoul data list`", where="data.source"
        )
    if recipe.source in EMBEDDED:
        return _open_drawn(EMBEDDED[recipe.source], recipe)
    entry = catalog.CATALOG.get(recipe.source)
    if entry is not None:
        return _open_public(entry, recipe)
    path = data_path(recipe.source)
    return _open_folder(path, recipe) if path.is_dir() else _open_file(path, recipe)


def caption_files(folder: Path) -> list[Path]:
    """Return the files of a folder that may hold the captions of its pictures, the likeliest alone where one is."""
    inside = [path for path in _inside(folder) if path.is_file()]
    found = [path for path in inside if path.suffix.lower() in _TABLES and not _part_of(path)]
    telling = [path for path in found if any(word in shown_name(path).lower() for word in _TELLING)]
    return telling if len(telling) == 1 else found


def has_captions(folder: Path) -> bool:
    """Tell whether a folder has files that may hold the captions of its pictures."""
    notes = locate(folder / _ANNOTATIONS)
    return bool(caption_files(folder)) or (notes is not None and bool(_told_apart(notes)))


def picture_folders(folder: Path) -> list[Path]:
    """Return the folder itself and those in it, down to the second, that hold pictures, by how they are named."""
    inside = [folder, *filter(Path.is_dir, _inside(folder))]
    deeper = [path for each in inside[1:] for path in _inside(each) if path.is_dir()]
    return [path for path in (*inside, *deeper) if any(map(_is_picture, _inside(path)))]


def _open_drawn(made: EmbeddedSet, recipe: DataRecipe) -> CaptionOrigin:
    _refuse_without_captions(made.name, made.task, made.pictures is not None)
    described = described_by(made.table(), recipe.inputs or made.inputs, recipe.target or made.target)
    return CaptionOrigin(made.name, recipe.source, made.title, made.licence, (), described, None, made)


def _open_public(entry: catalog.CatalogEntry, recipe: DataRecipe) -> CaptionOrigin:
    found = catalog.find(entry)
    paths, form = found.paths, found.form
    _refuse_without_captions(entry.name, entry.task, "captions" in paths)
    for file in form.files:
        catalog.check(file, found.folder / file.name)
    if paths["captions"].is_dir():
        origin = _open_coco(paths["captions"], recipe)
    else:
        parts = {part: path for part, path in paths.items() if part in SPLIT_OF.values()}
        origin = _opened(paths["captions"], parts, [paths["images"]], recipe)
    return replace(origin, name=entry.name, title=entry.title, licence=entry.licence)


def _open_folder(folder: Path, recipe: DataRecipe) -> CaptionOrigin:
    notes = locate(folder / _ANNOTATIONS)
    if notes is not None and _told_apart(notes):
        return _open_coco(notes, recipe)
    found, name = caption_files(folder), shown_name(folder)
    if not found:
        raise DataError(
            "the folder has no file that tells the captions of its pictures",
            "put a table with the columns image and caption beside them",
            where=name,
        )
    if len(found) > 1:
        raise DataError(
            "the folder has several files that may hold the captions: {files}",
            "name one of them",
            where=name,
            values={"files": ", ".join(shown_name(path) for path in found[:6])},
        )
    return replace(_open_file(found[0], recipe), name=name)


def _open_file(path: Path, recipe: DataRecipe) -> CaptionOrigin:
    beside = [each for each in _inside(path.parent) if each.is_file()]
    parts = {part: each for each in reversed(beside) if (part := _part_of(each))}
    return _opened(path, parts, picture_folders(path.parent), recipe)


def _opened(
    path: Path, parts: Mapping[str, Path], folders: Sequence[Path], recipe: DataRecipe
) -> CaptionOrigin:
    described = read_descriptions(path, recipe)
    if not described.splits and {"train", "test"} <= parts.keys():
        described = described.listed({part: read_names(listed) for part, listed in parts.items()})
    else:
        parts = {}
    name = Path(shown_name(path).removesuffix(".gz")).stem
    files = tuple(DataFile.of(each) for each in (path, *parts.values()))
    folder = _folder_of(described, folders, shown_name(path))
    return CaptionOrigin(name, recipe.source, "", "", files, described, folder)


def _open_coco(notes: Path, recipe: DataRecipe) -> CaptionOrigin:
    """Open a folder of annotations with the folders of pictures beside it; the validation part is the test."""
    captions: dict[str, tuple[str, ...]] = {}
    parts: dict[str, list[str]] = {}
    files, last = list[DataFile](), None
    for path in _told_apart(notes):
        own = path.stem.removeprefix(_COCO)
        last = read_descriptions(path, recipe)
        named = {f"{own}/{name}": texts for name, texts in last.captions.items()}
        captions |= named
        part = SPLIT_OF.get(own.rstrip("0123456789"), "train")
        parts.setdefault("test" if part == "validation" else part, []).extend(named)
        files.append(DataFile.of(path))
    if last is None:
        raise DataError(
            "the folder has no file that tells the captions of its pictures",
            "put a table with the columns image and caption beside them",
            where=shown_name(notes),
        )
    described = replace(last, captions=captions)
    described = described.listed(parts) if len(parts) > 1 else described
    home = notes.parent
    return CaptionOrigin(shown_name(home), recipe.source, "", "", tuple(files), described, home)


def _told_apart(notes: Path) -> list[Path]:
    """Return the files of captions in a folder of annotations, one for each part."""
    return sorted(notes.glob(f"{_COCO}*.json"))


def _folder_of(described: Described, folders: Sequence[Path], name: str) -> Path:
    """Return the folder that holds the most of the pictures that are named first."""
    tried = list(described.captions)[:_TRIED]
    counts = [sum(path.is_file() for path in _located(folder, tried)) for folder in folders]
    if not any(counts):
        raise DataError(
            "none of the pictures that the captions name is there, such as {picture}",
            "put the file of captions beside the pictures or above their folder",
            where=name,
            values={"picture": tried[0] if tried else ""},
        )
    return folders[counts.index(max(counts))]


def _located(folder: Path, names: Iterable[str]) -> list[Path]:
    """Return the paths of files in or below a folder, as the disk spells them; no other file is ever named."""
    spelled = {unicodedata.normalize("NFC", path.name): path for path in _inside(folder)}
    return [spelled.get(name) or _below(folder, name) for name in names]


def _below(folder: Path, name: str) -> Path:
    inside = PurePosixPath(name)
    if inside.is_absolute() or ".." in inside.parts or "\0" in name or not inside.parts:
        return folder / _NOWHERE
    return locate(folder / inside) or folder / inside


def _part_of(path: Path) -> str:
    """Return the official part that a list of pictures is of, by its name."""
    name = path.name.lower()
    return next((part for word, part in _LISTS if word in name and path.suffix.lower() == ".txt"), "")


def _inside(folder: Path) -> list[Path]:
    """Return what a folder holds, hidden things left out."""
    try:
        names = [name for name in os.listdir(folder) if not name.startswith(".")]
    except OSError as error:
        raise DataError(
            "the folder cannot be read: {reason}",
            "check its permissions",
            where=shown_name(folder),
            values={"reason": error.strerror or type(error).__name__},
        ) from error
    return [folder / name for name in sorted(names)]


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS and path.is_file()


def _refuse_without_captions(name: str, task: str, has_captions: bool) -> None:
    if not has_captions:
        raise DataError(
            "the public set {name} has no pictures with captions: it is for the task {task}",
            "`yeoul data list` tells which sets are for caption",
            where=name,
            values={"name": name, "task": task},
        )
