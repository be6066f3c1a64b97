"""The plain facts of a report as names and values: the data card, the cost, what it takes to reproduce."""

from collections.abc import Mapping
from dataclasses import dataclass

from yeoul.report.formats import NOTHING, TEXT_CHARACTERS, amount, count, cut, duration, moment, percent, size
from yeoul.report.records import Cost, DataCard, Lengths, Record, SomeLengths
from yeoul.report.words import Phrase, joined, name, say

_CODE_CHARACTERS = 2000


@dataclass(frozen=True)
class Fact:
    """A name and what it is; `warn` where a reader should look twice, `code` where it is to be copied."""

    name: Phrase
    value: Phrase | str
    warn: bool = False
    code: bool = False


def data_facts(card: DataCard) -> list[Fact]:
    """List what a reader must know about the data before believing a score."""
    encoding, guessed = card.encoding, card.guessed
    return _told(
        _fact("data.source", card.source),
        _fact("data.licence", card.licence),
        _fact("data.rows", count(card.rows)),
        _fact("data.split", _split(card)),
        _fact("data.sizes", _by_split({split: count(rows) for split, rows in card.sizes.items()})),
        _fact("data.unlabelled", _by_split({split: count(rows) for split, rows in card.unlabelled.items()})),
        _fact("data.numbers", _true_numbers(card)),
        _fact(
            "data.encoding", _flagged("data.detected", encoding.name, encoding.detected) if encoding else ""
        ),
        _fact("data.separator", say("data.tab") if card.separator == "\t" else card.separator),
        _fact("data.inputs", _flagged("data.guessed", ", ".join(card.inputs), guessed.inputs)),
        _fact("data.target", _flagged("data.guessed", card.target or "", guessed.target)),
        _fact("data.duplicates", count(card.duplicates)),
        _doubtful("data.overlap", card.overlap),
        _doubtful("data.conflicting", card.conflicting),
        _doubtful("data.non_nfc", card.non_nfc),
        _fact("data.empty", _by_split({split: count(rows) for split, rows in card.empty_texts.items()})),
        _fact("data.channels", count(card.channels)),
        _fact("data.steps", _quantiles(card.steps)),
        _fact("data.tokens", None if card.steps else _quantiles(card.tokens)),
        _fact("data.truncated", _truncated(card)),
        _fact(
            "data.unknown", _by_split({split: percent(it) for split, it in card.unknown_token_share.items()})
        ),
        _code("data.fingerprint", card.fingerprint),
    )


def _split(card: DataCard) -> Phrase | str:
    if card.split is None:
        return ""
    values = {"validation": percent(card.split.validation), "seed": card.split.seed}
    if card.split.test is None:
        return say("data.split.official", values)
    return say("data.split.own", {**values, "test": percent(card.split.test)})


def cost_facts(run: Record) -> list[Fact]:
    """List what the run took; nothing before it is known."""
    if run.cost is None:
        return []
    device = run.device or ""
    threads = say("cost.threads", {"device": device, "threads": run.threads}) if run.threads else device
    return _told(
        _fact("cost.train_seconds", duration(run.cost.train_seconds)),
        _fact("cost.baseline_seconds", duration(run.cost.baseline_seconds)),
        _fact(
            "cost.peak_memory_mb",
            size(None if run.cost.peak_memory_mb is None else 1e6 * run.cost.peak_memory_mb),
        ),
        _fact("cost.tokens_per_second", _speed(run.cost)),
        _fact("cost.parameters", count(run.model.parameters)),
        _fact("cost.bytes", size(run.model.bytes)),
        _fact("cost.device", threads),
    )


def reproduce_facts(run: Record) -> list[Fact]:
    """List what is needed to run it again."""
    versions = " · ".join(f"{package} {version}" for package, version in run.versions.items() if version)
    return _told(
        _code("reproduce.command", run.command),
        _code("reproduce.run", run.id),
        _fact("reproduce.recipe", run.recipe),
        _fact("reproduce.model", run.model.description),
        _code("reproduce.seed", None if run.seed is None else str(run.seed)),
        _code("reproduce.data", " · ".join(filter(None, (run.data.source, run.data.fingerprint)))),
        _fact("reproduce.versions", versions),
        _fact("reproduce.created", moment(run.created)),
        _fact("reproduce.finished", moment(run.finished)),
    )


def _fact(key: str, value: Phrase | str | None) -> Fact:
    if isinstance(value, Phrase):
        return Fact(say(key), Phrase(cut(value.en, TEXT_CHARACTERS), cut(value.ko, TEXT_CHARACTERS)))
    return Fact(say(key), cut(value or "", TEXT_CHARACTERS))


def _code(key: str, value: str | None) -> Fact:
    return Fact(say(key), cut(value or "", _CODE_CHARACTERS), code=True)


def _doubtful(key: str, rows: int | None) -> Fact:
    """Return a count of rows that a reader should look at when there are any."""
    return Fact(say(key), count(rows), warn=bool(rows))


def _told(*facts: Fact) -> list[Fact]:
    """Leave out what is not known."""
    unknown = ("", NOTHING, Phrase("", ""), Phrase(NOTHING, NOTHING))
    return [fact for fact in facts if fact.value not in unknown]


def _flagged(key: str, value: str, flag: bool) -> Phrase | str:
    return say(key, {"value": cut(value, TEXT_CHARACTERS // 2)}) if flag and value else value


def _quantiles(lengths: Lengths | SomeLengths | None) -> Phrase | None:
    if lengths is None:
        return None
    return say("data.tokens_value", {key: count(number) for key, number in lengths.model_dump().items()})


def _true_numbers(card: DataCard) -> Phrase | None:
    quantiles = card.target_quantiles.get("train")
    if quantiles is None:
        return None
    return say("data.numbers_value", {key: amount(number) for key, number in quantiles.model_dump().items()})


def _truncated(card: DataCard) -> Phrase | None:
    if card.truncated is None:
        return None
    share = percent(card.truncated.token_share)
    return say("data.truncated_value", {"rows": count(card.truncated.rows), "share": share})


def _speed(cost: Cost) -> Phrase | None:
    speed = cost.tokens_per_second
    return None if speed is None else say("number.per_second", {"value": count(speed)})


def _by_split(values: Mapping[str, str]) -> Phrase:
    named = [(name("split", split), value) for split, value in values.items()]
    return joined([Phrase(f"{split.en} {value}", f"{split.ko} {value}") for split, value in named])
