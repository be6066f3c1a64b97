"""What a person sees while training: lines that stay, and on a terminal a last line that moves."""

import time
from typing import Protocol, TextIO, final

from yeoul.cli.output import is_terminal, one_line, printable, tell

_REFRESH_SECONDS = 0.12


class Screen(Protocol):
    """Where the listener of a training writes."""

    def line(self, text: str) -> None:
        """Show a line that stays."""
        ...

    def moment(self, text: str) -> None:
        """Show what is going on right now; the next call takes its place."""
        ...

    def note(self, text: str) -> None:
        """Show a line that stays where nothing moves, as a first sign of life."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was."""
        ...


def open_screen(stream: TextIO) -> Screen:
    """Return a moving screen for a person at a terminal, a plain one for pipes, logs and dumb terminals."""
    return TerminalScreen(stream) if is_terminal(stream) else PlainScreen(stream)


@final
class PlainScreen:
    """Lines only, without control characters."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def line(self, text: str) -> None:
        tell(text, stream=self._stream)

    def moment(self, text: str) -> None:
        return

    def note(self, text: str) -> None:
        self.line(text)

    def close(self) -> None:
        return


@final
class TerminalScreen:
    """Lines that stay above one that moves."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.live import Live

        console = Console(file=stream, highlight=False, markup=False, emoji=False)
        self._live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False)
        self._live.start()
        self._drawn = 0.0

    def line(self, text: str) -> None:
        from rich.text import Text

        self._live.console.print(Text(printable(text)))

    def moment(self, text: str) -> None:
        from rich.text import Text

        if time.monotonic() - self._drawn > _REFRESH_SECONDS:
            self._drawn = time.monotonic()
            shown = one_line(text, max(10, self._live.console.width - 1))
            self._live.update(Text(shown, style="dim", no_wrap=True), refresh=True)

    def note(self, text: str) -> None:
        return

    def close(self) -> None:
        from rich.text import Text

        self._live.update(Text(""), refresh=True)
        self._live.stop()
