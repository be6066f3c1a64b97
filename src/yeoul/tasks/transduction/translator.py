"""A trained model of pairs: what answers, and what a run's `model/` folder holds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Literal, final

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BaseModel, ConfigDict, Field

from yeoul.data.settings import load_settings
from yeoul.decoding import BeamTree, Found, Hypothesis
from yeoul.errors import ModelFileError, UsageError
from yeoul.files import check_seal, replaced_folder, write_text
from yeoul.metrics.sureness import Calibration, low_limit
from yeoul.models.build_transducer import build_transducer
from yeoul.models.transduction import Seq2Seq
from yeoul.recipe import SearchRecipe, Seq2SeqRecipe, Size
from yeoul.runs.arrays import load_arrays, save_arrays
from yeoul.runs.folder import write_json
from yeoul.runs.weights import check_weights, load_tensors, save_tensors
from yeoul.tasks.searching import Asking, Wishes
from yeoul.tasks.transduction.answers import Alternative, TextAnswer
from yeoul.tasks.transduction.familiar import Familiar
from yeoul.tasks.transduction.searching import found_answers
from yeoul.tasks.transduction.sides import Sides

_REMEDY = "copy the folder again from its source, or train again"
_RARE = 0.01
"""Of the validation rows, at most so many are unknown by each of the two signs."""
_DOUBTFUL = math.log(0.5)
"""An answer whose tokens are likelier than this is not improbable, however sure a model is of all the others."""


class Doubts(BaseModel):
    """What a model has learned from the validation rows about its own answers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    slope: Annotated[float, Field(ge=0.0)] = 1.0
    offset: float = 0.0
    least_log_prob: float = -1e9
    """Of a token on average: less probable answers are unknown."""
    most_strange: float = 1.0
    """Share of a source's runs of letters that no training source has: stranger ones are unknown."""

    @property
    def calibration(self) -> Calibration:
        return Calibration(self.slope, self.offset)


