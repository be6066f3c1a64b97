"""Answer what has a state or comes bit by bit: texts that are written, and sessions of rows or texts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

from yeoul.errors import UsageError
from yeoul.language import Language
from yeoul.serve.asking import check_horizon, records
from yeoul.serve.dialogue import Draft, Reading, Reply
from yeoul.serve.events import Events, event, told_piece
from yeoul.serve.histories import columns_of
from yeoul.serve.offers import Foreteller, Narrator
from yeoul.serve.refusals import refusal, told
from yeoul.serve.schemas import Feed, RowsSoFar, SoFar, TextSoFar, Write, WriteOn
from yeoul.serve.sessions import Session
from yeoul.serve.turns import Unfolded
from yeoul.tasks.forecasting.stream import ForecastStream
from yeoul.tasks.generation.generating import Continuation, Generated, Piece
from yeoul.tasks.generation.manner import Manner

Plain = dict[str, Any]
Coming = Unfolded[Piece, tuple[Generated, Draft | None]]


class _Alone:
    """A text that is written without a session."""

    def __init__(self, offer: Narrator, prompt: str, manner: Manner, seed: int | None) -> None:
        self._coming = Continuation(offer.writer, prompt, manner, seed)

    def __next__(self) -> Piece:
        return next(self._coming)

    def finish(self) -> tuple[Generated, Draft | None]:
        return self._coming.finish(), None


async def written(offer: Narrator, asked: Write, session: str | None = None) -> Plain:
    """Return a text that the model has written, by itself or in a session."""
    with ExitStack() as leaving:
        coming, kept = _entered(offer, asked, session, leaving)
        found, draft = await coming.whole()
        return _ended(offer, found, draft, kept)


async def streamed(offer: Narrator, asked: Write, language: Language, session: str | None = None) -> Events:
    """Return a text as events; what is wrong with the request is raised before the first."""
    leaving = ExitStack()
    try:
        coming, kept = _entered(offer, asked, session, leaving)
        parts = coming.parts()
        first = await anext(parts, None)
    except BaseException:
        leaving.close()
        raise

    async def events() -> AsyncIterator[bytes]:
        try:
            if first is not None:
                yield _token(first)
                async for piece in parts:
                    yield _token(piece)
            found, draft = await coming.whole()
            yield event("end", _ended(offer, found, draft, kept))
        except Exception as error:  # noqa: BLE001  the client is told in the stream, which has begun
            yield event("error", told(refusal(error), language))

    return Events(events(), leaving.close)


def _entered(
    offer: Narrator, asked: Write, session: str | None, leaving: ExitStack
) -> tuple[Coming, Session[Draft] | None]:
    """Have a text written in the model's turns; `leaving` gives it up."""
    manner = _manner(asked)
    if session is None:
        prompt = asked.prompt if isinstance(asked, WriteOn) else ""
        coming = offer.turns.open(lambda: _Alone(offer, prompt, manner, asked.seed))
        leaving.callback(coming.close)
        return coming, None
    kept = leaving.enter_context(offer.sessions.turn(session))
    draft = kept.kept
    _refuse_longer(offer, len(draft.ids))
    coming = offer.turns.open(lambda: Reply(offer.writer, draft, manner, asked.seed))
    leaving.callback(coming.close)
    return coming, kept


def _ended(offer: Narrator, found: Generated, draft: Draft | None, kept: Session[Draft] | None) -> Plain:
    """Tell of a text that is whole, and keep its draft in the session."""
    if kept is not None and draft is not None:
        kept.kept = draft
    return {
        "model": offer.card.name,
        "text": found.text,
        "prompt": found.prompt,
        "tokens": len(found.pieces),
        "log_prob": round(found.log_prob, 6),
        "outcome": found.outcome,
        "seed": found.seed,
    }


def _token(piece: Piece) -> bytes:
    return event("token", told_piece(piece.text, piece.token, piece.log_prob))


def _manner(asked: Write) -> Manner:
    return Manner(
        tokens=asked.tokens,
        temperature=asked.temperature,
        top_k=asked.top_k,
        top_p=asked.top_p,
        typical=asked.typical,
        min_p=asked.min_p,
        forbid=tuple(asked.forbid),
        skip_unknown=asked.skip_unknown,
        stop=tuple(asked.stop),
        lines=asked.lines,
        starts=tuple(asked.starts),
        no_repeat=asked.no_repeat,
        no_repeat_lines=asked.no_repeat_lines,
        no_repeat_words=asked.no_repeat_words,
    )


