"""Score a trained model of pairs on other pairs than its own."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from yeoul.baselines.pairs import Copied, Dictionary, Frequent, Lead, Nearest, PairBaseline
from yeoul.data.columns import Columns
from yeoul.data.pairs.dataset import read_new_pairs
from yeoul.data.pairs.pairs import Pairs
from yeoul.errors import DataError
from yeoul.metrics.pairs import PairParts
from yeoul.recipe import DataRecipe, PairsRecipe
from yeoul.tasks.transduction.baselines import COPY, DICTIONARY, FREQUENT, LEAD, NEAREST
from yeoul.tasks.transduction.evaluation import deciding, evaluate
from yeoul.tasks.transduction.task import answers_to
from yeoul.tasks.transduction.translator import Translator


def evaluate_pairs(
    model: Translator,
    data: DataRecipe,
    pairs: PairsRecipe,
    record: Mapping[str, Any],
    card: Mapping[str, Any],
    seed: int,
    train: Pairs | None = None,
) -> dict[str, Any]:
    """Score a model on the pairs of `data.source`, beside the simple models of its run.

    Those that look training pairs up need these; "missing" names them where they are not given. The columns are
    those of `card`, the run's data card. Raises `DataError` for a file without them, or without rows.
    """
    columns = Columns(tuple(card["inputs"]), card["target"], guessed_inputs=False, guessed_target=False)
    read = read_new_pairs(data, columns).pairs
    if not len(read):
        raise DataError("the file has no row with a source and a target", "add rows", where=data.source)
    sources, truth = read.sources.to_pylist(), read.targets.to_pylist()
    beside: dict[str, PairBaseline] = {COPY: Copied()}
    told = record.get("baselines", {})
    if "target" in told.get(FREQUENT, {}):
        beside[FREQUENT] = Frequent(told[FREQUENT]["target"])
    if "words" in told.get(LEAD, {}):
        beside[LEAD] = Lead(told[LEAD]["words"])
    learned = [name for name in _LEARNED if name in told]
    if train is not None:
        known = train.sources.to_pylist(), train.targets.to_pylist()
        beside |= {name: _LEARNED[name](*known) for name in learned}
    parts = {name: PairParts.of(one.answers(sources), truth) for name, one in beside.items()}
    _, answered = answers_to(model, read, learn=False)
    metric = deciding(pairs.metric, answered.parts)
    against = max(parts, key=lambda name: parts[name].value(metric))
    scores = evaluate(answered, parts, against, metric, seed)
    return scores if train is not None else {**scores, "missing": learned}


_LEARNED: Mapping[str, Callable[[Sequence[str], Sequence[str]], PairBaseline]] = {
    DICTIONARY: Dictionary.fit,
    NEAREST: Nearest.fit,
}
"""What is made of the training pairs themselves."""
