"""Rolling-origin backtest: the recipe of a run trained anew before several test blocks, each with what came before it.

Scalers, look-backs, penalties and the number to beat are found anew in every fold, from its own training and validation
rows. A fold that is done stays done: the same command goes on with the next one.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from yeoul.data.measured.windows import DEFAULT_TEST, fold_borders
from yeoul.errors import DataError, DivergedError, RunError
from yeoul.kernels.devices import choose_device
from yeoul.language import current
from yeoul.metrics.forecasts import Truth, compare_forecasts, score_forecasts
from yeoul.recipe import Recipe
from yeoul.recipefile import resolve
from yeoul.report.page import write_report
from yeoul.runs.arrays import load_arrays, save_arrays
from yeoul.runs.folder import RunFolder, read_json, write_json
from yeoul.session.preparing import make_network
from yeoul.tasks.experiment import number_to_beat
from yeoul.tasks.forecasting.task import Beside, Forecasting
from yeoul.training.events import Diverged, EpochEnded, Progress
from yeoul.training.loop import train_steps

_FOLDER = "backtest"
_BEST = "best"
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class FoldEnded:
    """A fold is trained and scored; `told` is its entry in `evaluation/backtest/metrics.json`."""

    told: Mapping[str, Any]
    done_before: bool


@dataclass(frozen=True)
class BacktestEnded:
    """All folds are scored; `told` is `evaluation/backtest/metrics.json`."""

    told: Mapping[str, Any]


def backtest(
    run: RunFolder, folds: int, test: float | None = None, device_name: str = "auto"
) -> Iterator[FoldEnded | BacktestEnded]:
    """Test a run's recipe on `folds` equal blocks, together the last share `test` of the rows.

    Raises `RunError` for a run of another task, and `DataError` where the data has changed or is too short.
    """
    text = (run.path / "resolved.toml").read_text("utf-8")
    recipe = resolve(text, run.id, {}).recipe
    if recipe.forecast is None:
        raise RunError("only forecasts are tested in folds", "name a run of the task forecast", where=run.id)
    whole = Forecasting.open(recipe)
    if whole.fingerprint != run.record()["data"]["fingerprint"]:
        raise DataError(
            "the data has changed since the run began",
            "restore it, or train anew",
            where=str(recipe.data.source),
        )
    share = test if test is not None else min(0.6, folds * (recipe.data.test or DEFAULT_TEST))
    borders = fold_borders(whole.measurements, folds, recipe.data.validation, share, whole.plan.horizon)
    folder = run.evaluation(_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    device = choose_device(device_name).torch
    done: list[_Fold] = []
    for place, own in enumerate(borders, 1):
        experiment = replace(whole, borders=own)
        stem = folder / f"fold-{place}-of-{folds}"
        fold = _kept(stem, experiment)
        before = fold is not None
        if fold is None:
            fold = _tested(place, experiment, device)
            save_arrays(stem.with_suffix(".safetensors"), fold.arrays)
            write_json(stem.with_suffix(".json"), {"recipe": _key(recipe), **fold.told})
        done.append(fold)
        yield FoldEnded(fold.told, before)
    told = _whole(done, recipe.seed)
    write_json(folder / "metrics.json", told)
    write_report(run.path, current())
    yield BacktestEnded(told)


@dataclass(frozen=True, eq=False)
class _Fold:
    """What a fold told, the answers (N, H, D, Q) of its models, and what came true."""

    told: Mapping[str, Any]
    arrays: Mapping[str, npt.NDArray[Any]]
    truth: Truth


def _tested(place: int, experiment: Forecasting, device: torch.device) -> _Fold:
    """Train and score one fold."""
    baselines = [experiment.trivial_baseline(), *experiment.strong_baselines()]
    against = number_to_beat(baselines)
    asked, seed = experiment.asked["test"], experiment.recipe.seed
    answers = _answers(experiment, device)
    beside = Beside(baselines, "test")
    scores = asked.evaluate(answers, beside, against.name, seed)
    split = experiment.card.split
    told = {
        "fold": place,
        "fingerprint": experiment.fingerprint,
        "train": split["train"],
        "test": split["test"],
        "windows": scores["windows"],
        "metric": scores["metric"],
        "scores": scores["scores"],
        "baselines": {one["name"]: one["scores"] for one in scores["baselines"]},
        "against": against.name,
        "outcome": scores["verdict"]["outcome"],
        "difference": scores["verdict"]["difference"],
        "gain": scores["verdict"]["gain"],
    }
    middle = {name: _middle(said) for name, said in beside.items()}
    arrays = {"model": _middle(answers), _BEST: middle[against.name], **middle}
    return _Fold(told, {f"answers.{name}": said for name, said in arrays.items()}, asked.truth)


def _answers(experiment: Forecasting, device: torch.device) -> Floats:
    """Train the recipe's model, and return its answers to the test windows (N, H, D, 7)."""
    if experiment.recipe.training is None:
        fitted = experiment.fit()
        return Beside([fitted], "test")[fitted.name]
    prepared = experiment.prepare()
    torch.manual_seed(experiment.recipe.seed)
    model = experiment.build(prepared).to(device)
    network = make_network(experiment, model, prepared, device)
    best = copy.deepcopy(network.answering.state_dict())
    for event in train_steps(model, network.optimizer, network.plan, Progress(), network.average):
        match event:
            case EpochEnded(improved=True):
                best = copy.deepcopy(network.answering.state_dict())
            case Diverged():
                raise DivergedError(
                    "the loss or its gradient is not finite at step {step}",
                    "lower training.rate or training.clip, and look at the data",
                    where="training",
                    values={"step": event.progress.step},
                )
    model.load_state_dict(best)
    model.eval()
    forecaster = experiment.trained(model, prepared, device)
    asked = experiment.asked
    said = forecaster.model.answers(asked["validation"].rows)
    forecaster = forecaster.spread(said, asked["validation"].truth.values)
    return forecaster.answers(asked["test"].rows)


