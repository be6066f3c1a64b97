"""Rows from documents: whether one sentence of a document is the one that follows another, begins it or ends it.

Every sentence of a document is a left side three times: with its follower, which matches, with another sentence of the
same document and with one of another document, which do not. The last is easy to tell, and teaches what hangs together;
the second teaches what comes next. A mark stands before the first sentence and one behind the last, so that what
begins well and what ends well is learned too. Documents are split before any row is made.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from yeoul.data.comparisons.cards import ComparedFindings, ComparedSplit, comparisons_card
from yeoul.data.comparisons.comparisons import Comparisons, Links, Writing
from yeoul.data.comparisons.dataset import ComparedDataset, fingerprint_of
from yeoul.data.comparisons.opening import ComparedOrigin, SideColumns
from yeoul.data.corpora.sources import Source, open_corpus
from yeoul.data.datasets import DEFAULT_TEST
from yeoul.data.encodings import Encoding
from yeoul.data.splits import stratified_split
from yeoul.data.tables import Table
from yeoul.errors import DataError
from yeoul.recipe import ComparingRecipe, DataRecipe
from yeoul.text.sentences import is_sentence, split_sentences

_FEWEST = 4
_MOST = 16
_SPLITS = ("train", "validation", "test")


def read_writings(recipe: DataRecipe) -> tuple[Source, list[Writing]]:
    """Read the documents that a recipe names: the rows of a text column, or what empty lines part in plain texts.

    Headings are left out, documents of fewer than four sentences too, and longer ones are cut into parts of 16 at
    most. Raises `DataError` where fewer than ten are left.
    """
    source = open_corpus(recipe)
    writings = [
        Writing(tuple(part), f"{name}:{number}")
        for documents in source.parts.values()
        for document in documents
        for name, number, text in _texts(document.name, document.lines.to_pylist(), source.rows)
        for part in _parts([one for one in split_sentences(text) if is_sentence(one)])
    ]
    if len(writings) < 10:
        raise DataError(
            "{count} documents have four sentences or more, expected ten at least",
            "give longer texts, with empty lines between documents",
            where=source.name,
            values={"count": len(writings)},
        )
    return source, writings


def load_neighbors(recipe: DataRecipe, comparing: ComparingRecipe, seed: int) -> ComparedDataset:
    """Read and split documents, and make rows of each split; raise `DataError` for what holds none."""
    source, writings = read_writings(recipe)
    test = DEFAULT_TEST if recipe.test is None else recipe.test
    split = ComparedSplit(False, False, test, recipe.validation, comparing.keep_together, seed)
    whole = pa.array(["\n".join(writing.sentences) for writing in writings])
    places = pa.array([writing.where for writing in writings])  # parts of one document have one place
    groups = Links.of(places, whole, np.ones(len(writings), np.bool_)).left_groups
    rest = 1 - test
    shares = (rest * (1 - recipe.validation), rest * recipe.validation, test)
    drawn = stratified_split(np.zeros(len(writings), np.int8), groups, shares, seed)
    chosen = {
        name: tuple(writings[place] for place in part.tolist())
        for name, part in zip(_SPLITS, drawn, strict=True)
    }
    for name, part in chosen.items():
        if len(part) < 2:
            raise DataError(
                "{rows} rows are too few: no row is left for {split}",
                "add other documents",
                where=source.name,
                values={"rows": len(writings), "split": name},
            )
    rows = {name: neighbor_rows(part, [seed, place]) for place, (name, part) in enumerate(chosen.items())}
    everything = neighbor_rows([writing for part in chosen.values() for writing in part], [seed])
    fingerprint = fingerprint_of(rows, "match")
    origin = _origin(source, everything)
    findings = ComparedFindings(everything, "match", 0, 0)
    card = comparisons_card(origin, findings, rows, split, fingerprint, near=None, series=False)
    return ComparedDataset(
        source.name, rows["train"], rows["validation"], rows["test"], "match", card, fingerprint, chosen
    )


def neighbor_rows(writings: Sequence[Writing], seed: Sequence[int]) -> Comparisons:
    """Return the rows of documents: each sentence with its follower, with another of its document, with a strange one.

    Of one document alone there are no strange ones.
    """
    random = np.random.default_rng(list(seed))
    lefts, rights = list[str](), list[str]()
    documents = list[int]()
    for number, writing in enumerate(writings):
        chain = writing.chain
        for place in range(len(chain) - 1):
            others = [other for other in range(1, len(chain)) if other not in (place, place + 1)]
            other = others[int(random.integers(len(others)))]
            told = [chain[place + 1], chain[other]]
            if len(writings) > 1:
                elsewhere = writings[
                    (number + int(random.integers(1, len(writings)))) % len(writings)
                ].sentences
                told.append(elsewhere[int(random.integers(len(elsewhere)))])
            lefts += [chain[place]] * len(told)
            rights += told
            documents += [number] * len(told)
    truth = np.tile([1.0, 0.0, 0.0][: min(3, 1 + len(writings))], len(lefts) // min(3, 1 + len(writings)))
    places = {writing.where.rpartition(":")[0]: None for writing in writings}
    names = tuple(places)
    index = {name: number for number, name in enumerate(names)}
    of_document = [writing.where.rpartition(":") for writing in writings]
    return Comparisons(
        pa.array(lefts, pa.string()),
        pa.array(rights, pa.string()),
        truth,
        truth == 1.0,
        names,
        np.array([index[of_document[number][0]] for number in documents], np.int16),
        np.array([int(of_document[number][2]) for number in documents], np.int64),
        documents=np.array(documents, np.int64),
    )


def _texts(name: str, lines: Sequence[str], rows: bool) -> Iterator[tuple[str, int, str]]:
    """Yield documents with their first lines: rows, or what stands between empty lines."""
    if rows:
        yield from ((name, number, line) for number, line in enumerate(lines, 2))
        return
    block, first = list[str](), 1
    for number, line in enumerate([*lines, "\n"], 1):
        if line.strip():
            block.append(line)
            continue
        if block:
            yield name, first, "".join(block)
        block, first = [], number + 1


def _parts(sentences: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield parts of 16 sentences at most and of about one size, those of fewer than four left out."""
    count = -(-len(sentences) // _MOST)
    for part in np.array_split(np.arange(len(sentences)), max(count, 1)):
        if len(part) >= _FEWEST:
            yield [sentences[place] for place in part.tolist()]


def _origin(source: Source, rows: Comparisons) -> ComparedOrigin:
    """Describe the rows as those of a table."""
    document = next(iter(source.parts.values()))[0]
    encoding = Encoding(document.encoding, detected=document.detected)
    table = Table(source.name, {}, encoding, "", len(rows), rows.rows)
    columns = SideColumns("sentence", "next", "", guessed_sides=True, guessed_truth=True)
    return ComparedOrigin(
        source.name, source.source, source.title, source.licence, source.files, {"all": table}, columns
    )
