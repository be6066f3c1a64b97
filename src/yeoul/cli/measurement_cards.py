"""Describe measurements in a few lines: what they are, how they are divided, what was found and put right."""

from typing import TYPE_CHECKING

from yeoul.cli.figures import count
from yeoul.cli.output import one_line, table, tell
from yeoul.language import say
from yeoul.report.measurement_records import MeasurementsCard

if TYPE_CHECKING:
    from yeoul.data.measured.checkup import MeasurementCheckup

_COLUMNS_SHOWN = 4
_ENOUGH_WINDOWS = 19  # for a level of 5 %


def measurements_line(card: MeasurementsCard) -> str:
    """Describe measurements in a line: rows, series, times, targets, further columns."""
    parts = [say("{count} rows", {"count": count(card.rows or 0)})]
    if card.series.count > 1:
        parts.append(say("{count} series", {"count": count(card.series.count)}))
    if card.every:
        parts.append(say("every {span}", {"span": card.every}))
    if card.begins and card.ends:
        parts.append(f"{_moment(card.begins)} – {_moment(card.ends)}")
    targets = f"{say('forecasts')}={_some(card.roles.targets)}"
    parts.append(targets + (say(" (guessed)") if card.roles.guessed_targets else ""))
    further = (*card.roles.inputs, *card.roles.known)
    if further:
        parts.append(say("{count} more columns", {"count": count(len(further))}))
    return f"{one_line(card.source or '', 60)}  " + " · ".join(parts)


def windows_line(card: MeasurementsCard) -> str:
    """Describe the windows of each split, and what one reads and answers."""
    names = {"train": say("train"), "validation": say("validation"), "test": say("test")}
    sizes = card.split.windows
    line = " · ".join(f"{name} {count(sizes.get(split, 0))}" for split, name in names.items())
    plan = card.split.plan
    values = {
        "steps": count(plan.steps or 0),
        "lookback": count(plan.lookback or 0),
        "horizon": count(plan.horizon or 0),
        "delay": count(plan.delay),
    }
    line += "  " + say("windows in the order of time")
    line += " · " + say("each reads {steps} of {lookback} rows, forecasts {horizon}", values)
    if plan.delay:
        line += say(" after {delay} more", values)
    return line


def finding_lines(card: MeasurementsCard) -> list[str]:
    """Say what was found in the rows that a person should know."""
    found, lines = card.found, []
    for sentinel in found.sentinels[:_COLUMNS_SHOWN]:
        values = {
            "value": f"{sentinel.value:g}",
            "count": count(sentinel.count),
            "column": one_line(sentinel.column, 40),
        }
        lines.append(say("{value} in {column}: {count} times, read as missing", values))
    gaps = found.slips.gaps
    if gaps.count:
        values = {"count": count(gaps.count), "rows": count(gaps.rows), "largest": count(gaps.largest)}
        lines.append(
            say("{count} gaps in time, filled with {rows} rows without values (largest {largest})", values)
        )
    if found.slips.repeated:
        values = {"count": count(found.slips.repeated), "first": found.slips.first_repeated}
        lines.append(say("{count} rows repeat a time: the last one of each counts ({first})", values))
    if found.slips.unsorted:
        lines.append(say("{count} rows out of order, sorted", {"count": count(found.slips.unsorted)}))
    if found.slips.beside:
        values = {"count": count(found.slips.beside)}
        lines.append(say("{count} rows a little off their time, moved to it", values))
    checked = card.split.windows.get("validation", _ENOUGH_WINDOWS)
    if checked < _ENOUGH_WINDOWS:
        lines.append(say("only {count} validation windows: the intervals are rough", {"count": checked}))
    left = (*found.text, *found.empty, *found.constant, *found.counters)
    if left:
        lines.append(say("left out: {columns}", {"columns": _some(left)}))
    return lines


def show_measurements(checkup: "MeasurementCheckup") -> None:
    """Print what a table of measurements holds, what is odd in it, and how to begin."""
    found = checkup.measurements
    card = MeasurementsCard.model_validate(found.to_json())
    facts = [(say("file"), card.source or ""), (say("rows"), count(card.rows or 0))]
    if card.every:
        facts.append((say("every"), card.every))
    if card.begins and card.ends:
        facts.append(
            (say("from – to"), f"{_moment(card.begins)} – {_moment(card.ends)} {card.zone}".rstrip())
        )
    facts.append((say("time"), card.roles.time or say("none")))
    if card.series.count > 1:
        facts.append((say("series"), count(card.series.count)))
    if checkup.season > 1:
        facts.append((say("season"), say("{count} rows", {"count": count(checkup.season)})))
    for line in table([(name, one_line(value, 200)) for name, value in facts]):
        tell(line)
    tell()
    header = (say("column"), say("missing"), say("least"), say("mean value"), say("largest"))
    rows = [
        (one_line(name, 30), count(one.missing), f"{one.low:.6g}", f"{one.mean:.6g}", f"{one.high:.6g}")
        for name, one in checkup.columns.items()
    ]
    for line in table([header, *rows]):
        tell(line)
    tell()
    odd = finding_lines(card)
    for line in odd or [say("nothing odd was found")]:
        tell(f"! {line}" if odd else line)
    tell()
    tell(say("# to begin with"))
    tell(checkup.command)


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(one_line(name, 30) for name in names[:_COLUMNS_SHOWN])
    return shown + (f" … {len(names)}" if len(names) > _COLUMNS_SHOWN else "")


def _moment(time: str) -> str:
    """Shorten a time to minutes."""
    return time.replace("T", " ").removesuffix(":00")
