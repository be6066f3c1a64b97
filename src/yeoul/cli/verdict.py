"""The verdict in plain words, the scoreboard below it, and a few answers to look at."""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from yeoul.cli.figures import count, percent, points, signed_points
from yeoul.cli.output import one_line, table
from yeoul.cli.scores import COLUMNS, SURPRISES, is_error, score_interval, score_name
from yeoul.cli.tag_cards import sample_tags
from yeoul.language import say
from yeoul.spreadsheets import plain

Scores = Mapping[str, Any]
_TEXT_COLUMNS = 48
_LABEL_COLUMNS = 20
_PAIR_COLUMNS = 36
_SAMPLE_LINES, _SAMPLE_COLUMNS = 6, 76


def verdict_line(scores: Scores) -> str:
    """Say in one sentence whether the model is better than the number to beat; `scores` is an evaluation."""
    verdict = scores["verdict"]
    metric = verdict["metric"]
    values = {
        "metric": score_name(metric),
        "ours": score_interval(metric, scores["scores"][metric]),
        "theirs": score_interval(metric, _baseline(scores, verdict["against"])["scores"][metric]),
        "name": long_name(verdict["against"]),
    }
    if is_error(metric):
        return _error_line(verdict, values)
    points_apart, span = points(verdict["difference"])
    values |= {"points": points_apart, "span": span, "signed": signed_points(verdict["difference"])}
    match verdict["outcome"]:
        case "beats":
            return say("beats {name}: {metric} {ours} is {points} points ({span}) above its {theirs}", values)
        case "does not beat":
            return say(
                "does not beat {name}: {metric} {ours} is {points} points ({span}) below its {theirs}", values
            )
        case _:
            return say(
                "cannot tell whether it beats {name}: {metric} {ours} against its {theirs}; "
                "the difference of {signed} points may be chance",
                values,
            )


def _error_line(verdict: Scores, values: Mapping[str, str]) -> str:
    """Say the same of errors, of which less is better."""
    gain = verdict.get("gain") or {}
    if gain.get("value") is not None and verdict["outcome"] != "cannot tell":
        return _gain_line(verdict["outcome"], gain, values, verdict["metric"])
    match verdict["outcome"]:
        case "beats":
            return say("beats {name}: {metric} {ours} against its {theirs}", values)
        case "does not beat":
            return say("does not beat {name}: {metric} {ours} against its {theirs}", values)
        case _:
            return say(
                "cannot tell whether it beats {name}: {metric} {ours} against its {theirs}; "
                "the difference may be chance",
                values,
            )


def _gain_line(outcome: str, gain: Scores, values: Mapping[str, str], metric: str) -> str:
    """Say by how many percent the error of a forecast, or the surprise of a text, is smaller or larger."""
    ends = [abs(gain[name]) for name in ("low", "high") if gain.get(name) is not None]
    span = f" ({min(ends):.1f}–{max(ends):.1f})" if ends else ""
    values = {**values, "gain": f"{abs(gain['value']):.1f} %{span}"}
    if metric in SURPRISES:
        if outcome == "beats":
            return say("beats {name}: {metric} {ours} against its {theirs}, {gain} lower", values)
        return say("does not beat {name}: {metric} {ours} against its {theirs}, {gain} higher", values)
    if outcome == "beats":
        return say("beats {name}: {metric} {ours} against its {theirs}, {gain} smaller", values)
    return say("does not beat {name}: {metric} {ours} against its {theirs}, {gain} larger", values)


def outcome_word(outcome: str) -> str:
    """Name a verdict's outcome in a word or two."""
    match outcome:
        case "beats":
            return say("beats")
        case "does not beat":
            return say("does not beat")
        case _:
            return say("cannot tell")


def long_name(model: str) -> str:
    """Name a baseline inside a sentence."""
    match model:
        case "linear":
            return say("the linear model")
        case "majority":
            return say("the most frequent label")
        case "position":
            return say("the usual tag of each place")
        case "frequent_tag":
            return say("the usual tag of each word")
        case "frequencies":
            return say("the labels' frequencies")
        case "median":
            return say("the median of the training rows")
        case "last":
            return say("the last value")
        case "season":
            return say("the seasonal naive forecast")
        case "drift":
            return say("the drift")
        case "mean":
            return say("the mean of the look-back")
        case "smoothing":
            return say("exponential smoothing")
        case "lags":
            return say("linear regression on lags")
        case "unigram":
            return say("the frequencies of the tokens")
        case "ngrams":
            return say("the n-grams (Kneser–Ney)")
        case "copy":
            return say("copying the source")
        case "frequent":
            return say("the most frequent target")
        case "nearest":
            return say("the nearest training pair")
        case "dictionary":
            return say("the word-by-word dictionary")
        case "lead":
            return say("the beginning of the source")
        case "constant":
            return say("calling all pairs equally close")
        case "characters":
            return say("tf-idf of characters")
        case "words":
            return say("tf-idf of words")
        case "dtw":
            return say("dynamic time warping")
        case "euclid":
            return say("the plain distance")
        case "frequent_caption":
            return say("the most frequent caption")
        case "nearest_picture":
            return say("the nearest picture's caption")
        case "nearest_pictures":
            return say("the usual caption of near pictures")
        case _:
            return model


