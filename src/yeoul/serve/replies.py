"""How an application answers: with JSON, and to every error with the reason."""

import json

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from yeoul.errors import DataError, UsageError, YeoulError
from yeoul.serve.refusals import RefusedError, language_of, not_understood, refusal, reply


def json_reply(value: object, status: int = 200) -> Response:
    """Return a value as JSON; what is not finite is a fault."""
    body = json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    return Response(body, status, media_type="application/json")


def tell_errors(app: FastAPI) -> None:
    """Let an application answer every error with a status and a reason, in the language of whoever asked."""

    def refused(request: Request, error: RefusedError) -> Response:
        headers, body = reply(error, language_of(request.scope["headers"]))
        return Response(body, error.status, {name.decode(): value.decode() for name, value in headers})

    def any_error(request: Request, error: Exception) -> Response:
        return refused(request, refusal(error))

    def invalid(request: Request, error: Exception) -> Response:
        problems = error.errors() if isinstance(error, RequestValidationError | ValidationError) else ()
        return refused(request, not_understood(problems))

    def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        match status:
            case 404:
                reason: YeoulError = UsageError("there is nothing here", "/openapi.json tells what there is")
            case 405:
                reason = UsageError("this method is not known here", "/openapi.json tells which is")
            case _:
                status, reason = 422, UsageError("the body is no JSON", "send one JSON object")
        return refused(request, RefusedError(status, reason))

    for kind in (RefusedError, DataError, UsageError, Exception):
        app.add_exception_handler(kind, any_error)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(ValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
