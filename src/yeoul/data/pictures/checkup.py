"""What pictures with captions hold, before anything is trained on them."""

from pathlib import Path

from yeoul.data import catalog
from yeoul.data.embedded import EMBEDDED
from yeoul.data.opening import PIPE, locate, open_bytes
from yeoul.data.pictures.cards import CaptionsCard
from yeoul.data.pictures.dataset import load_captioned
from yeoul.data.pictures.described import read_descriptions
from yeoul.data.pictures.opening import has_captions, picture_folders
from yeoul.data.pictures.reading import ENDINGS
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe, PicturesRecipe

_SEED = 42
_HEAD_BYTES = 1 << 16


def known_captions(recipe: DataRecipe) -> bool:
    """Tell whether the source is a public or built-in set of pictures with captions."""
    entry = EMBEDDED.get(recipe.source) or catalog.CATALOG.get(recipe.source)
    return entry is not None and entry.task == "caption"


def is_album(source: str) -> bool:
    """Tell whether the source is a folder of pictures with a file that may tell their captions."""
    path = None if source == PIPE else locate(Path(source))
    try:
        return path is not None and path.is_dir() and bool(picture_folders(path)) and has_captions(path)
    except DataError:
        return False


def looks_captioned(recipe: DataRecipe) -> bool:
    """Tell whether the source is a folder of pictures, or a file that tells the captions of pictures beside it."""
    if recipe.source in (*EMBEDDED, *catalog.CATALOG, PIPE, ""):
        return False
    path = locate(Path(recipe.source))
    if path is None:
        return False
    try:
        if path.is_dir():
            return bool(picture_folders(path))
        if not _names_pictures(path):
            return False
        names = list(read_descriptions(path, recipe).captions)[:1]
        return any(
            (folder / name).is_file() for folder in picture_folders(path.absolute().parent) for name in names
        )
    except DataError:
        return False


def _names_pictures(path: Path) -> bool:
    """Tell whether the beginning of a file has the ending of a picture's name."""
    with open_bytes(path) as file:
        head = file.read(_HEAD_BYTES).lower()
    return any(ending.encode() in head for ending in ENDINGS)


def check_captions(recipe: DataRecipe) -> CaptionsCard:
    """Read pictures with captions and split them as a training would; raise `DataError` for what is none."""
    return load_captioned(recipe, PicturesRecipe(), _SEED).card
