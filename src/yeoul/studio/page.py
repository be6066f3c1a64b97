"""The files of the page, by a fixed table: no address is ever made into a path."""

from collections.abc import Mapping
from importlib import resources
from typing import final

from starlette.responses import Response

from yeoul.errors import UsageError
from yeoul.serve.refusals import RefusedError

FILES: Mapping[str, tuple[str, str]] = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/studio.js": ("studio.js", "text/javascript; charset=utf-8"),
    "/studio.css": ("studio.css", "text/css; charset=utf-8"),
    "/favicon.svg": ("favicon.svg", "image/svg+xml"),
}
"""What each address of the page holds, and of what kind it is."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_REPORT_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""Of a report: its own policy, inside of it, allows but the scripts that Yeoul wrote."""


@final
class PageFile(Response):
    """A file of the page."""

    def __init__(self, address: str) -> None:
        """Read it; raise `RefusedError` where it was not built."""
        name, kind = FILES[address]
        source = resources.files("yeoul.studio").joinpath("static").joinpath(name)
        if not source.is_file():
            raise RefusedError(
                404, UsageError("the page of the studio was not built", "run: make web", where=name)
            )
        headers = {
            "content-security-policy": _POLICY,
            "cache-control": "no-cache",
            "referrer-policy": "no-referrer",
            "cross-origin-opener-policy": "same-origin",
        }
        super().__init__(source.read_bytes(), 200, headers, kind)


@final
class ReportPage(Response):
    """A run's report: a page of no origin, which can neither read nor ask the studio."""

    def __init__(self, html: bytes) -> None:
        super().__init__(
            html,
            200,
            {"content-security-policy": _REPORT_POLICY, "referrer-policy": "no-referrer"},
            "text/html",
        )
