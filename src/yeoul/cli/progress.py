"""Carry out a training: show its events, stop it in good order, and end with the verdict."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import typer

from yeoul.cli.figures import count
from yeoul.cli.interrupts import Stopping, interrupts_caught
from yeoul.cli.output import complain, is_terminal, one_line, shell_word, tell, tell_json
from yeoul.cli.scores import score_name, score_value
from yeoul.cli.screen import Screen, open_screen
from yeoul.language import say

if TYPE_CHECKING:
    from yeoul.cli.listener import Listener
    from yeoul.session import Events
    from yeoul.training.events import Finished

_INTERRUPTED = 130


class Job(Protocol):
    """A training that can be begun."""

    @property
    def device(self) -> str:
        """The device's name as asked for."""
        ...

    def check(self) -> None:
        """Raise `YeoulError` at once for what can be seen before anything slow is loaded."""
        ...

    def events(self, should_stop: Callable[[], bool]) -> "Events":
        """Begin; raise `YeoulError` for what the person can mend."""
        ...


def perform(work: Job, *, as_json: bool) -> "Finished":
    """Train to the end, showing how it goes; leave with 130 when the person stops it."""
    stream = sys.stderr if as_json else sys.stdout
    with interrupts_caught(is_terminal(stream)) as stopping:
        work.check()
        screen = open_screen(stream)
        try:
            screen.moment(say("loading …"))
            finished, listener = _listen(work, screen, stopping)
        finally:
            screen.close()
    if finished is None:
        _say_stopped(listener, as_json)
        raise typer.Exit(_INTERRUPTED)
    return finished


def _listen(work: Job, screen: Screen, stopping: Stopping) -> tuple["Finished | None", "Listener"]:
    from yeoul.cli.listener import Listener
    from yeoul.cli.versions import version_line
    from yeoul.training.events import EpochEnded, Finished, Stepped

    screen.line(version_line(work.device))
    screen.moment(say("reading the data …"))
    listener = Listener(screen)
    events = work.events(stopping)
    try:
        for event in events:
            listener.hear(event)
            match event:
                case Stepped():
                    stopping.stepping = True
                case EpochEnded():
                    stopping.stepping = False
                    if stopping.requested:
                        events.throw(KeyboardInterrupt())
                case Finished():
                    return event, listener
    except KeyboardInterrupt:
        return None, listener
    return None, listener


def show_end(finished: "Finished", answers: Sequence[str], *, as_json: bool) -> None:
    """Print the verdict first, then scores, lines of answers, the report's path and what to do next."""
    from yeoul.cli.verdict import scoreboard, verdict_line
    from yeoul.cli.weak_spots import weak_line

    scores = finished.scores
    if as_json:
        parts = {name: scores[name] for name in ("verdict", "scores", "baselines")}
        tell_json({"run": str(finished.path), "status": "done", "report": str(finished.report), **parts})
        return
    tell()
    tell(verdict_line(scores))
    for block in (scoreboard(scores), answers):
        tell()
        for line in block:
            tell(f"  {line}")
    tell()
    if weak := weak_line(finished.path):
        tell(one_line(weak))
    run = shell_word(finished.path)
    tell(say("report   {path}", {"path": finished.report}))
    command = {"forecast": "forecast", "generate": "generate"}.get(scores["task"], "predict")
    heard = _heard(finished.path, scores["samples"]) if command == "generate" and "samples" in scores else ""
    tell(say("next     yeoul {command} {run}", {"command": command, "run": run + heard}))
    tell(f"         yeoul evaluate {run} FILE")
    tell(f"         yeoul runs show {run}")


def _heard(run: Path, written: Sequence[Mapping[str, Any]]) -> str:
    """Return what lets a model of sounds, or of melodies, write one to hear."""
    from yeoul.report.text_records import TextCard
    from yeoul.runs.folder import read_json
    from yeoul.sound.rendering import heard_as

    card = TextCard.model_validate(read_json(run / "data.json"))
    read = "\n".join(sample.text for sample in card.samples)
    suffixes = [".mid" for file in card.files if file.name.lower().endswith(".abc")]
    suffixes += filter(None, map(heard_as, [*(str(sample["text"]) for sample in written), read]))
    return f" --out tune{suffixes[0]}" if suffixes else ""


def _say_stopped(listener: "Listener", as_json: bool) -> None:
    """Say how far a stopped training came and how to go on."""
    if listener.run is None:
        complain(say("stopped before a run was made"))
        return
    path = listener.run.path
    if as_json:
        tell_json(
            {"run": str(path), "status": "paused", "step": listener.step, "total_steps": listener.total_steps}
        )
    values = {"step": count(listener.step), "total": count(listener.total_steps)}
    if (path / "members").is_dir():
        complain(say("stopped in member {name}; everything is saved", {"name": listener.member}))
    elif (path / "checkpoints" / "LATEST").exists():
        complain(say("stopped after step {step} of {total}; everything is saved", values))
    else:
        complain(say("stopped before anything was saved; train again"))
        return
    if listener.best is not None:
        values = {
            "score": f"{score_name(listener.metric)} "
            + score_value(listener.metric, listener.best.validation[listener.metric]),
            "epoch": str(listener.best.epoch),
        }
        complain(say("best so far: validation {score} in epoch {epoch}", values))
    complain(say("go on with: yeoul train --resume {run}", {"run": shell_word(path)}))
