"""The plain facts of a report as names and values: the data card, the cost, what it takes to reproduce."""

from collections.abc import Mapping
from dataclasses import dataclass

from yeoul.report.formats import NOTHING, TEXT_CHARACTERS, amount, count, cut, duration, moment, percent, size
from yeoul.report.records import Cost, DataCard, Lengths, NearRows, Record, SomeLengths
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
    return told(
        fact("data.source", card.source),
        fact("data.licence", card.licence),
        fact("data.rows", count(card.rows)),
        fact("data.split", _split(card)),
        fact("data.sizes", _by_split({split: count(rows) for split, rows in card.sizes.items()})),
        fact("data.unlabelled", _by_split({split: count(rows) for split, rows in card.unlabelled.items()})),
        fact("data.numbers", _true_numbers(card)),
        fact("data.encoding", flagged("data.detected", encoding.name, encoding.detected) if encoding else ""),
        fact("data.separator", say("data.tab") if card.separator == "\t" else card.separator),
        fact("data.inputs", flagged("data.guessed", ", ".join(card.inputs), guessed.inputs)),
        fact("data.target", flagged("data.guessed", card.target or "", guessed.target)),
        fact("data.duplicates", count(card.duplicates)),
        doubtful("data.overlap", card.overlap),
        near_copies(card.near),
        doubtful("data.conflicting", card.conflicting),
        doubtful("data.non_nfc", card.non_nfc),
        fact("data.empty", _by_split({split: count(rows) for split, rows in card.empty_texts.items()})),
        fact("data.channels", count(card.channels)),
        fact("data.steps", _quantiles(card.steps)),
        fact("data.tokens", None if card.steps else _quantiles(card.tokens)),
        fact("data.truncated", _truncated(card)),
        fact(
            "data.unknown", _by_split({split: percent(it) for split, it in card.unknown_token_share.items()})
        ),
        fact("data.vectors", _vectors(card)),
        code("data.fingerprint", card.fingerprint),
    )


def _vectors(card: DataCard) -> Phrase | str:
    if card.vectors is None:
        return ""
    known = card.vectors
    values = {"source": known.source, "covered": count(known.covered), "tokens": count(known.tokens)}
    return say("data.vectors_value", {**values, "share": percent(known.share)})


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
    return told(
        fact("cost.train_seconds", duration(run.cost.train_seconds)),
        fact("cost.baseline_seconds", duration(run.cost.baseline_seconds)),
        fact(
            "cost.peak_memory_mb",
            size(None if run.cost.peak_memory_mb is None else 1e6 * run.cost.peak_memory_mb),
        ),
        fact("cost.tokens_per_second", _speed(run.cost, run.task)),
        fact("cost.parameters", count(run.model.parameters)),
        fact("cost.bytes", size(run.model.bytes)),
        fact("cost.device", threads),
    )


def reproduce_facts(run: Record) -> list[Fact]:
    """List what is needed to run it again."""
    versions = " · ".join(f"{package} {version}" for package, version in run.versions.items() if version)
    return told(
        code("reproduce.command", run.command),
        code("reproduce.run", run.id),
        fact("reproduce.recipe", run.recipe),
        fact("reproduce.model", run.model.description),
        code("reproduce.seed", None if run.seed is None else str(run.seed)),
        code("reproduce.data", " · ".join(filter(None, (run.data.source, run.data.fingerprint)))),
        fact("reproduce.versions", versions),
        fact("reproduce.created", moment(run.created)),
        fact("reproduce.finished", moment(run.finished)),
    )


def fact(key: str, value: Phrase | str | None) -> Fact:
    """Return a fact that is shortened where it is very long."""
    if isinstance(value, Phrase):
        return Fact(say(key), Phrase(cut(value.en, TEXT_CHARACTERS), cut(value.ko, TEXT_CHARACTERS)))
    return Fact(say(key), cut(value or "", TEXT_CHARACTERS))


def code(key: str, value: str | None) -> Fact:
    """Return a fact that is there to be copied."""
    return Fact(say(key), cut(value or "", _CODE_CHARACTERS), code=True)


def doubtful(key: str, rows: int | None) -> Fact:
    """Return a count of rows that a reader should look at when there are any."""
    return Fact(say(key), count(rows), warn=bool(rows))


def near_copies(near: NearRows | None) -> Fact:
    """Return how many rows held out nearly repeat a training row, where that was looked for."""
    return doubtful("data.near", None if near is None or near.rows is None else sum(near.rows.values()))


def told(*facts: Fact) -> list[Fact]:
    """Leave out what is not known."""
    unknown = ("", NOTHING, Phrase("", ""), Phrase(NOTHING, NOTHING))
    return [fact for fact in facts if fact.value not in unknown]


def flagged(key: str, value: str, flag: bool) -> Phrase | str:
    """Say a value in the words of `key` where the flag is up."""
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


def _speed(cost: Cost, task: str | None) -> Phrase | None:
    speed = cost.tokens_per_second
    key = "number.steps_per_second" if task == "forecast" else "number.per_second"
    return None if speed is None else say(key, {"value": count(speed)})


def _by_split(values: Mapping[str, str]) -> Phrase:
    named = [(name("split", split), value) for split, value in values.items()]
    return joined([Phrase(f"{split.en} {value}", f"{split.ko} {value}") for split, value in named])
