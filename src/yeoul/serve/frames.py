"""What a server and its models' processes say to each other: JSON, each message with its length before it."""

import json
import struct
from collections.abc import Mapping
from typing import IO, Any

from yeoul.errors import DataError, DeviceError, ModelFileError, RunError, UsageError, YeoulError

_LENGTH = struct.Struct(">Q")
_KINDS = {
    kind.__name__: kind for kind in (DataError, UsageError, RunError, ModelFileError, DeviceError, YeoulError)
}
Plain = dict[str, Any]


def write_frame(stream: IO[bytes], message: Mapping[str, Any]) -> None:
    """Write one message; what is no Unicode in a text comes out on the other side as it went in."""
    data = json.dumps(message).encode("ascii")
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def read_frame(stream: IO[bytes]) -> Plain | None:
    """Return the next message; None where the other side is gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    return dict(json.loads(data)) if len(data) == length else None


def told_error(error: YeoulError) -> Plain:
    """Return an error as JSON."""
    return {
        "kind": type(error).__name__,
        "problem": error.problem,
        "remedy": error.remedy,
        "where": error.where,
        "values": {name: _plain(value) for name, value in error.values.items()},
    }


def error_of(told: Mapping[str, Any]) -> YeoulError:
    """Return the error that `told_error` told of."""
    kind = _KINDS.get(told["kind"], YeoulError)
    return kind(told["problem"], told["remedy"], where=told["where"], values=told["values"])


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | None) else str(value)
