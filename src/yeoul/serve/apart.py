"""A model in a process of its own, asked by the server over two pipes.

A model and the loop that speaks HTTP both need Python's lock for moments, hundreds of times a batch; in one process
either would wait for the other each time, and two cores would do the work of one.
"""

import contextlib
import subprocess
import sys
from collections.abc import Sequence
from threading import Lock
from typing import Any, final

from yeoul.api import Run
from yeoul.errors import RunError, UsageError
from yeoul.serve.answering import Question
from yeoul.serve.frames import Plain, error_of, read_frame, write_frame
from yeoul.serve.refusals import RefusedError
from yeoul.tasks.classification.inputs import Inputs, texts_of

_PATIENCE_SECONDS = 10.0


@final
class Apart:
    """A run's model, loaded by a process that ends with the server, however that ends."""

    def __init__(self, run: Run) -> None:
        """Start the process and wait until it has loaded the model; raise what loading raises."""
        command = [sys.executable, "-m", "yeoul.serve.worker", str(run.path), run.device]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the process of the model has no pipes")
        self._questions, self._answers = self._process.stdin, self._process.stdout
        self._turn = Lock()
        self._ended = False
        told = read_frame(self._answers)
        if told is None:
            self.close()
            raise RunError("the process of the model ended before it was loaded", where=run.id)
        if "error" in told:
            self.close()
            raise error_of(told["error"])
        self.facts: Plain = told["facts"]
        self.compares: bool = told["compares"]
        self.channels: int | None = None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return not self._ended and self._process.poll() is None

    @property
    def process(self) -> int:
        """The number of the process."""
        return self._process.pid

    def answer(self, questions: Sequence[Question[Inputs]]) -> list[list[Plain]]:
        """Return for each question its answers.

        Raises what the model raised, `RefusedError` where its process has ended, and `RuntimeError` for its faults.
        """
        message = {
            "texts": [list(texts_of(each.inputs)) for each in questions],
            "attention": [each.attention for each in questions],
        }
        with self._turn:
            told = self._asked(message)
        if told is None:
            self._ended = True
            ended = UsageError("the process of the model has ended", "start the server again")
            raise RefusedError(503, ended)
        if "error" in told:
            raise error_of(told["error"])
        if "fault" in told:
            raise RuntimeError(told["fault"])
        answers: list[list[Plain]] = told["answers"]
        return answers

    def close(self) -> None:
        """Let the process end; where it does not in time, end it."""
        with contextlib.suppress(BrokenPipeError):  # it has ended already
            self._questions.close()
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()

    def _asked(self, message: dict[str, Any]) -> Plain | None:
        try:
            write_frame(self._questions, message)
        except BrokenPipeError:
            return None
        return read_frame(self._answers)
