"""Who may use the studio: a browser that came by a link of the terminal, and programs that send the token."""

import re
import secrets
from collections.abc import Callable, Sequence
from typing import final

from yeoul.errors import UsageError
from yeoul.serve.access import Door, refuse_other_content, same_secret
from yeoul.serve.refusals import Header, RefusedError

ENTER = "/enter"
"""Where a link of the terminal leads."""
UPLOADS = re.compile(r"/v1/data/files|/v1/runs/[^/]{1,400}/caption")
"""What takes bytes rather than JSON."""
_MOST_LINKS = 8


@final
class Entrance:
    """Lets in who knows the studio's secret: by a cookie, or by a token.

    A link works once and is answered with the cookie. Whoever comes without either is refused, and `on_stranger` is
    called, so that the terminal may show a fresh link to the person who sits there.
    """

    def __init__(self, door: Door, token: str | None = None) -> None:
        self._door = door
        self._cookie = secrets.token_urlsafe(32)
        self._links: list[str] = []
        self.token = token or secrets.token_urlsafe(32)
        self.port = 0
        self.on_stranger: Callable[[], None] = lambda: None

    def link(self) -> str:
        """Return a path that lets one browser in, once."""
        self._links = [*self._links[1 - _MOST_LINKS :], secrets.token_urlsafe(32)]
        return f"{ENTER}?token={self._links[-1]}"

    def enter(self, given: str) -> str:
        """Return the cookie for what stood in a link; raise `RefusedError` for a link that is used or wrong."""
        known = [link for link in self._links if same_secret(given.encode("utf-8", "replace"), link.encode())]
        if not known:
            self.on_stranger()
            raise RefusedError(
                403, UsageError("this link has been used or is wrong", "open the newest one of the terminal")
            )
        self._links.remove(known[0])
        return f"{self._name}={self._cookie}; HttpOnly; SameSite=Strict; Path=/"

    def check(self, method: str, path: str, headers: Sequence[Header]) -> None:
        """Raise `RefusedError` for a request that may not come in; what is not below `/v1/` tells no secret."""
        self._door.check_source(method, headers)
        if path.startswith("/v1/") and not (self._knows_token(headers) or self._has_cookie(headers)):
            self.on_stranger()
            raise RefusedError(
                401,
                UsageError("the studio does not know this browser", "open the link that the terminal shows"),
            )
        if method == "POST":
            upload = UPLOADS.fullmatch(path) is not None
            refuse_other_content(headers, b"application/octet-stream" if upload else b"application/json")

    @property
    def _name(self) -> str:
        return f"yeoul-studio-{self.port}"  # cookies know no ports, and two studios may run side by side

    def _knows_token(self, headers: Sequence[Header]) -> bool:
        values = [value for name, value in headers if name == b"authorization"]
        scheme, _, given = values[0].partition(b" ") if len(values) == 1 else (b"", b"", b"")
        return scheme.lower() == b"bearer" and same_secret(given.strip(), self.token.encode())

    def _has_cookie(self, headers: Sequence[Header]) -> bool:
        pairs = (part for name, value in headers if name == b"cookie" for part in value.split(b";"))
        held = [part.strip().partition(b"=") for part in pairs]
        own = [value for name, _, value in held if name == self._name.encode()]
        return len(own) == 1 and same_secret(own[0], self._cookie.encode())
