"""Ctrl-C while training: the first one stops in good order, the second one leaves at once."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from yeoul.language import say

_SHOW_CURSOR = "\x1b[?25h"
_LEFT = 130


class Stopping:
    """Whether the person has asked to stop.

    Between steps a flag is enough: the training sees it, saves and ends. Elsewhere (reading data, fitting a
    baseline) there is nothing to finish, and the request is a `KeyboardInterrupt`.
    """

    def __init__(self) -> None:
        self.requested = False
        self.stepping = False

    def __call__(self) -> bool:
        return self.requested


@contextmanager
def interrupts_caught(terminal: bool) -> Iterator[Stopping]:
    """Listen for Ctrl-C and SIGTERM inside the block; `terminal` tells whether a cursor may be hidden."""
    stopping = Stopping()

    def on_signal(number: int, frame: FrameType | None) -> None:
        if stopping.requested:
            os.write(2, (_SHOW_CURSOR if terminal else "").encode() + b"\n")
            os._exit(_LEFT)
        stopping.requested = True
        if not stopping.stepping:
            raise KeyboardInterrupt
        os.write(
            2, ("\n" + say("stopping after this step; press Ctrl-C again to leave at once") + "\n").encode()
        )

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
