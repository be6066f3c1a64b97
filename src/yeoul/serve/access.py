"""Who may ask: the name that a client calls the server by, the page that it comes from, and its token."""

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from yeoul.errors import UsageError
from yeoul.serve.refusals import Header, RefusedError

OPEN_PATHS = ("/health", "/ready")
"""What may be asked without a token: that the server is there."""
LEAST_TOKEN = 16
_METHODS = ("GET", "POST", "DELETE")
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_HOST = re.compile(r"(?P<name>[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?")


@final
@dataclass(frozen=True)
class Door:
    """What a request must say of itself to be let in."""

    hosts: frozenset[str]
    """Names by which the server may be called, in small letters."""
    addresses: bool
    """Whether it may also be called by any address in numbers, which no foreign page can be made to resolve to."""
    token: bytes | None

    def check(self, method: str, path: str, headers: Sequence[Header]) -> None:
        """Raise `RefusedError` for a request that may not come in."""
        self.check_source(method, headers)
        if self.token is not None and path not in OPEN_PATHS:
            self._check_token([value for name, value in headers if name == b"authorization"], self.token)
        if method == "POST":
            refuse_other_content(headers, b"application/json")

    def check_source(self, method: str, headers: Sequence[Header]) -> None:
        """Raise `RefusedError` for another method, a foreign name of the server or a page from elsewhere."""
        if method not in _METHODS:
            raise RefusedError(405, UsageError("this method is not known here", "use GET, POST or DELETE"))
        host = self._host([value for name, value in headers if name == b"host"])
        for name, value in headers:
            if name == b"origin" and value.decode("latin-1").lower() not in (
                f"http://{host}",
                f"https://{host}",
            ):
                raise RefusedError(403, UsageError("pages from elsewhere may not ask", "ask from a program"))
            if name == b"sec-fetch-site" and value not in (b"same-origin", b"none"):
                raise RefusedError(403, UsageError("pages from elsewhere may not ask", "ask from a program"))

    def _host(self, values: Sequence[bytes]) -> str:
        host = values[0].decode("latin-1").lower() if len(values) == 1 else ""
        found = _HOST.fullmatch(host)
        if found is None:
            raise RefusedError(400, UsageError("the Host header is missing or broken", "send one"))
        if found["name"] not in self.hosts and not (self.addresses and _is_address(found["name"])):
            raise RefusedError(
                403,
                UsageError("the server is not called so", "use its own name, or start it with --allow-host"),
            )
        return host

    def _check_token(self, values: Sequence[bytes], token: bytes) -> None:
        scheme, _, given = values[0].partition(b" ") if len(values) == 1 else (b"", b"", b"")
        if scheme.lower() != b"bearer" or not same_secret(given.strip(), token):
            raise RefusedError(
                401, UsageError("the token is missing or wrong", "send Authorization: Bearer TOKEN")
            )


def door_of(host: str, allowed: Sequence[str], token: str | None) -> Door:
    """Return the door of a server that listens on `host`; raise `UsageError` where it would stand open.

    `allowed` are more names by which clients may call it.
    """
    if token is not None and (
        len(token) < LEAST_TOKEN or not token.isascii() or not token.isprintable() or " " in token
    ):
        raise UsageError(
            "a token has at least {least} letters, digits and signs of ASCII",
            'make one with python -c "import secrets; print(secrets.token_urlsafe())"',
            values={"least": LEAST_TOKEN},
        )
    names = {name.lower() for name in allowed}
    for name in names:
        if _HOST.fullmatch(name) is None or ":" in name.partition("]")[2 * name.startswith("[")]:
            raise UsageError(
                "{came} is no name of a machine",
                "write it without a port",
                where="--allow-host",
                values={"came": name},
            )
    if is_loopback(host):
        return Door(
            frozenset({*_LOOPBACK, _in_url(host), *names}), False, None if token is None else token.encode()
        )
    if token is None:
        raise UsageError(
            "without a token only this machine may ask",
            "name a file that holds one with --token-file, or set YEOUL_TOKEN",
            where=f"--host {host}",
        )
    return Door(frozenset({*_LOOPBACK, _in_url(host), *names}), True, token.encode())


def is_loopback(host: str) -> bool:
    """Tell whether only programs of this machine reach a server that listens on `host`."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host.strip("[]")).is_loopback)


def _in_url(host: str) -> str:
    """Write a host as it stands in a URL, where IPv6 has brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host.lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def same_secret(given: bytes, secret: bytes) -> bool:
    """Tell whether a secret is the right one, in a time that tells nothing of it."""
    return hmac.compare_digest(hashlib.sha256(given).digest(), hashlib.sha256(secret).digest())


def refuse_other_content(headers: Sequence[Header], expected: bytes) -> None:
    """Raise `RefusedError` for a body that is not declared as what is expected."""
    values = [value for name, value in headers if name == b"content-type"]
    kind = values[0].partition(b";")[0].strip().lower() if len(values) == 1 else b""
    if kind == expected:
        return
    if expected == b"application/json":
        error = UsageError("the body is not declared as JSON", "send Content-Type: application/json")
    else:
        error = UsageError("the body is not declared as bytes", "send Content-Type: application/octet-stream")
    raise RefusedError(415, error)
