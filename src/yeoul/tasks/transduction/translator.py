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
from yeoul.decoding import BeamTree, Hypothesis
from yeoul.errors import ModelFileError
from yeoul.files import check_seal, replaced_folder, write_text
from yeoul.metrics.sureness import Calibration, low_limit
from yeoul.models.build_transducer import build_transducer
from yeoul.models.transduction import Seq2Seq
from yeoul.recipe import SearchRecipe, Seq2SeqRecipe, Size
from yeoul.runs.arrays import load_arrays, save_arrays
from yeoul.runs.folder import write_json
from yeoul.runs.weights import check_weights, load_tensors, save_tensors
from yeoul.tasks.transduction.answers import Alternative, TextAnswer
from yeoul.tasks.transduction.familiar import Familiar
from yeoul.tasks.transduction.searching import found_answers, search_rows
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

    def hypotheses(
        self, texts: Sequence[str], search: SearchRecipe | None = None, best: int = 1
    ) -> list[tuple[Hypothesis, ...]]:
        """Return the best ways to answer each text."""
        asked = search or self.search
        if best > asked.beam:
            asked = asked.model_copy(update={"beam": best})
        rows = self.sides.sources(texts)
        return found_answers(
            self.model, rows, self.sides.marks, asked, asked.max_tokens or self.max_tokens, best
        )

    def answer(
        self, texts: Sequence[str], search: SearchRecipe | None = None, best: int = 1
    ) -> list[TextAnswer]:
        """Answer each text; its answer is the same in any company.

        `search` is the recipe's unless given. So many alternatives are told; a beam that is narrower becomes as wide.
        """
        found = self.hypotheses(texts, search, best)
        sources, strange = self.sides.sources(texts), self.familiar.strange(texts)
        chances = self.doubts.calibration([each[0].log_prob for each in found])
        unknown = self.unknown([each[0] for each in found], strange.tolist())
        return [
            self._answer(
                each,
                self.sides.source_tokens(
                    sources.ids[sources.offsets[row] : sources.offsets[row + 1]].tolist()
                ),
                float(chances[row]),
                unknown[row],
                int(sources.lost[row]),
            )
            for row, each in enumerate(found)
        ]

    def tree(self, text: str, search: SearchRecipe | None = None) -> BeamTree:
        """Return all that the beam kept on its way to the answer of a text."""
        asked = search or self.search
        rows, longest = self.sides.sources([text]), asked.max_tokens or self.max_tokens
        (found,) = search_rows(self.model, rows, self.sides.marks, asked, longest, asked.beam, keep_tree=True)
        if found.tree is None:
            raise ValueError("the beam kept no tree")
        return found.tree

    def spelled(self, token: int) -> str:
        """Return what a token of a beam's tree stands for, the end among them."""
        return _END if token == self.sides.marks.end else self.sides.tokens([token])[0]

    def unknown(self, hypotheses: Sequence[Hypothesis], strange: Sequence[float]) -> list[bool]:
        """Tell of each answer whether its source is too strange, or it is too improbable itself."""
        return [
            share > self.doubts.most_strange
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

    def _answer(
        self,
        found: tuple[Hypothesis, ...],
        source: tuple[str, ...],
        confidence: float,
        unknown: bool,
        lost: int,
    ) -> TextAnswer:
        first = found[0]
        attention = None if first.attention is None else first.attention.float().cpu().numpy()
        return TextAnswer(
            self.sides.text(first.tokens),
            first.log_prob,
            confidence,
            unknown,
            first.outcome,
            self.sides.tokens(first.tokens),
            first.log_probs,
            source,
            attention,
            tuple(Alternative(self.sides.text(one.tokens), one.score, one.log_prob) for one in found),
            lost,
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
