"""Tell tagged sentences from other files, and describe them."""

import re
from pathlib import Path

from yeoul.data.catalog import CATALOG
from yeoul.data.embedded import EMBEDDED
from yeoul.data.encodings import detect, read_utf8
from yeoul.data.folders import source_files
from yeoul.data.opening import PIPE, locate
from yeoul.data.tagged import read_tagged
from yeoul.data.tags.cards import TagsCard
from yeoul.data.tags.dataset import load_tagged
from yeoul.errors import YeoulError
from yeoul.recipe import DataRecipe

_ENDINGS = (".conllu", ".conll", ".iob", ".iob2", ".bio")
_SPAN = re.compile(r"^(O|[BIESLU]-\S+)$")
_TAG = re.compile(r"^[A-Z]{1,8}(\+[A-Z]{1,8})*$")
_SEEN_WORDS = 400
_SEEN_BYTES = 20_000_000


def check_tagged(recipe: DataRecipe) -> TagsCard:
    """Read tagged sentences and describe them; raise `DataError` for what holds none."""
    return load_tagged(recipe, seed=42).card


def known_tagged(source: str) -> bool:
    """Whether a source is a set of tagged sentences, or a file or folder that is named as such."""
    entry = EMBEDDED.get(source) or CATALOG.get(source)
    if entry is not None:
        return entry.task == "tag"
    path = locate(Path(source)) if source and source != PIPE else None
    if path is None:
        return False
    if path.is_dir():
        return any(_ends_so(file) for file in source_files(path))
    return _ends_so(path)


def looks_tagged(source: str) -> bool:
    """Whether a file seems to hold tagged sentences, whatever its name."""
    path = locate(Path(source)) if source and source != PIPE else None
    if path is None or path.is_dir() or path.stat().st_size > _SEEN_BYTES:
        return False
    try:
        head = bytes(read_utf8(path, detect(path))[:4000])
        texts = read_tagged(path)
    except YeoulError:  # it is something else, which others will name
        return False
    match texts.form:
        case "conllu" | "sejong" | "national":
            return True
        case "inline":
            tags = texts.tags["tag"][:_SEEN_WORDS]
            return len(tags) > 1 and all(_TAG.match(tag) for tag in tags)
        case _:
            last = list(texts.tags.values())[-1][:_SEEN_WORDS]
            return b"\n" in head and len(texts) > 1 and all(_SPAN.match(tag) for tag in last)


def _ends_so(path: Path) -> bool:
    return path.name.lower().removesuffix(".gz").endswith(_ENDINGS)
