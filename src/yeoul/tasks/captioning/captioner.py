"""A trained model of captions: what answers, and what a run's `model/` folder holds."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, TypeAlias, final

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from yeoul.data.pairs.rows import Marks
from yeoul.data.pictures.reading import read_picture
from yeoul.data.pictures.vision import VisionModel
from yeoul.data.settings import load_settings
from yeoul.data.vectorizers import TextVectorizer
from yeoul.decoding import Hypothesis
from yeoul.errors import ModelFileError, UsageError
from yeoul.files import check_seal, replaced_folder, write_text
from yeoul.metrics.sureness import Calibration, low_limit
from yeoul.models.build_captioner import build_captioner
from yeoul.models.captioning import CaptionNetwork
from yeoul.recipe import CaptionerRecipe, PicturesRecipe, SearchRecipe, Size, Width
from yeoul.runs.arrays import load_arrays, save_arrays
from yeoul.runs.folder import write_json
from yeoul.runs.weights import check_weights, load_tensors, save_tensors
from yeoul.tasks.captioning.answers import CaptionAnswer
from yeoul.tasks.captioning.ranking import FEATURES, Likeness, Ranking
from yeoul.tasks.captioning.searching import Ints, Seeable, chances_of_words, found_captions
from yeoul.tasks.searching import Asking, Wishes
from yeoul.tasks.transduction.answers import Alternative
from yeoul.tasks.transduction.translator import Doubts, mean_log_prob
from yeoul.text.writing import Spelling

Picture: TypeAlias = Path | bytes | npt.NDArray[np.generic]
"""A file, its content, pixels (H, W, 3) of 8 bits, or features (P, D)."""
_RARE = 0.01
_WORDS_TOLD = 8
_WEIGHTS, _LIKENESS = "weights.safetensors", "likeness.safetensors"
_CAPTIONS, _WORDS = "captions", "words.json"


@final
@dataclass(frozen=True, eq=False)
class LoosePictures:
    """Pictures at hand."""

    values: npt.NDArray[np.generic]  # (N, H, W, 3) or (N, P, D)

    def __len__(self) -> int:
        return len(self.values)

    def seen(self, rows: Ints) -> Tensor:
        return torch.from_numpy(self.values[rows])


@final
@dataclass(frozen=True)
class Form:
    """What a captioner is, beside its weights and its vocabulary."""

    recipe: CaptionerRecipe
    pictures: PicturesRecipe
    search: SearchRecipe
    told: tuple[int, int] | None
    """(P, D) of the features that are read in place of pixels."""
    words: tuple[str, ...]
    """Those that are looked for in a picture."""
    max_tokens: int
    """The most tokens of a caption, its end included."""
    seen_by: str = ""
    """Fingerprint of the vision model, if one looks at the pictures."""


class _Words(BaseModel):
    """`words.json`: what is looked for in pictures."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    words: Annotated[tuple[str, ...], Field(strict=False, max_length=65_536)]


