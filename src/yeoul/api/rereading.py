"""Score a text model on its own test part in other ways than it was trained for: with a cache, learning on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from yeoul.errors import DataError, UsageError
from yeoul.recipe.language import CacheRecipe, DynamicRecipe
from yeoul.tasks.generation.task import Generation
from yeoul.tasks.generation.writer import TrainedDecoder

if TYPE_CHECKING:
    from yeoul.api.run import Run


def reread(run: "Run", *, cache: bool, dynamic: bool) -> Mapping[str, Any]:
    """Return the scores "cache" and "dynamic" of the run's test part, as far as asked for.

    What the recipe says of them holds, else the usual settings. Raises `UsageError` for a model that is no network or
    that does not read a stream, and `DataError` where the data has changed since the training.
    """
    writer, language = run.writer, run.writer.language
    if not isinstance(writer.model, TrainedDecoder) or not language.stream or writer.documents:
        raise UsageError(
            "a cache and dynamic evaluation need a network that reads a stream",
            "leave them out",
            where=run.id,
        )
    task = Generation.open(run.recipe)
    if task.fingerprint != run.record["data"]["fingerprint"]:
        raise DataError(
            "the data has changed since the run began",
            "restore it, or train anew",
            where=str(run.recipe.data.source),
        )
    asked = {
        "cache": (language.cache or CacheRecipe()) if cache else None,
        "dynamic": (language.dynamic or DynamicRecipe()) if dynamic else None,
    }
    return task.reread(replace(writer, language=language.model_copy(update=asked)))
