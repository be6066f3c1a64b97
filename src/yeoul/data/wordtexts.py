"""The texts that word vectors are trained on: of files, folders, columns of tables and public sets, put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from yeoul.data.cards import DataFile
from yeoul.data.catalog import CATALOG, CatalogEntry, find
from yeoul.data.composition import composed
from yeoul.data.corpora.lines import Document, whole_lines, without_ends
from yeoul.data.corpora.sources import Source, is_plain_text, open_corpus
from yeoul.data.datasets import data_path
from yeoul.data.embedded import EMBEDDED
from yeoul.data.examples import joined_columns
from yeoul.data.opening import PIPE
from yeoul.data.public import public_tables
from yeoul.data.tagged import read_tagged
from yeoul.errors import UsageError
from yeoul.recipe import DataRecipe

_TAGGED = (".conllu", ".conll")
_HELD_BACK = ("test", "validation")


@dataclass(frozen=True, eq=False)
class WordTexts:
    """N texts with their places ("reviews.csv:17", from 1), and the files that they come from."""

    texts: pa.ChunkedArray  # (N,)
    names: list[str]  # (N,)
    files: tuple[DataFile, ...]

    def __len__(self) -> int:
        return len(self.names)


def read_texts(sources: Sequence[str], inputs: Sequence[str] = (), encoding: str = "auto") -> WordTexts:
    """Read all texts of some sources: each line of a file, each row of a table, each file of a folder, whole.

    Of a public set with official parts only those for training are read. `inputs` name the columns of tables that have
    them. Raises `DataError` for what is missing or no text, and `UsageError` where no source is named.
    """
    if not sources:
        raise UsageError(
            "no texts are named", "name a file or a public set: yeoul vectors train texts.txt --out words.bin"
        )
    parts = [_read(source, tuple(inputs), encoding) for source in sources]
    return WordTexts(
        pa.chunked_array([chunk for part in parts for chunk in part.texts.chunks], pa.large_string()),
        [name for part in parts for name in part.names],
        tuple(file for part in parts for file in part.files),
    )


def _read(source: str, inputs: tuple[str, ...], encoding: str) -> WordTexts:
    if source in CATALOG:
        return _of_set(CATALOG[source], inputs, encoding)
    if source.lower().endswith(_TAGGED):
        return _words_of(data_path(source), encoding)
    named = inputs if _is_table(source) else ()
    return _opened(DataRecipe(source=source, inputs=named, encoding=encoding))


def _is_table(source: str) -> bool:
    if source in EMBEDDED or source == PIPE or "*" in source:
        return source in EMBEDDED
    path = data_path(source)
    return path.is_file() and not is_plain_text(path, DataRecipe())


def _of_set(entry: CatalogEntry, inputs: tuple[str, ...], encoding: str) -> WordTexts:
    """Read the rows of a public set that are for training."""
    found = find(entry)
    form, recipe = found.form, DataRecipe(source=entry.name, encoding=encoding)
    if entry.task == "tag":
        return _words_of(found.paths["train"], encoding)
    if not (form.inputs or form.target or form.pair):
        return _opened(recipe)
    files, (table, *_) = public_tables(found, recipe)
    columns = tuple(name for name in inputs if name in table.columns) or form.pair or form.inputs
    chunks = (composed(chunk.cast(pa.large_string())) for chunk in joined_columns(table, columns).chunks)
    names = [f"{table.name}:{number}" for number in table.numbers.tolist()]
    return WordTexts(pa.chunked_array(list(chunks), pa.large_string()), names, files[:1])


def _opened(recipe: DataRecipe) -> WordTexts:
    found = open_corpus(recipe)
    kept = [one for part, documents in found.parts.items() if part not in _HELD_BACK for one in documents]
    if len(kept) > 1 and not found.rows:
        texts = ["".join(line.as_py() for line in document.lines) for document in kept]
        return WordTexts(_column(texts), [document.name for document in kept], found.files)
    parts = [_rows(found, document) for document in kept]
    names = [
        f"{document.name}:{row}"
        for document, part in zip(kept, parts, strict=True)
        for row in range(1, len(part) + 1)
    ]
    return WordTexts(
        pa.chunked_array([chunk for part in parts for chunk in part.chunks], pa.large_string()),
        names,
        found.files,
    )


def _rows(source: Source, document: Document) -> pa.ChunkedArray:
    """Return the rows of a column, or the lines of a text without their ends."""
    if source.rows:
        return document.lines
    return without_ends(pa.chunked_array(map(whole_lines, document.lines.chunks), pa.large_string()))


def _words_of(path: Path, encoding: str) -> WordTexts:
    """Return sentences with tags, their words between spaces."""
    tagged = read_tagged(path, encoding=encoding)
    names = [tagged.where(place) for place in range(len(tagged))]
    return WordTexts(_column([" ".join(words) for words in tagged]), names, (DataFile.of(path),))


def _column(texts: list[str]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(texts, pa.large_string())])