class _Description(BaseModel):
    """`model.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    schema_version: Literal[1]
    task: Literal["transduce"]
    kind: Literal["seq2seq"]
    shared: bool
    max_tokens: Size
    model: Seq2SeqRecipe
    search: SearchRecipe
    doubts: Doubts


@final
@dataclass(frozen=True, eq=False)
class Translator:
    """A network with the vocabularies of both sides."""

    recipe: Seq2SeqRecipe
    search: SearchRecipe
    model: Seq2Seq
    sides: Sides
    familiar: Familiar
    device: torch.device
    max_tokens: int
    """The most tokens of an answer, its end included."""
    doubts: Doubts = field(default_factory=Doubts)

    def wishes(self, best: int = 1, begin: str = "", words: Sequence[str] = ()) -> Wishes:
        """Return what to ask for: so many answers, what each begins with, and what each says somewhere.

        Raises `UsageError` for what the vocabulary of the targets cannot say.
        """
        return Wishes(
            best,
            self.sides.phrase(begin, "--begin", whole=False) if begin.strip() else None,
            tuple(self.sides.phrase(word, "--say", whole=True) for word in words),
        )

    def found(
        self, texts: Sequence[str], search: SearchRecipe | None = None, wishes: Wishes | None = None
    ) -> list[Found]:
        """Return what is found for each text."""
        asked, wishes = search or self.search, wishes or Wishes()
        longest = asked.max_tokens or self.max_tokens
        if wishes.tokens >= longest:
            raise UsageError(
                "what is asked for has {came} tokens, an answer at most {most} and its end",
                "ask for less, or set search.max_tokens",
                values={"came": wishes.tokens, "most": longest - 1},
            )
        asking = Asking(wishes.beam(asked), wishes, self.sides.marks, longest)
        return found_answers(self.model, self.sides.sources(texts), asking)

    def answer(
        self,
        texts: Sequence[str],
        search: SearchRecipe | None = None,
        best: int = 1,
        begin: str = "",
        words: Sequence[str] = (),
    ) -> list[TextAnswer]:
        """Answer each text; its answer is the same in any company.

        `search` is the recipe's unless given. So many alternatives are told, or fewer where two read the same; a beam
        that is narrower becomes as wide. Each begins with a text and says each of some words somewhere. Raises
        `UsageError` for texts that the vocabulary of the targets does not hold, and for more than an answer can hold.
        """
        found = [one.hypotheses for one in self.found(texts, search, self.wishes(best, begin, words))]
        sources, strange = self.sides.sources(texts), self.familiar.strange(texts)
        chances = self.confidence([each[0] for each in found])
        unknown = self.unknown([each[0] for each in found], strange.tolist())
        return [
            TextAnswer(
                float(chances[row]),
                unknown[row],
                self.sides.source_tokens(
                    texts[row], sources.ids[sources.offsets[row] : sources.offsets[row + 1]].tolist()
                ),
                self._alternatives(each, texts[row]),
                int(sources.lost[row]),
            )
            for row, each in enumerate(found)
        ]

    def tree(self, text: str, search: SearchRecipe | None = None, wishes: Wishes | None = None) -> BeamTree:
        """Return all that the beam kept on its way to the answer of a text; raise `UsageError` where it draws."""
        asked = search or self.search
        if asked.temperature is not None:
            raise UsageError("answers that are drawn grow no tree", "leave --tree or the temperature out")
        wishes = wishes or Wishes(asked.beam)
        (found,) = self.found([text], asked, replace(wishes, keep_tree=True))
        if found.tree is None:
            raise ValueError("the beam kept no tree")
        return found.tree

    def spelled(self, token: int) -> str:
        """Return what a token of a beam's tree stands for, the end among them."""
        return _END if token == self.sides.marks.end else self.sides.spelled(token)

    def confidence(self, hypotheses: Sequence[Hypothesis]) -> npt.NDArray[np.float64]:
        """Return the chance (N,) that each is exactly right; one that could not go on has none."""
        chances = self.doubts.calibration([one.log_prob for one in hypotheses])
        return np.where([one.outcome == "stuck" for one in hypotheses], 0.0, chances)

    def unknown(self, hypotheses: Sequence[Hypothesis], strange: Sequence[float]) -> list[bool]:
        """Tell of each answer whether its source is too strange, or it is too improbable itself."""
        return [
            one.outcome == "stuck"
            or share > self.doubts.most_strange
            or share == 1.0
            or mean_log_prob(one) < self.doubts.least_log_prob
            for one, share in zip(hypotheses, strange, strict=True)
        ]

    def doubting(
        self, texts: Sequence[str], hypotheses: Sequence[Hypothesis], right: Sequence[bool]
    ) -> "Translator":
        """Return the same model with what its answers to the validation sources tell of it."""
        calibration = Calibration.fit([one.log_prob for one in hypotheses], right)
        doubts = Doubts(
            slope=calibration.slope,
            offset=calibration.offset,
            least_log_prob=min(_DOUBTFUL, low_limit([mean_log_prob(one) for one in hypotheses], _RARE)),
            most_strange=-low_limit(-self.familiar.strange(texts), _RARE),
        )
        return replace(self, doubts=doubts)

    def save(self, folder: Path, card: str) -> None:
        """Put weights, vocabularies and settings into `folder`, in place of what was there."""
        description = _Description(
            schema_version=1,
            task="transduce",
            kind="seq2seq",
            shared=self.sides.shared,
            max_tokens=self.max_tokens,
            model=self.recipe,
            search=self.search,
            doubts=self.doubts,
        )
        with replaced_folder(folder) as fresh:
            save_tensors(fresh / _WEIGHTS, self.model.state_dict())
            save_arrays(fresh / _FAMILIAR, {"runs": self.familiar.runs.view(np.int64)})
            self.sides.save(fresh)
            write_json(fresh / "model.json", description.model_dump(mode="json"))
            write_text(fresh / "MODEL_CARD.md", card)

    @classmethod
    def load(cls, folder: Path, device: torch.device) -> "Translator":
        """Read what `save` wrote; raise `ModelFileError` for anything else."""
        if not (folder / "model.json").is_file():
            raise ModelFileError("there is no trained model here", "train first", where=str(folder))
        check_seal(folder)
        described = load_settings(_Description, folder / "model.json")
        sides = Sides.load(folder, shared=described.shared)
        tensors = load_tensors(folder / _WEIGHTS)
        with torch.device("meta"):
            model = build_transducer(
                described.model, sides.source.size, sides.target.size, shared=described.shared
            )
        check_weights(model, tensors, folder / _WEIGHTS)
        model.load_state_dict(tensors, assign=True)
        return cls(
            described.model,
            described.search,
            model.to(device),
            sides,
            Familiar(_runs(folder / _FAMILIAR)),
            device,
            described.max_tokens,
            described.doubts,
        )

    def _alternatives(self, found: Sequence[Hypothesis], source: str) -> tuple[Alternative, ...]:
        """Return what was found in its order, the first of those that read the same."""
        told: dict[str, Alternative] = {}
        for one in found:
            alternative = self._alternative(one, source)
            told.setdefault(alternative.text, alternative)
        return tuple(told.values())

    def _alternative(self, one: Hypothesis, source: str) -> Alternative:
        attention = None if one.attention is None else one.attention.float().cpu().numpy()
        return Alternative(
            self.sides.text(one, source),
            one.score,
            one.outcome,
            self.sides.tokens(one, source),
            one.log_probs,
            attention,
        )


_END = "⏎"
_WEIGHTS = "weights.safetensors"
_FAMILIAR = "familiar.safetensors"


def mean_log_prob(hypothesis: Hypothesis) -> float:
    """Return the log-probability of a token on average."""
    return hypothesis.log_prob / max(1, len(hypothesis.log_probs))


def _runs(path: Path) -> npt.NDArray[np.uint64]:
    runs = load_arrays(path).get("runs")
    if runs is None or runs.dtype != np.int64 or runs.ndim != 1:
        raise ModelFileError("the file is damaged or not a model", _REMEDY, where=str(path))
    return np.unique(runs.view(np.uint64))
