"""Turn columns of texts into columns of token ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from yeoul.errors import DataError, ModelFileError
from yeoul.files import write_text
from yeoul.recipe import TextRecipe
from yeoul.text.tokenizers import UNKNOWN_ID, train_tokenizer

_TEXTS_AT_ONCE = 10_000  # keeps the tokenizer's own objects small beside the ids


@dataclass(frozen=True)
class TokenRows:
    """Token ids of N texts, end to end: row i is `ids[offsets[i]:offsets[i + 1]]`."""

    ids: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]  # (N + 1,)
    lost: npt.NDArray[np.int64]  # (N,) tokens cut off at the end of each text

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        return np.diff(self.offsets)

    @property
    def lost_share(self) -> float:
        """Share of all tokens that truncation has cut off."""
        lost = int(self.lost.sum())
        return lost / max(1, lost + len(self.ids))

    @property
    def unknown_share(self) -> float:
        """Share of the kept tokens that the vocabulary does not hold."""
        return float(np.mean(self.ids == UNKNOWN_ID)) if len(self.ids) else 0.0

    def gather(self, rows: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the ids of `rows` end to end, and their lengths."""
        lengths = self.lengths[rows]
        ends = np.cumsum(lengths)
        first = np.repeat(self.offsets[rows] - (ends - lengths), lengths)
        return self.ids[first + np.arange(len(first))].astype(np.int64), lengths


@dataclass(frozen=True)
class TextVectorizer:
    """Texts to token ids, at most `max_length` of each."""

    tokenizer: Tokenizer
    max_length: int

    @classmethod
    def fit(cls, recipe: TextRecipe, texts: Sequence[str]) -> "TextVectorizer":
        """Learn the vocabulary of `recipe` from training texts; raise `DataError` if there is nothing to learn."""
        tokenizer = train_tokenizer(recipe, texts)
        if tokenizer.get_vocab_size() < 2:
            raise DataError(
                "no {unit} occurs {count} times in the training texts",
                "lower text.min_count",
                values={"unit": recipe.unit, "count": recipe.min_count},
            )
        return cls(tokenizer, recipe.max_length)

    @property
    def size(self) -> int:
        """Entries of the vocabulary, the unknown token included."""
        return int(self.tokenizer.get_vocab_size())

    def __call__(self, texts: Sequence[str]) -> TokenRows:
        """Encode N texts; an empty text becomes a row of length zero."""
        blocks: list[npt.NDArray[np.int32]] = []
        lengths: list[int] = []
        full: list[int] = []
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            block = [_whole_characters(text) for text in texts[start : start + _TEXTS_AT_ONCE]]
            encodings = self.tokenizer.encode_batch_fast(block)
            rows = [encoding.ids for encoding in encodings]
            kept = [row[: self.max_length] for row in rows]
            full.extend(len(row) for row in rows)
            lengths.extend(len(row) for row in kept)
            blocks.append(np.fromiter((token for row in kept for token in row), np.int32))
        ids = np.concatenate(blocks) if blocks else np.empty(0, np.int32)
        kept_lengths = np.array(lengths, np.int64)
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept_lengths)])
        return TokenRows(ids, offsets, np.array(full, np.int64) - kept_lengths)

    def save(self, folder: Path) -> None:
        """Write `tokenizer.json` into `folder`."""
        write_text(folder / "tokenizer.json", self.tokenizer.to_str(pretty=False))

    @classmethod
    def load(cls, folder: Path, max_length: int) -> "TextVectorizer":
        """Read what `save` wrote; raise `ModelFileError` if it cannot be read."""
        path = folder / "tokenizer.json"
        try:
            tokenizer = Tokenizer.from_str(path.read_text("utf-8"))
            tokenizer.no_padding()
            tokenizer.no_truncation()
            if max(tokenizer.get_vocab().values(), default=0) >= tokenizer.get_vocab_size():
                raise ValueError("an id is beyond the vocabulary")
            return cls(tokenizer, max_length)
        except Exception as error:
            raise ModelFileError(
                "the tokenizer cannot be read", "train the model again", where=str(path)
            ) from error


def _whole_characters(text: str) -> str:
    """Replace lone surrogates, which no encoding can hold and a broken terminal can send, by U+FFFD."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