def _whole(folds: list[_Fold], seed: int) -> dict[str, Any]:
    """Judge the model over the windows of all folds together."""
    truths = [fold.truth for fold in folds]
    truth = replace(
        truths[-1],
        values=np.concatenate([one.values for one in truths]),
        origins=np.concatenate([one.origins for one in truths]),
        series=np.concatenate([one.series for one in truths]),
    )
    names = set.intersection(*(set(fold.arrays) for fold in folds))
    answers = {
        name.removeprefix("answers."): np.concatenate([fold.arrays[name] for fold in folds])
        for name in sorted(names)
    }
    ours = answers.pop("model")
    verdicts = {
        name: compare_forecasts(ours, theirs, truth, against=name, seed=seed).to_json()
        for name, theirs in answers.items()
    }
    return {
        "metric": truth.deciding(),
        "folds": [fold.told for fold in folds],
        "scores": score_forecasts(ours, truth, seed).to_json()["scores"],
        "verdicts": verdicts,
        "verdict": verdicts[_BEST],
    }


def _kept(stem: Path, experiment: Forecasting) -> _Fold | None:
    """Return a fold that was tested before under the same recipe."""
    told, arrays = stem.with_suffix(".json"), stem.with_suffix(".safetensors")
    if not (told.is_file() and arrays.is_file()):
        return None
    found = read_json(told)
    if found.pop("recipe", None) != _key(experiment.recipe) or found["fingerprint"] != experiment.fingerprint:
        return None
    return _Fold(found, load_arrays(arrays), experiment.asked["test"].truth)


def _key(recipe: Recipe) -> dict[str, Any]:
    """Return all of a recipe that a fold's scores follow from."""
    return recipe.model_dump(mode="json")


def _middle(answers: Floats) -> Floats:
    """Return the point forecasts (N, H, D)."""
    return np.ascontiguousarray(answers[..., answers.shape[3] // 2])
