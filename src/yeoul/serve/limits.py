"""How much a server takes on: sizes, counts and times. What is beyond is refused with a reason, at once."""

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True)
class Limits:
    """What one server takes on at most."""

    body_bytes: int = 1 << 20
    held_bytes: int = 64 << 20
    """Of all bodies that are being received."""
    depth: int = 20
    """Of lists and objects within each other in a body."""
    inputs: int = 64
    """Texts or series in one request."""
    characters: int = 20_000
    """Of one text."""
    session_tokens: int = 200_000
    """That one session of writing has read and written."""
    tokens: int = 1000
    """Written in one request."""

    connections: int = 900
    requests: int = 256
    """Being answered at once."""
    waiting: int = 512
    """Inputs that wait for one model."""
    streams: int = 8
    """Texts that one model writes at once."""
    waiting_streams: int = 32
    sessions: int = 64

    header_seconds: float = 10.0
    body_seconds: float = 30.0
    answer_seconds: float = 30.0
    stream_seconds: float = 300.0
    session_seconds: float = 900.0
    """Without being asked anything."""
    stop_seconds: float = 10.0
    """In which a server that stops finishes what it has begun."""

    batch: int = 32
    """Inputs that a model answers together: few enough that others are received meanwhile."""
    linger_seconds: float = 0.002
    """That an input waits for others, where the one before it had company."""
