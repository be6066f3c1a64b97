"""The process of one model: `python -m yeoul.serve.worker RUN DEVICE`, asked by `yeoul.serve.apart` over its pipes."""

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from yeoul.api import load
from yeoul.errors import YeoulError
from yeoul.serve.answering import Here, Question, answering_of
from yeoul.serve.frames import read_frame, told_error, write_frame
from yeoul.tasks.classification.inputs import Inputs


def main(arguments: Sequence[str]) -> None:
    """Answer until nobody asks any more."""
    path, device = arguments
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # whatever a library prints is no answer
        try:
            model = answering_of(load(Path(path), device))
        except YeoulError as error:
            write_frame(answers, {"error": told_error(error)})
            return
        write_frame(answers, {"facts": model.facts, "compares": model.compares})
        answer_all(model, sys.stdin.buffer, answers)


def answer_all(model: Here, questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer one message after another, until their stream ends."""
    while (message := read_frame(questions)) is not None:
        try:
            write_frame(answers, _answered(model, message))
        except BrokenPipeError:
            return


def _answered(model: Here, message: dict[str, Any]) -> dict[str, Any]:
    asked = [
        Question[Inputs](texts, attention)
        for texts, attention in zip(message["texts"], message["attention"], strict=True)
    ]
    try:
        return {"answers": model.answer(asked)}
    except YeoulError as error:
        return {"error": told_error(error)}
    except Exception:  # noqa: BLE001  the server tells of it
        return {"fault": traceback.format_exc()}


if __name__ == "__main__":
    main(sys.argv[1:])
