"""What a client is told when it does not get what it asked for: a status, a reason, and when to come back."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, final

from pydantic import ValidationError

from yeoul.errors import DataError, UsageError, YeoulError
from yeoul.language import Language, current

Header = tuple[bytes, bytes]
_NAMES = {
    400: "bad-request",
    401: "no-token",
    403: "forbidden",
    404: "not-found",
    405: "no-such-method",
    408: "too-slow",
    409: "busy",
    413: "too-large",
    415: "not-json",
    422: "not-understood",
    429: "too-many",
    500: "fault",
    501: "not-there-yet",
    503: "not-now",
}
STATUSES = tuple(_NAMES)
_RETRY_SECONDS = 1
_MOST_LANGUAGES = 20
_LONGEST_PLACE = 200


@final
class RefusedError(Exception):
    """A request that is not answered, with the status and the error that say why."""

    def __init__(self, status: int, error: YeoulError) -> None:
        super().__init__(status, error)
        self.status = status
        self.error = error

    @property
    def retry_seconds(self) -> int | None:
        """After what time it makes sense to ask again; None where it makes none."""
        return _RETRY_SECONDS if self.status in (429, 503) else None


def refusal(error: Exception) -> RefusedError:
    """Return how an error from inside is told: what a client can mend as it is, anything else without detail."""
    match error:
        case RefusedError():
            return error
        case DataError() | UsageError():
            return RefusedError(422, error)
        case ValidationError():
            return not_understood(error.errors())
        case _:
            fault = YeoulError("the server failed to answer this", "its log tells why")
            return RefusedError(500, fault)


def told(refused: RefusedError, language: Language) -> dict[str, Any]:
    """Return a refusal as JSON."""
    place = refused.error.where
    where = place.removeprefix("--").replace("-", "_") if place.startswith("--") else place
    error = type(refused.error)(refused.error.problem, refused.error.remedy, values=refused.error.values)
    return {
        "error": {
            "status": refused.status,
            "kind": _NAMES[refused.status],
            "message": error.message(language),
            **({"where": where[:_LONGEST_PLACE]} if where else {}),
        }
    }


def reply(refused: RefusedError, language: Language) -> tuple[list[Header], bytes]:
    """Return the headers and the body of a refusal."""
    body = json.dumps(told(refused, language), ensure_ascii=False).encode("utf-8", "replace")
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if refused.retry_seconds is not None:
        headers.append((b"retry-after", str(refused.retry_seconds).encode()))
    if refused.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if refused.status in (400, 401, 403, 408):
        headers.append((b"connection", b"close"))
    return headers, body


def language_of(headers: Iterable[Header]) -> Language:
    """Return the language that a client prefers of those that Yeoul speaks; without a wish the server's own."""
    wishes = dict[Language, float]()
    for name, value in headers:
        if name != b"accept-language":
            continue
        for part in value.decode("latin-1").split(",")[:_MOST_LANGUAGES]:
            tag, _, weight = part.strip().lower().partition(";q=")
            spoken: Language | None = {"ko": "ko", "en": "en"}.get(tag.partition("-")[0])  # type: ignore[assignment]
            if spoken is not None:
                wishes[spoken] = max(wishes.get(spoken, 0.0), _weight(weight))
    return max(wishes, key=lambda spoken: wishes[spoken]) if wishes else current()


def _weight(text: str) -> float:
    digits = text.strip()
    return (
        float(digits) if digits.replace(".", "", 1).isdecimal() and digits.isascii() else 1.0 - bool(digits)
    )


def not_understood(problems: Sequence[Mapping[str, Any]]) -> RefusedError:
    """Return the refusal of a body for the first of the problems that pydantic found in it."""
    first = problems[0]
    place = [part for part in first["loc"] if part not in ("body", "query", "path")]
    where = ".".join(str(part) for part in place)
    bounds = first.get("ctx", {})
    match first["type"]:
        case "missing" if not where:
            error = UsageError("the request has no body", "send one as JSON")
        case "missing":
            error = UsageError("this is missing", "/openapi.json tells what belongs here", where=where)
        case "json_invalid":
            error = UsageError("the body is no JSON", "send one JSON object")
        case "extra_forbidden":
            error = UsageError("this key is unknown", "/openapi.json tells what belongs here", where=where)
        case "string_unicode":
            error = UsageError("the text is no valid Unicode", "send it as UTF-8", where=where)
        case "finite_number":
            error = UsageError("the number is not finite", "mend or remove it", where=where)
        case "too_long" | "string_too_long":
            values = {"most": bounds["max_length"]}
            error = UsageError(
                "this is longer than {most}", "send less at a time", where=where, values=values
            )
        case "too_short" | "string_too_short":
            error = UsageError("this is empty", "send at least one", where=where)
        case "value_error":
            error = UsageError("the keys do not go together", "/openapi.json tells which do", where=where)
        case kind if kind in _BOUNDS:
            values = {"bound": f"{_BOUNDS[kind]} {next(iter(bounds.values()))}"}
            error = UsageError("the number is out of range", "expected {bound}", where=where, values=values)
        case _:
            error = UsageError(
                "this is not what is expected here", "/openapi.json tells what is", where=where
            )
    return RefusedError(422, error)


_BOUNDS = {"greater_than": ">", "greater_than_equal": "≥", "less_than": "<", "less_than_equal": "≤"}