def short_name(model: str) -> str:
    """Name a baseline in a table."""
    match model:
        case "linear":
            return say("linear model")
        case "majority":
            return say("most frequent label")
        case "position":
            return say("usual tag of the place")
        case "frequent_tag":
            return say("usual tag of the word")
        case "frequencies":
            return say("labels' frequencies")
        case "median":
            return say("median")
        case "last":
            return say("last value")
        case "season":
            return say("seasonal naive")
        case "drift":
            return say("drift")
        case "mean":
            return say("mean")
        case "smoothing":
            return say("exponential smoothing")
        case "lags":
            return say("linear on lags")
        case "unigram":
            return say("token frequencies")
        case "ngrams":
            return say("n-grams (Kneser–Ney)")
        case "copy":
            return say("copied source")
        case "frequent":
            return say("most frequent target")
        case "nearest":
            return say("nearest training pair")
        case "dictionary":
            return say("word-by-word dictionary")
        case "lead":
            return say("beginning of the source")
        case "constant":
            return say("all pairs equal")
        case "characters":
            return say("tf-idf of characters")
        case "words":
            return say("tf-idf of words")
        case "dtw":
            return say("dynamic time warping")
        case "euclid":
            return say("plain distance")
        case "frequent_caption":
            return say("most frequent caption")
        case "nearest_picture":
            return say("nearest picture's caption")
        case "nearest_pictures":
            return say("usual caption of near pictures")
        case _:
            return model


def scoreboard(scores: Scores) -> list[str]:
    """Show the scores of the model and of every baseline, with intervals, as lines of a table."""
    columns = COLUMNS[scores["verdict"]["metric"]]
    rows = [("", *map(score_name, columns))]
    entries = [(say("this model"), scores["scores"])]
    entries += _helped(scores)
    entries += [(short_name(entry["name"]), entry["scores"]) for entry in scores["baselines"]]
    rows += [(name, *(score_interval(one, own[one]) for one in columns)) for name, own in entries]
    asked = {"rows": count(scores["rows"])}
    if "tokens" in scores:
        told = {"tokens": count(scores["tokens"]), "characters": count(scores["characters"])}
        if any(_is_sound(sample["text"]) for sample in scores.get("samples", ())):
            return [*table(rows), say("on {tokens} samples of a sound", told)]
        if scores["scores"]["nats_per_token"].get("low") is None:
            return [
                *table(rows),
                say("on {tokens} tokens, {characters} characters, too few for intervals", told),
            ]
        line = say("on {tokens} tokens, {characters} characters, with 95 % intervals", told)
        return [*table(rows), line]
    if scores.get("task") == "tag":
        asked |= {"words": count(scores["words"]), "unseen": count(scores["unseen_words"])}
        line = say(
            "on {rows} sentences, {words} words, {unseen} of them not in training, with 95 % intervals", asked
        )
        return [*table(rows), line]
    if scores.get("target_kind") == "forecast":
        return [*table(rows), say("on {rows} windows, with 95 % intervals", asked)]
    return [*table(rows), say("on {rows} rows, with 95 % intervals", asked)]


def _helped(scores: Scores) -> list[tuple[str, Scores]]:
    """Return the scores that a language model reaches with help beside its own; they decide nothing."""
    helps = {
        "interpolated": say("  mixed with the n-grams"),
        "cache": say("  with a cache"),
        "dynamic": say("  learning while it reads"),
    }
    return [(label, scores[key]["scores"]) for key, label in helps.items() if scores.get(key)]


def _is_sound(text: str) -> bool:
    from yeoul.sound.mu_law import is_sound  # slow to import

    return is_sound(text)


def sample_texts(scores: Scores) -> list[str]:
    """Show the beginnings of the texts that a language model wrote."""
    lines = list[str]()
    for sample in scores.get("samples", ()):
        values = {"temperature": f"{sample['temperature']:g}", "share": percent(sample["copied"])}
        if _is_sound(sample["text"]):
            values |= {"count": count(len(sample["text"].strip()))}
            lines.append(
                say("temperature {temperature}: a sound of {count} samples, {share} of it copied", values)
            )
            continue
        lines.append(say("written at temperature {temperature}, {share} of it copied:", values))
        told = sample["text"].strip().splitlines()
        lines += [f"  {one_line(line, _SAMPLE_COLUMNS)}" for line in told[:_SAMPLE_LINES]]
    return lines