@final
@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The tokens of captions, and the words that are looked for in pictures, if any."""

    captions: TextVectorizer
    words: tuple[str, ...]

    def save(self, folder: Path) -> None:
        (folder / _CAPTIONS).mkdir(exist_ok=True)
        self.captions.save(folder / _CAPTIONS)
        if self.words:
            write_json(folder / _WORDS, {"words": list(self.words)})

    @classmethod
    def load(cls, folder: Path) -> "Vocabulary":
        """Read what `save` wrote; raise `ModelFileError` if it cannot be read."""
        words = load_settings(_Words, folder / _WORDS).words if (folder / _WORDS).is_file() else ()
        return cls(TextVectorizer.load(folder / _CAPTIONS), words)


class _Description(BaseModel):
    """`model.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    schema_version: Literal[1]
    task: Literal["caption"]
    kind: Literal["captioner"]
    model: CaptionerRecipe
    pictures: PicturesRecipe
    search: SearchRecipe
    told: Annotated[tuple[Width, Width], Field(strict=False)] | None
    max_tokens: Size
    seen_by: str = ""
    doubts: Doubts
    ranking: Annotated[tuple[float, ...], Field(strict=False, max_length=FEATURES)] | None


@final
@dataclass(frozen=True, eq=False)
class Captioner:
    """A network with the vocabulary of its captions."""

    form: Form
    model: CaptionNetwork
    vectorizer: TextVectorizer
    device: torch.device
    doubts: Doubts = field(default_factory=Doubts)
    ranking: Ranking | None = None
    """What ranks the captions of the search anew."""

    @property
    def search(self) -> SearchRecipe:
        return self.form.search

    @property
    def reads_pictures(self) -> bool:
        """Whether files of pictures can be read, not only features of them."""
        return self.form.told is None or bool(self.form.pictures.vision)

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(self.vectorizer, self.form.words)

    @property
    def marks(self) -> Marks:
        """What ends a caption and what is read before it."""
        return Marks.beyond(self.vectorizer.size)

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of the places that the model looks at."""
        return self.model.encoder.grid

    def look(self, pictures: Sequence[Picture]) -> LoosePictures:
        """Read pictures as the network sees them; raise `DataError` for a file that is none."""
        told, size = self.form.told, self.form.pictures.size
        arrays = [each if isinstance(each, np.ndarray) else self._read(each) for each in pictures]
        expected = (size, size, 3) if told is None else told
        for array in arrays:
            if array.shape != expected or (told is None) != (array.dtype == np.uint8):
                raise UsageError(
                    "an array of {came} came, the model reads {expected}",
                    "give files, or arrays of that shape: 8 bits of pixels, or features",
                    values={"came": array.shape, "expected": expected},
                )
        return LoosePictures(np.stack(arrays) if arrays else np.empty((0, *expected), np.uint8))

    def hypotheses(
        self, pictures: Seeable, search: SearchRecipe | None = None, best: int = 1
    ) -> list[tuple[Hypothesis, ...]]:
        """Return the best captions of each picture."""
        asked = (search or self.search).widened(best)
        if self.ranking is None or asked.temperature is not None:
            return self.found(pictures, asked, best)
        candidates = self.found(pictures, asked, asked.beam)
        chances, summaries = chances_of_words(self.model, pictures)
        texts = [self.text(one) for each in candidates for one in each]
        ranked = self.ranking.order(candidates, texts, self.form.words, chances, summaries)
        return [each[:best] for each in ranked]

    def found(self, pictures: Seeable, search: SearchRecipe, best: int) -> list[tuple[Hypothesis, ...]]:
        """Return what the search finds for each picture, as it ranks it."""
        longest = search.max_tokens or self.form.max_tokens
        asking = Asking(search, Wishes(best), self.marks, longest)
        return found_captions(self.model, pictures, asking)

    def answer(
        self, pictures: Sequence[Picture] | Seeable, search: SearchRecipe | None = None, best: int = 1
    ) -> list[CaptionAnswer]:
        """Say what is on each picture; its caption is the same in any company.

        `search` is the recipe's unless given. So many alternatives are told; a beam that is narrower becomes as wide.
        Raises `DataError` for a file that is no picture.
        """
        seen = self.look(pictures) if isinstance(pictures, Sequence) else pictures
        found = self.hypotheses(seen, search, best)
        return [self._answer(each, words) for each, words in zip(found, self._words(seen), strict=True)]

    def text(self, hypothesis: Hypothesis) -> str:
        """Return what a hypothesis says."""
        return self._spelling.text(hypothesis.tokens).strip()

    def confidence(self, hypotheses: Sequence[Hypothesis]) -> npt.NDArray[np.float64]:
        """Return the chance (N,) that each is word for word a caption of its picture."""
        return self.doubts.calibration([one.log_prob for one in hypotheses])

    def unknown(self, hypotheses: Sequence[Hypothesis]) -> npt.NDArray[np.bool_]:
        """Tell (N,) which are too improbable."""
        return np.array([mean_log_prob(one) < self.doubts.least_log_prob for one in hypotheses], np.bool_)

    def doubting(self, hypotheses: Sequence[Hypothesis], right: Sequence[bool]) -> "Captioner":
        """Return the same model with what its captions of the validation pictures tell of it."""
        calibration = Calibration.fit([one.log_prob for one in hypotheses], right)
        least = low_limit([mean_log_prob(one) for one in hypotheses], _RARE)
        doubts = Doubts(slope=calibration.slope, offset=calibration.offset, least_log_prob=least)
        return replace(self, doubts=doubts)

    def save(self, folder: Path, card: str) -> None:
        """Put weights, vocabulary and settings into `folder`, in place of what was there."""
        form = self.form
        description = _Description(
            schema_version=1,
            task="caption",
            kind="captioner",
            model=form.recipe,
            pictures=form.pictures,
            search=form.search,
            told=form.told,
            max_tokens=form.max_tokens,
            seen_by=form.seen_by,
            doubts=self.doubts,
            ranking=None if self.ranking is None else tuple(self.ranking.weights.tolist()),
        )
        with replaced_folder(folder) as fresh:
            save_tensors(fresh / _WEIGHTS, self.model.state_dict())
            self.vocabulary.save(fresh)
            if self.ranking is not None:
                known = self.ranking.likeness
                save_arrays(fresh / _LIKENESS, {"map": known.map, "mean": known.mean})
            write_json(fresh / "model.json", description.model_dump(mode="json"))
            write_text(fresh / "MODEL_CARD.md", card)

    @classmethod
    def load(cls, folder: Path, device: torch.device) -> "Captioner":
        """Read what `save` wrote; raise `ModelFileError` for anything else."""
        if not (folder / "model.json").is_file():
            raise ModelFileError("there is no trained model here", "train first", where=str(folder))
        check_seal(folder)
        told = load_settings(_Description, folder / "model.json")
        vocabulary = Vocabulary.load(folder)
        tensors = load_tensors(folder / _WEIGHTS)
        form = Form(
            told.model, told.pictures, told.search, told.told, vocabulary.words, told.max_tokens, told.seen_by
        )
        with torch.device("meta"):
            model = network_of(form, vocabulary.captions.size)
        check_weights(model, tensors, folder / _WEIGHTS)
        model.load_state_dict(tensors, assign=True)
        ranking = None if told.ranking is None else _ranking(folder / _LIKENESS, told.ranking, form)
        return cls(form, model.to(device), vocabulary.captions, device, told.doubts, ranking)

    @cached_property
    def _spelling(self) -> Spelling:
        return Spelling.of(self.vectorizer.tokenizer, self.vectorizer.settings.unit, closed=False)

    def _read(self, source: Path | bytes) -> npt.NDArray[np.generic]:
        if self.form.told is None:
            return read_picture(source, self.form.pictures.size)
        if self._vision is None:
            raise UsageError(
                "this model reads features of pictures, not pictures", "give it arrays in Python"
            )
        (told,) = self._vision.look(read_picture(source, self.form.pictures.size)[None])
        return np.asarray(told)

    @cached_property
    def _vision(self) -> VisionModel | None:
        pictures = self.form.pictures
        if not pictures.vision:
            return None
        vision = VisionModel.open(pictures.vision, pictures.size)
        if vision.fingerprint != self.form.seen_by:
            raise ModelFileError(
                "this is another vision model than the one that the run was trained with",
                "put its files back, or train again",
                where=pictures.vision,
            )
        return vision

    def _words(self, pictures: Seeable) -> list[tuple[tuple[str, float], ...]]:
        """Return the likeliest words of each picture."""
        if self.model.detector is None:
            return [()] * len(pictures)
        chances, _ = chances_of_words(self.model, pictures)
        likeliest = np.argsort(-chances, axis=1)[:, :_WORDS_TOLD]
        return [
            tuple((self.form.words[place], float(own[place])) for place in likely.tolist())
            for own, likely in zip(chances, likeliest, strict=True)
        ]

    def _answer(self, found: tuple[Hypothesis, ...], words: tuple[tuple[str, float], ...]) -> CaptionAnswer:
        first = found[0]
        attention = None
        if first.attention is not None:
            rows, columns = self.grid
            places = first.attention.float().cpu().numpy()[:, : rows * columns]
            attention = places.reshape(-1, rows, columns)
        pieces = self._spelling.pieces
        return CaptionAnswer(
            self.text(first),
            first.log_prob,
            float(self.confidence([first])[0]),
            bool(self.unknown([first])[0]),
            first.outcome,
            tuple(pieces[token] for token in first.tokens),
            first.log_probs,
            attention,
            words,
            tuple(
                Alternative(
                    self.text(one),
                    one.score,
                    one.outcome,
                    tuple(pieces[token] for token in one.tokens),
                    one.log_probs,
                )
                for one in found
            ),
        )


def network_of(form: Form, tokens: int, *, label_smoothing: float = 0.0) -> CaptionNetwork:
    """Return the untrained network of a captioner, of so many tokens."""
    return build_captioner(
        form.recipe,
        form.pictures,
        form.told,
        tokens,
        len(form.words),
        label_smoothing=label_smoothing,
    )


def _ranking(path: Path, weights: tuple[float, ...], form: Form) -> Ranking:
    arrays = load_arrays(path)
    found, mean = arrays.get("map"), arrays.get("mean")
    shape = (form.recipe.encoder.size + 1, len(form.words))
    if (
        found is None
        or mean is None
        or (found.shape, mean.shape, len(weights)) != (shape, shape[1:], FEATURES)
    ):
        raise ModelFileError(
            "the file is damaged or not a model",
            "copy the folder again from its source, or train again",
            where=str(path),
        )
    return Ranking(np.array(weights), Likeness(found.astype(np.float64), mean.astype(np.float64)))
