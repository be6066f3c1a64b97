"""From a recipe, a file or a public set to a finished run."""

import json
import shlex
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yeoul.api.run import Run
from yeoul.errors import RunError
from yeoul.recipefile import recipe_for
from yeoul.runs.folder import open_run
from yeoul.training.events import Finished, SessionEvent

if TYPE_CHECKING:
    from yeoul import session


def training_command(source: str, overrides: Mapping[str, Any], options: Mapping[str, str]) -> str:
    """Write the command line that repeats a training; options at their usual values are left out."""
    usual = {"--out": "runs", "--from": "", "--device": "auto"}
    words = [f"{key}={_toml(value)}" for key, value in overrides.items()]
    words += [word for name, value in options.items() if value != usual[name] for word in (name, value)]
    return shlex.join(["yeoul", "train", source, *words])


def _toml(value: object) -> str:
    """Write a recipe value so that `recipefile.parse_value` reads it back."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def train(
    data_or_recipe: str | Path,
    *,
    out: Path | str = "runs",
    start_from: Path | str | None = None,
    device: str = "auto",
    on_event: Callable[[SessionEvent], None] = lambda event: None,
    **overrides: Any,
) -> Run:
    """Train on a file, a public set or a recipe, and return the finished run.

    Overrides are recipe values by full or last name: `train("reviews.csv", target="label", epochs=3)`.
    """
    from yeoul import session  # with all that training needs; predicting needs it not

    resolved = recipe_for(str(data_or_recipe), overrides)
    options = {"--out": str(out), "--from": str(start_from or ""), "--device": device}
    command = training_command(str(data_or_recipe), overrides, options)
    request = session.Request(
        resolved, Path(out), device, None if start_from is None else open_run(Path(start_from)).path, command
    )
    return _finished(session.train(request), on_event, device)


def resume(
    run: Path | str, *, device: str = "auto", on_event: Callable[[SessionEvent], None] = lambda event: None
) -> Run:
    """Go on with a run that was paused, killed or failed."""
    from yeoul import session

    return _finished(session.resume(open_run(Path(run)), device), on_event, device)


def _finished(events: "session.Events", on_event: Callable[[SessionEvent], None], device: str) -> Run:
    with closing(events):  # a listener that raises leaves a run that is paused, not one that seems to run
        for event in events:
            on_event(event)
            if isinstance(event, Finished):
                return Run(event.path, device)
    raise RunError("training ended before its end")
