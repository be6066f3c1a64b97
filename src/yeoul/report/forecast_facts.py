"""The data card of forecasts: times, columns and their parts, what was found and put right, what each split holds."""

from yeoul.report.facts import Fact, code, doubtful, fact, flagged, told
from yeoul.report.formats import LABEL_CHARACTERS, amount, count, cut
from yeoul.report.measurement_records import MeasurementsCard, Parts, Plan, Span
from yeoul.report.spans import span
from yeoul.report.words import Phrase, joined, name, say

_COLUMNS = 12


def measurement_facts(card: MeasurementsCard) -> list[Fact]:
    """List what a reader must know about the measurements before believing a score."""
    roles, found = card.roles, card.found
    slips, plan = found.slips, card.split.plan
    return told(
        fact("data.source", card.title or card.source),
        fact("data.licence", card.licence),
        fact("data.rows", count(card.rows)),
        fact("data.series", _series(card)),
        fact("data.times", _times(card)),
        fact("data.every", span(card.every, 1)),
        fact("data.time_column", flagged("data.guessed", roles.time, roles.guessed_time)),
        fact("data.series_column", roles.series),
        fact("data.targets", flagged("data.guessed", _listed(roles.targets), roles.guessed_targets)),
        fact("data.further", _listed(roles.inputs)),
        fact("data.known", _listed(roles.known)),
        fact("data.static", _listed(roles.static)),
        fact("data.calendar", joined([name("clock", one) for one in plan.calendar], ", ")),
        Fact(say("data.gaps"), _gaps(card), warn=bool(slips.gaps.count)),
        Fact(say("data.repeated"), _repeated(card), warn=bool(slips.repeated)),
        fact("data.unsorted", count(slips.unsorted) if slips.unsorted else ""),
        fact("data.beside", count(slips.beside) if slips.beside else ""),
        Fact(say("data.sentinels"), _sentinels(card), warn=bool(found.sentinels)),
        Fact(say("data.missing"), _missing(card), warn=any(found.missing.values())),
        fact("data.left_out", _left_out(card)),
        fact("data.encoding", card.encoding),
        fact("data.reads", _reads(plan, card.every)),
        fact("data.season", _with_rows(plan.season, card.every) if plan.season > 1 else ""),
        *(
            Fact(_title(split), _part(part, card.split.windows.get(split)))
            for split, part in _parts(card.split)
        ),
        fact("data.straddling", count(card.split.straddling) if card.split.straddling else ""),
        doubtful("data.unanswered", card.split.unanswered or None),
        doubtful("data.unread", card.split.unread or None),
        code("data.fingerprint", card.fingerprint),
    )


def ahead(every: str | None, delay: int, horizon: int) -> Phrase:
    """Say which rows are forecast: the next ones, one that is farther ahead, or some after others."""
    if horizon == 1 and delay:
        return say("ahead.one", {"span": _with_rows(delay + 1, every)})
    values = {"span": _with_rows(horizon, every), "delay": _with_rows(delay, every) if delay else ""}
    return say("ahead.later" if delay else "ahead.next", values)


def _with_rows(rows: int, every: str | None) -> Phrase:
    told_rows = say("span.row" if rows == 1 else "span.rows", {"count": count(rows)})
    lasting = span(every, rows)
    return told_rows if lasting is None else say("span.both", {"span": lasting, "rows": told_rows})


def _series(card: MeasurementsCard) -> Phrase | str:
    series = card.series
    if series.count == 1:
        return ""
    named = _listed(tuple(one for one in series.names if one))
    more = " …" if series.count > len(series.names) else ""
    values = {"count": count(series.count), "names": named + more}
    if series.shortest == series.longest:
        return say("data.series_alike", values | {"rows": count(series.longest)})
    ends = {"shortest": count(series.shortest), "longest": count(series.longest)}
    return say("data.series_value", values | ends)


def _times(card: MeasurementsCard) -> Phrase | str:
    if card.begins is None or card.ends is None:
        return say("data.no_times")
    zone = f" (UTC{card.zone})" if card.zone else ""
    return f"{clock(card.begins)} – {clock(card.ends)}{zone}"


def clock(time: str) -> str:
    """Shorten an ISO time to what is not zero."""
    return time.replace("T", " ").removesuffix(":00").removesuffix(" 00:00")


def _gaps(card: MeasurementsCard) -> Phrase | str:
    gaps = card.found.slips.gaps
    if not gaps.count:
        return ""
    values = {
        "count": count(gaps.count),
        "rows": count(gaps.rows),
        "first": cut(gaps.first, LABEL_CHARACTERS),
    }
    return say("data.gaps_value", values | {"largest": count(gaps.largest)})


def _repeated(card: MeasurementsCard) -> Phrase | str:
    slips = card.found.slips
    if not slips.repeated:
        return ""
    values = {"count": count(slips.repeated), "first": cut(slips.first_repeated, LABEL_CHARACTERS)}
    return say("data.repeated_value", values)


def _sentinels(card: MeasurementsCard) -> Phrase:
    return _more(
        [
            say(
                "data.sentinel",
                {
                    "value": amount(one.value),
                    "column": cut(one.column, LABEL_CHARACTERS),
                    "count": count(one.count),
                },
            )
            for one in card.found.sentinels
        ]
    )


def _missing(card: MeasurementsCard) -> Phrase:
    rows = sorted(((n, column) for column, n in card.found.missing.items() if n), key=lambda one: -one[0])
    texts = [f"{cut(column, LABEL_CHARACTERS)} {count(n)}" for n, column in rows]
    return _more([Phrase(text, text) for text in texts])


def _left_out(card: MeasurementsCard) -> Phrase:
    found = card.found
    return joined(
        [
            say(key, {"columns": _listed(columns)})
            for key, columns in (
                ("data.left_out.text", found.text),
                ("data.left_out.empty", found.empty),
                ("data.left_out.constant", found.constant),
                ("data.left_out.counters", found.counters),
            )
            if columns
        ]
    )


def _reads(plan: Plan, every: str | None) -> Phrase | str:
    if plan.lookback is None:
        return ""
    key = "data.reads_some" if (plan.step or 1) > 1 else "data.reads_all"
    return say(key, {"steps": count(plan.steps), "lookback": _with_rows(plan.lookback, every)})


def _parts(split: Parts) -> tuple[tuple[str, Span], ...]:
    return ("train", split.train), ("validation", split.validation), ("test", split.test)


def _title(split: str) -> Phrase:
    named = name("split", split)
    return Phrase(f"{named.en} rows", f"{named.ko} 행")


def _part(part: Span, windows: int | None) -> Phrase | str:
    if not part.rows:
        return ""
    values = {"rows": count(part.rows), "windows": count(windows)}
    told_rows = say("data.part", values)
    if part.begins is None or part.ends is None:
        return told_rows
    span_of = f"{clock(part.begins)} – {clock(part.ends)}"
    return joined([Phrase(span_of, span_of), told_rows])


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(cut(one, LABEL_CHARACTERS) for one in names[:_COLUMNS])
    return shown + (f" … ({len(names)})" if len(names) > _COLUMNS else "")


def _more(parts: list[Phrase]) -> Phrase:
    if not parts:
        return Phrase("", "")
    rest = [Phrase("…", "…")] if len(parts) > _COLUMNS else []
    return joined([*parts[:_COLUMNS], *rest])
