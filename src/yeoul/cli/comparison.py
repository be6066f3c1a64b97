"""Set several runs side by side in a terminal: scores, seeds, paired tests, and what the recipes differ in."""

from collections.abc import Mapping

from yeoul.cli.figures import NOTHING, clock, compact, count, signed_points
from yeoul.cli.output import one_line, table
from yeoul.cli.scores import is_error, score_interval, score_name, score_value
from yeoul.cli.verdict import outcome_word, short_name
from yeoul.language import say
from yeoul.report.compared import ComparedRun, Comparison, Group, Paired
from yeoul.report.records import Judgment

_ID_COLUMNS = 32
_VALUE_COLUMNS = 24
_MOST_COLUMNS = 5
_MOST_SETTINGS = 12


def comparison_lines(found: Comparison) -> list[str]:
    """Return a comparison as lines: a table of runs, then what can be said about seeds, pairs and recipes."""
    parts = [table(_run_rows(found)), _seeds(found), _tests(found), _settings(found)]
    lines: list[str] = []
    for part in parts:
        if part:
            lines += [*([""] if lines else []), *part]
    return lines


def _run_rows(found: Comparison) -> list[tuple[str, ...]]:
    """Lay out a row for every run, in the order that they were named; seeds only where they differ."""
    several = len({run.seed for run in found.runs}) > 1
    metrics = {run.metric for run in found.runs if run.score is not None}
    title = score_name(metrics.pop()) if len(metrics) == 1 else say("test score")
    header = [say("run"), title, say("verdict"), say("lead")]
    header += [say("seed")] if several else []
    header += [say("training time"), say("peak memory"), say("parameters")]
    return [tuple(header), *(_run_row(run, several) for run in found.runs)]


def _run_row(run: ComparedRun, with_seed: bool) -> tuple[str, ...]:
    score = NOTHING if run.score is None else score_interval(run.metric, run.score.model_dump())
    seed = [NOTHING if run.seed is None else str(run.seed)] if with_seed else []
    return (
        one_line(run.id, _ID_COLUMNS),
        score,
        _verdict(run.verdict),
        NOTHING if run.verdict is None else _lead(run.verdict),
        *seed,
        NOTHING if run.seconds is None else clock(run.seconds),
        NOTHING if run.memory_mb is None else f"{count(run.memory_mb)} MB",
        NOTHING if run.parameters is None else compact(run.parameters),
    )


def _verdict(verdict: Judgment | None) -> str:
    return f"{outcome_word(verdict.outcome)} ({short_name(verdict.against)})" if verdict else NOTHING


def _lead(verdict: Judgment) -> str:
    return _signed(verdict.metric, verdict.difference.model_dump())


def _seeds(found: Comparison) -> list[str]:
    groups = [group for group in found.groups if len(group.runs) > 1]
    if not groups:
        return []
    header = (say("several seeds"), say("runs"), say("mean"), say("deviation"), say("smallest to largest"))
    return table([header, *(_group_row(group) for group in groups)])


def _group_row(group: Group) -> tuple[str, ...]:
    exact = [_exact(group.metric, value) for value in (group.mean, group.deviation)]
    ends = [_exact(group.metric, value) for value in (group.low, group.high)]
    return (one_line(group.name, _ID_COLUMNS), str(len(group.runs)), *exact, f"{ends[0]} … {ends[1]}")


def _tests(found: Comparison) -> list[str]:
    """Test every run against the one that was named first."""
    first = found.runs[0]
    pairs = [pair for run in found.runs[1:] if (pair := found.between(run.id, first.id)) is not None]
    lines = []
    if pairs:
        chances = any(pair.chance is not None for pair in pairs)
        title = say("against {run}", {"run": one_line(first.id, _ID_COLUMNS)})
        header = (title, say("difference"), *(("p",) if chances else ()), "")
        lines = [
            *table([header, *(_pair_row(pair, chances) for pair in pairs)]),
            _asked(first, pairs[0].rows),
        ]
    if not found.same_rows and any(run.score for run in found.runs):
        lines.append(say("not all runs were tested on the same rows: those scores cannot be compared"))
    elif len({run.fingerprint for run in found.runs}) > 1 and not pairs:
        lines.append(say("the runs saw different data or splits: their scores cannot be compared"))
    return lines


def _asked(run: ComparedRun, rows: int) -> str:
    """Say on what the runs were tested against one another, and how."""
    values = {"rows": count(rows)}
    if run.kind == "forecast":
        return say(
            "on the same {rows} forecast numbers, each time once: paired bootstrap over blocks of times, 95 %",
            values,
        )
    if run.kind == "text":
        return say(
            "on the same {rows} lines of text, in bits per byte: paired bootstrap over blocks, 95 %", values
        )
    return say("on the same {rows} test rows: paired bootstrap, 95 %; p: McNemar's exact test", values)


def _pair_row(pair: Paired, with_chance: bool) -> tuple[str, ...]:
    difference = pair.verdict.difference.to_json()
    chance = [NOTHING if pair.chance is None else _chance(pair.chance)] if with_chance else []
    return (
        one_line(pair.ours, _ID_COLUMNS),
        _signed(pair.verdict.metric, difference),
        *chance,
        _outcome(pair),
    )


def _outcome(pair: Paired) -> str:
    match pair.verdict.outcome:
        case "beats":
            return say("better")
        case "does not beat":
            return say("worse")
        case _:
            return say("cannot tell")


def _chance(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _settings(found: Comparison) -> list[str]:
    """Show the recipe values in which the runs differ, for as many runs as fit beside one another."""
    if not found.differing or len(found.runs) > _MOST_COLUMNS:
        return []
    header = ("", *(one_line(run.id, _VALUE_COLUMNS) for run in found.runs))
    rows = [
        (key, *(one_line(run.settings.get(key, NOTHING), _VALUE_COLUMNS) for run in found.runs))
        for key in found.differing[:_MOST_SETTINGS]
    ]
    more = len(found.differing) - len(rows)
    rest = [say("… and {count} more settings: --json and --html show all", {"count": more})] if more else []
    return table([header, *rows]) + rest


def _signed(metric: str, difference: Mapping[str, float]) -> str:
    """Write a lead with its sign and interval: shares in points, errors in the unit of the target."""
    if not is_error(metric):
        return signed_points(difference)
    value, low, high = (f"{difference[name]:+.4g}" for name in ("value", "low", "high"))
    return f"{value} ({low} … {high})"


def _exact(metric: str, value: float | None) -> str:
    """Write a score with a digit more than elsewhere: seeds differ by little."""
    if value is None or is_error(metric):
        return score_value(metric, value)
    return f"{100 * value:.2f} %"
