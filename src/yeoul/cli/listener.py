"""Turn the events of a training into the lines of its screen."""

from typing import Any

from yeoul.cli.card_lines import card_lines
from yeoul.cli.figures import NOTHING, clock, compact, count
from yeoul.cli.output import padded, width
from yeoul.cli.scores import COLUMNS, is_error, score_cell, score_name, score_value
from yeoul.cli.screen import Screen
from yeoul.cli.verdict import short_name
from yeoul.language import say
from yeoul.training.events import (
    BaselineReady,
    DataReady,
    Diverged,
    EpochEnded,
    Finished,
    MemberStarted,
    MixtureReady,
    ModelReady,
    Paused,
    RolledBack,
    RunOpened,
    SessionEvent,
    Stepped,
    Testing,
)

_NAME_COLUMNS = 9
_FIRST_WORD_SECONDS = 1.0
_STRONG = 2
"""Baselines that are known once the strong ones are: the trivial one comes alone, before."""


class Listener:
    """Show the events of one training in their order, and remember what the end needs to know."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._total_steps = 0
        self._baselines: dict[str, float] = {}
        self._header_shown = False
        self.run: RunOpened | None = None
        self.best: EpochEnded | None = None
        self.step = 0
        self.metric = "accuracy"
        self.member = ""
        self._noted = False

    @property
    def total_steps(self) -> int:
        """The steps that the training was to make, 0 while unknown."""
        return self._total_steps

    def hear(self, event: SessionEvent) -> None:
        """Show one event."""
        match event:
            case DataReady():
                self._show_data(event)
            case ModelReady():
                self._total_steps = event.total_steps
                self._named(say("model"), _model_line(event))
            case BaselineReady():
                self._show_baseline(event)
            case RunOpened():
                self._show_run(event)
            case Stepped():
                self._show_step(event)
            case EpochEnded():
                self._show_epoch(event)
            case RolledBack():
                values = {"step": count(event.step), "scale": f"{event.rate_scale:g}"}
                self._screen.line(say("not finite: back to step {step}, at {scale} of the rate", values))
            case MemberStarted():
                self._show_member(event)
            case MixtureReady():
                weights = " · ".join(f"{name} {weight:.2f}" for name, weight in event.weights.items())
                self._named(say("weights"), weights)
            case Testing():
                self._screen.moment(say("testing …"))
            case Diverged() | Paused() | Finished():
                return

    def _show_data(self, event: DataReady) -> None:
        for name, line in card_lines(event.card):
            self._named(name, line)
        self._screen.moment(say("preparing the model …"))

    def _show_run(self, event: RunOpened) -> None:
        self.run = event
        if event.resumed_step is None:
            self._named(say("run"), str(event.path))
        else:
            values = {"path": event.path, "step": count(event.resumed_step)}
            self._named(say("run"), say("{path}, going on after step {step}", values))
        self._screen.moment(say("fitting …"))

    def _show_baseline(self, event: BaselineReady) -> None:
        first = not self._baselines
        self._baselines[event.name] = event.value
        self.metric = event.metric
        values = {"name": short_name(event.name), "score": score_value(event.metric, event.value)}
        if event.sampled_rows is not None:
            rows = {"rows": count(event.sampled_rows)}
            self._named(say("to beat"), say("the linear model saw {rows} of the training rows", rows))
        if first:
            text = say("{name} {score} (validation)", values)
            if self._total_steps:
                text += " · " + say("a stronger one: after the first epoch")
            self._named(say("to beat"), text)
        elif event.cached:
            self._named(say("to beat"), say("{name} {score} (validation, known from before)", values))
        else:
            values["time"] = clock(event.seconds)
            self._named(say("to beat"), say("{name} {score} (validation, fitted in {time})", values))

    def _show_member(self, event: MemberStarted) -> None:
        self.member = event.name
        values = {"place": event.place, "members": event.members, "name": event.name}
        text = say("{place} of {members}: {name}", values)
        if event.done:
            text += " · " + say("done before")
        self._named(say("member"), text)
        self._header_shown = self._noted = False
        self._total_steps = 0

    def _show_step(self, event: Stepped) -> None:
        self._total_steps = event.total_steps
        progress = event.progress
        self.step = progress.step
        each = progress.seconds / max(1, progress.step)
        values = {
            "step": count(progress.step),
            "total": count(event.total_steps),
            "loss": f"{progress.loss_total / max(1.0, progress.loss_count):.3f}",
            "speed": compact(progress.tokens / max(1e-9, progress.seconds)),
            "left": clock(each * (event.total_steps - progress.step)),
        }
        if not self._noted and progress.seconds > _FIRST_WORD_SECONDS:
            self._noted = True
            self._screen.note(say("step {step}/{total} · loss {loss} · {speed} tokens/s", values))
        self._screen.moment(say("step {step}/{total} · loss {loss} · {speed} tokens/s · {left} left", values))

    def _show_epoch(self, event: EpochEnded) -> None:
        if not self._header_shown:
            self._screen.line(_header(self.metric))
            self._header_shown = True
        self.step = event.progress.step
        if event.improved:
            self.best = event
        self._screen.line(self._epoch_row(event))
        if len(self._baselines) < _STRONG:
            self._screen.moment(say("fitting the number to beat …"))

    def _epoch_row(self, event: EpochEnded) -> str:
        progress = event.progress
        epochs, left = "", NOTHING
        if self._total_steps:
            epoch_steps = max(1, -(-progress.step // event.epoch))
            epochs = f"/{max(event.epoch, -(-self._total_steps // epoch_steps))}"
            left = clock(progress.seconds / max(1, progress.step) * (self._total_steps - progress.step))
        cells = (
            f"{event.epoch:>2}{epochs}",
            f"{event.loss:.3f}",
            f"{event.validation['loss']:.3f}",
            *(score_cell(one, event.validation[one]) for one in COLUMNS[self.metric]),
            f"{event.rate:.1e}",
            compact(event.tokens_per_second),
            clock(progress.seconds),
            left,
        )
        return (_row(cells) + "  " + self._remarks(event)).rstrip()

    def _remarks(self, event: EpochEnded) -> str:
        remarks = [say("* best")] if event.improved else []
        if len(self._baselines) >= _STRONG:
            name, value = self._best_baseline()
            lead = event.validation[self.metric] - value
            values = {"name": short_name(name), "score": score_cell(self.metric, value)}
            if is_error(self.metric):
                lead = -lead
            if lead > 0:
                remarks.append(say("{name} {score}: ahead", values))
            elif lead < 0:
                remarks.append(say("{name} {score}: behind", values))
            else:
                remarks.append(say("{name} {score}: equal", values))
        return "; ".join(remarks)

    def _best_baseline(self) -> tuple[str, float]:
        best = min if is_error(self.metric) else max
        return best(self._baselines.items(), key=lambda one: one[1])

    def _named(self, name: str, text: str) -> None:
        self._screen.line(padded(name, max(_NAME_COLUMNS, width(name) + 1)) + text)


def _model_line(event: ModelReady) -> str:
    values: dict[str, Any] = {
        "description": event.description,
        "parameters": compact(event.parameters),
        "time": clock(event.epoch_seconds),
        "epochs": event.epochs,
    }
    return say(
        "{description} · {parameters} parameters · about {time} an epoch, at most {epochs} epochs", values
    )


def _header(metric: str) -> str:
    names = (
        say("epoch"),
        say("loss"),
        say("validation"),
        *map(score_name, COLUMNS[metric]),
        say("rate"),
        say("tokens/s"),
        say("elapsed"),
        say("left"),
    )
    return _row(names)


_COLUMNS = (6, 7, 10, 10, 9, 7, 8, 7, 7)


def _row(cells: tuple[str, ...]) -> str:
    first, *others = zip(cells, _COLUMNS, strict=True)
    return padded(*first) + "".join(" " + " " * (columns - width(cell)) + cell for cell, columns in others)
