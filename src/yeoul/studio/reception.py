"""Receive bodies: JSON as a server does, files piece by piece into a folder of their own."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import final

from starlette.types import Receive, Scope

from yeoul.errors import DataError, UsageError
from yeoul.files import full_disk_named
from yeoul.serve.bodies import ClientGoneError, Intake, declared_bytes, refuse_packed
from yeoul.serve.limits import Limits
from yeoul.serve.refusals import RefusedError
from yeoul.studio.access import UPLOADS

FILE_BYTES = 100 << 20
PICTURE_BYTES = 10 << 20
_SECONDS = 900.0
_ARRIVED = "yeoul.arrived"


@final
class Arrivals:
    """Where files arrive; what nobody fetched is gone with the studio."""

    def __init__(self, limits: Limits) -> None:
        self._intake = Intake(limits)
        self._folder = Path(tempfile.mkdtemp(prefix="yeoul-studio-"))
        self._count = 0

    async def body(self, scope: Scope, receive: Receive) -> bytes:
        """Return a body; that of an upload is written to a file, and what is returned is empty.

        Raises `RefusedError` for one that is too large or too slow, and `ClientGoneError`.
        """
        if scope["method"] != "POST" or UPLOADS.fullmatch(scope["path"]) is None:
            return await self._intake.body(scope, receive)
        refuse_packed(scope["headers"])
        most = PICTURE_BYTES if scope["path"].endswith("/caption") else FILE_BYTES
        if declared_bytes(scope["headers"]) > most:
            raise _too_large(most)
        self._count += 1
        path = self._folder / str(self._count)
        try:
            async with asyncio.timeout(_SECONDS):
                await _written(receive, path, most)
        except TimeoutError as error:
            path.unlink(missing_ok=True)
            late = UsageError(
                "the body did not arrive within {seconds} s", "send it faster", values={"seconds": _SECONDS}
            )
            raise RefusedError(408, late) from error
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        scope[_ARRIVED] = path
        return b""

    def close(self) -> None:
        """Remove what has arrived."""
        shutil.rmtree(self._folder, ignore_errors=True)


def arrived(scope: Scope) -> Path:
    """Return the file that came with a request; raise `DataError` for an empty one."""
    path: Path = scope[_ARRIVED]
    if not path.stat().st_size:
        path.unlink()
        raise DataError("the file is empty", "choose another")
    return path


async def _written(receive: Receive, path: Path, most: int) -> None:
    size = 0
    with full_disk_named(path, most), path.open("xb") as file:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            part: bytes = message.get("body", b"")
            size += len(part)
            if size > most:
                raise _too_large(most)
            file.write(part)
            if not message.get("more_body", False):
                return


def _too_large(most: int) -> RefusedError:
    values = {"most": f"{most >> 20} MB"}
    return RefusedError(413, UsageError("the file is larger than {most}", "take a part of it", values=values))