async def begun(offer: Foreteller | Narrator, sofar: SoFar) -> Plain:
    """Begin a session with what has been so far."""
    offer.sessions.refuse_more()
    match offer, sofar:
        case Foreteller(), RowsSoFar():
            rows = await asyncio.to_thread(offer.reader.read, sofar.columns, sofar.start)
            return _told_rows(offer, offer.sessions.open(ForecastStream(offer.forecaster, rows)))
        case Narrator(), TextSoFar():
            draft = await _read(offer, None, _known_ids(offer, sofar), sofar.text)
            return _told_text(offer, offer.sessions.open(draft))
        case _:
            raise UsageError(
                "this model is of the task {task}",
                "begin a session of the same kind",
                where="kind",
                values={"task": offer.card.task},
            )


def described(offer: Foreteller | Narrator, name: str) -> Plain:
    """Tell of a session."""
    match offer:
        case Foreteller():
            return _told_rows(offer, offer.sessions.found(name))
        case Narrator():
            return _told_text(offer, offer.sessions.found(name))


def snapshot(offer: Foreteller | Narrator, name: str) -> Plain:
    """Return what `begun` makes the same session of."""
    match offer:
        case Foreteller():
            return {"kind": "forecast", **columns_of(offer.sessions.found(name).kept.newest)}
        case Narrator():
            draft = offer.sessions.found(name).kept
            return {"kind": "generate", "text": draft.text, "ids": list(draft.ids)}


async def fed(offer: Foreteller | Narrator, name: str, feed: Feed) -> Plain:
    """Take in the next row and return the forecast after it, or take in more text."""
    match offer:
        case Foreteller() if feed.row is not None:
            check_horizon(offer, feed.horizon)
            with offer.sessions.turn(name) as rows:
                newest = rows.kept.after(feed.row)
                enough = newest.rows >= offer.forecaster.plan.span
                found = await offer.batcher.ask(newest) if enough else None
                rows.kept.keep(newest)
                forecast = None if found is None else records(found, feed.horizon)
                return {**_told_rows(offer, rows), "forecast": forecast}
        case Narrator() if feed.text is not None:
            with offer.sessions.turn(name) as text:
                ids = offer.writer.encode(feed.text)
                text.kept = await _read(offer, text.kept, ids, feed.text)
                return _told_text(offer, text)
        case _:
            raise UsageError(
                "this model is of the task {task}",
                "feed it a row, or a text",
                values={"task": offer.card.task},
            )


async def _read(offer: Narrator, draft: Draft | None, ids: list[int], text: str) -> Draft:
    """Have the model read on, in its turn."""
    _refuse_longer(offer, len(ids) + (0 if draft is None else len(draft.ids)))
    reading = offer.turns.open(lambda: Reading(offer.writer, draft, ids, text))
    try:
        return await reading.whole()
    finally:
        reading.close()


def _refuse_longer(offer: Narrator, tokens: int) -> None:
    most = offer.sessions.most_tokens
    if tokens > most:
        raise UsageError(
            "the session would be longer than {most} tokens", "begin another", values={"most": most}
        )


def _known_ids(offer: Narrator, sofar: TextSoFar) -> list[int]:
    """Return the tokens to begin with; raise `UsageError` for one that the model does not know."""
    if sofar.ids is None:
        return offer.writer.encode(sofar.text)
    if max(sofar.ids, default=0) >= offer.writer.script.tokens:
        raise UsageError("the model has no such token", "send a snapshot of the same model", where="ids")
    return sofar.ids


def _told_rows(offer: Foreteller, session: Session[ForecastStream]) -> Plain:
    newest = session.kept.newest
    return {
        "session": session.id,
        "model": offer.card.name,
        "kind": "forecast",
        "expires_after": offer.sessions.seconds,
        "columns": list(newest.columns),
        "rows": newest.rows,
        "reads": offer.forecaster.plan.span,
    }


def _told_text(offer: Narrator, session: Session[Draft]) -> Plain:
    return {
        "session": session.id,
        "model": offer.card.name,
        "kind": "generate",
        "expires_after": offer.sessions.seconds,
        "text": session.kept.text,
        "tokens": len(session.kept.ids),
    }
