"""What a training command asks for: a new run, or going on with one."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yeoul.errors import UsageError, nearest

if TYPE_CHECKING:
    from yeoul.session import Events


@dataclass(frozen=True)
class Training:
    """A new run, as the command line asks for it."""

    source: str
    overrides: dict[str, Any]
    out: Path
    start_from: str | None
    device: str

    def events(self, should_stop: Callable[[], bool]) -> "Events":
        """Begin; raise `YeoulError` for what the person can mend."""
        from yeoul import session
        from yeoul.api import recipe_for
        from yeoul.runs.folder import open_run

        start = None if self.start_from is None else open_run(Path(self.start_from)).path
        request = session.Request(
            recipe_for(self.source, self.overrides), self.out, self.device, start, self._command()
        )
        return session.train(request, should_stop)

    def check(self) -> None:
        """Raise at once, before anything slow is loaded, when the source is nothing that is known."""
        from yeoul.recipefile import recipe_for, recipe_names

        recipe_for(self.source, self.overrides)
        if self.source in recipe_names() or self.source.endswith(".toml"):
            return
        from yeoul.data.catalog import CATALOG
        from yeoul.data.embedded import EMBEDDED
        from yeoul.data.opening import PIPE, existing_source, locate

        sets = (*CATALOG, *EMBEDDED)
        path = Path(self.source)
        if "*" in path.name:  # several texts: what is missing is said where they are read
            return
        if path.suffix or locate(path) is not None:
            existing_source(path, sets)
        elif self.source not in (*sets, PIPE):
            guess = nearest(self.source, [*recipe_names(), *sets])
            raise UsageError(
                "there is no recipe, public set or file of this name",
                "did you mean {guess}?"
                if guess
                else "`yeoul recipes` and `yeoul data list` list the first two",
                where=self.source,
                values={"guess": guess},
            )

    def _command(self) -> str:
        from yeoul.api import training_command

        options = {"--out": str(self.out), "--from": self.start_from or "", "--device": self.device}
        return training_command(self.source, self.overrides, options)


@dataclass(frozen=True)
class Resumption:
    """A run to go on with."""

    run: str
    device: str

    def events(self, should_stop: Callable[[], bool]) -> "Events":
        """Begin; raise `YeoulError` for what the person can mend."""
        from yeoul import session
        from yeoul.runs.folder import open_run

        return session.resume(open_run(Path(self.run)), self.device, should_stop)

    def check(self) -> None:
        """Raise at once when there is no such run."""
        from yeoul.runs.folder import open_run

        open_run(Path(self.run))