def sample_answers(predictions: Path, number: int = 4) -> list[str]:
    """Show rows of a `predictions.csv` at even distances, as lines of a table; none if the file is not there."""
    return answer_table([_answer(row) for row in _sampled(predictions, number)])


def sample_pairs(predictions: Path, number: int = 4) -> list[str]:
    """Show rows of a `predictions.csv` of pairs at even distances, as lines of a table."""
    rows = _sampled(predictions, number)
    if not rows:
        return []
    lines = [
        (
            one_line(row["text"], _PAIR_COLUMNS),
            one_line(row["target"], _PAIR_COLUMNS),
            one_line(row["predicted"], _PAIR_COLUMNS),
        )
        for row in rows
    ]
    return table([(say("source"), say("true target"), say("written")), *lines])


def sample_comparisons(predictions: Path, number: int = 4) -> list[str]:
    """Show rows of a `predictions.csv` of comparisons at even distances, as lines of a table."""
    rows = _sampled(predictions, number)
    if not rows:
        return []
    lines = [
        (
            one_line(row["left"], _PAIR_COLUMNS),
            one_line(row["right"], _PAIR_COLUMNS),
            row["target"],
            row["predicted"],
            row["score"],
        )
        for row in rows
    ]
    return table(
        [(say("left side"), say("right side"), say("truth"), say("predicted"), say("score")), *lines]
    )


def sample_captions(predictions: Path, number: int = 4) -> list[str]:
    """Show rows of a `predictions.csv` of captions at even distances, as lines of a table."""
    rows = _sampled(predictions, number)
    if not rows:
        return []
    lines = [
        (
            one_line(row["picture"], _LABEL_COLUMNS),
            one_line(row["target"], _PAIR_COLUMNS),
            one_line(row["predicted"], _PAIR_COLUMNS),
        )
        for row in rows
    ]
    return table([(say("picture"), say("people say"), say("written")), *lines])


def sample_forecasts(predictions: Path, number: int = 4) -> list[str]:
    """Show forecasts of a `predictions.csv` at even distances, beside what came true, as lines of a table."""
    rows = _sampled(predictions, number)
    if not rows:
        return []
    header = (say("time"), say("column"), say("came true"), say("forecast"), say("80 % interval"))
    lines = [
        (
            one_line(" ".join(part for part in (row["series"], row["time"]) if part), _TEXT_COLUMNS),
            one_line(row["column"], _LABEL_COLUMNS),
            row["target"],
            row["predicted"],
            f"{row['low_80']} – {row['high_80']}",
        )
        for row in rows
    ]
    return table([header, *lines])


SAMPLES: Mapping[str, Callable[[Path], list[str]]] = {
    "forecast": sample_forecasts,
    "tag": sample_tags,
    "transduce": sample_pairs,
    "compare": sample_comparisons,
    "caption": sample_captions,
}
"""How rows of a `predictions.csv` are shown, by task; those of others are labels."""


def _sampled(predictions: Path, number: int) -> list[dict[str, str]]:
    if not predictions.is_file():
        return []
    with open(predictions, encoding="utf-8-sig", newline="") as file:
        rows = [{name: plain(cell) for name, cell in row.items()} for row in csv.DictReader(file)]
    places = sorted({(2 * place + 1) * len(rows) // (2 * number) for place in range(number)}) if rows else []
    return [rows[place] for place in places]


def answer_table(answers: Sequence[tuple[str, str, str, float | None]]) -> list[str]:
    """Show answers (text, truth, prediction, confidence if there is one) as lines of a table."""
    if not answers:
        return []
    sure = answers[0][3] is not None
    header = (say("text"), say("true label"), say("predicted"), say("confidence"))
    rows = [
        (
            one_line(text, _TEXT_COLUMNS),
            one_line(target, _LABEL_COLUMNS),
            one_line(predicted, _LABEL_COLUMNS),
            percent(confidence) + ("" if predicted == target else say("  wrong")),
        )
        for text, target, predicted, confidence in answers
    ]
    columns = len(header) if sure else len(header) - 1
    return table([line[:columns] for line in (header, *rows)])


def _answer(row: Mapping[str, str]) -> tuple[str, str, str, float | None]:
    confidence = float(row["confidence"]) if "confidence" in row else None
    return row["text"], row["target"], row["predicted"], confidence


def _baseline(scores: Scores, name: str) -> Mapping[str, Any]:
    return next(entry for entry in scores["baselines"] if entry["name"] == name)
