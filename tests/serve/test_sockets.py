"""Over a real socket: nobody can hold the server up, who goes away leaves no work, and a stop is an orderly one."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from yeoul.serve.access import door_of
from yeoul.serve.limits import Limits
from yeoul.serve.opening import open_service
from yeoul.serve.running import Place, listening

QUICK = Limits(header_seconds=0.3, body_seconds=0.3, answer_seconds=0.5, stop_seconds=1.0, connections=8)


def head(method="POST", path="/v1/reviews/predict", length=0, more=""):
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n{more}\r\n"
    ).encode()


def request(value, path="/v1/reviews/predict"):
    body = json.dumps(value).encode()
    return head(path=path, length=len(body)) + body


@asynccontextmanager
async def served(words, limits):
    service = open_service(words, "cpu", door_of("127.0.0.1", (), None), limits)
    try:
        async with listening(service, Place("127.0.0.1", 0)) as port:
            yield service, port
    finally:
        await asyncio.to_thread(service.close)


async def status(reader):
    line = await asyncio.wait_for(reader.readline(), 10)
    if not line:
        return None
    size = 0
    while (header := (await reader.readline()).lower()) not in (b"\r\n", b""):
        if header.startswith(b"content-length:"):
            size = int(header.partition(b":")[2])
    await reader.readexactly(size)
    return int(line.split()[1])


@asynccontextmanager
async def line(port, first=b""):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(first)
        yield reader, writer
    finally:
        writer.transport.abort()


async def asked(port, data):
    async with line(port, data) as (reader, _):
        return await status(reader)


async def cut(reader):
    """Wait until the server closes the connection without a word."""
    try:
        return await asyncio.wait_for(reader.read(), 10) == b""
    except ConnectionError:
        return True


def test_a_connection_that_never_says_what_it_wants_is_closed(words):
    async def work():
        async with served(words[:1], QUICK) as (_, port):
            begun = time.monotonic()
            async with line(port) as one, line(port, b"GET /he") as two, line(port, head()[:40]) as three:
                assert all(await asyncio.gather(*(cut(reader) for reader, _ in (one, two, three))))
            return time.monotonic() - begun

    assert asyncio.run(work()) < 3


def test_a_header_that_trickles_is_closed_too_also_on_a_used_connection(words):
    async def trickle(writer):
        for sign in head(length=0, more="A: " + "a" * 1000 + "\r\n"):
            try:
                writer.write(bytes([sign]))
                await writer.drain()
            except ConnectionError:
                return
            await asyncio.sleep(0.01)

    async def work():
        first = request({"text": "a"})
        async with served(words[:1], QUICK) as (_, port), line(port, first) as (reader, writer):
            assert await status(reader) == 200
            sending = asyncio.create_task(trickle(writer))
            closed = await cut(reader)
            await sending
            return closed

    assert asyncio.run(work())


def test_a_head_without_end_is_cut_off(words):
    async def work():
        async with served(words[:1], Limits()) as (_, port), line(port) as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 4000)
            begun = time.monotonic()
            return await cut(reader), time.monotonic() - begun

    closed, seconds = asyncio.run(work())
    assert closed
    assert seconds < 3


def test_a_body_that_trickles_gets_408_and_others_are_answered_meanwhile(words):
    async def work():
        async with served(words[:1], QUICK) as (_, port), line(port, head(length=100) + b"{") as (slow, _):
            assert await asked(port, request({"text": "a"})) == 200
            return await status(slow)

    assert asyncio.run(work()) == 408


def test_a_body_that_is_too_large_gets_413_before_it_is_read(words):
    async def work():
        async with served(words[:1], QUICK) as (_, port):
            declared = await asked(port, head(length=10**9) + b"{")
            chunk = b"100000\r\n" + b" " * (1 << 20) + b"\r\n"
            chunked = head(more="Transfer-Encoding: chunked\r\n").replace(b"Content-Length: 0\r\n", b"")
            return declared, await asked(port, chunked + 2 * chunk)

    assert asyncio.run(work()) == (413, 413)


def test_connections_that_dawdle_make_room_for_others(words):
    async def work():
        limits = Limits(connections=4, header_seconds=60.0)
        async with served(words[:1], limits) as (_, port), AsyncExitStack() as idle:
            lines = [await idle.enter_async_context(line(port)) for _ in range(9)]
            assert await asked(port, request({"text": "a"})) == 200
            return await cut(lines[0][0])

    assert asyncio.run(work())


def test_an_answer_that_takes_too_long_is_refused_and_its_work_forgotten(words):
    async def work():
        async with served(words[:1], QUICK) as (service, port):
            offer = service.offers["reviews"]
            answer, gate = offer.batcher._answer, asyncio.Event()
            loop = asyncio.get_running_loop()

            def slow(requests):
                asyncio.run_coroutine_threadsafe(gate.wait(), loop).result(20)
                return answer(requests)

            offer.batcher._answer = slow
            first = asyncio.create_task(asked(port, request({"text": "a"})))
            second = asyncio.create_task(asked(port, request({"text": "b"})))
            statuses = await asyncio.gather(first, second)
            waiting, answering = offer.waiting, service.ledger.answering
            gate.set()
            return statuses, waiting, answering, await asked(port, request({"text": "c"}))

    assert asyncio.run(work()) == ([503, 503], 0, 0, 200)


def test_who_goes_away_leaves_no_work(words):
    async def work():
        async with served(words, Limits()) as (service, port):
            long = request({"tokens": 1000, "stream": True, "stop": ["뷁"]}, "/v1/song/generate")
            async with line(port, long) as (reader, _):
                assert await asyncio.wait_for(reader.readuntil(b"event: token"), 10)
            for _ in range(200):
                if not service.ledger.answering:
                    break
                await asyncio.sleep(0.02)
            turns = service.offers["song"].turns
            assert await asked(port, request({"tokens": 2}, "/v1/song/generate")) == 200
            return service.ledger.answering, len(turns._running)

    assert asyncio.run(work()) == (0, 0)


def started(words, place, *options):
    command = [sys.executable, "-m", "yeoul.cli", "serve", *words, "--port", "0", "--json", *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, cwd=place, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    return process, int(json.loads(line)["address"].rpartition(":")[2])


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_finishes_what_runs_and_refuses_the_rest(words, tmp_path, number, code):
    process, port = started(words, tmp_path)

    async def work():
        long = request({"tokens": 1000, "stream": True, "seed": 1}, "/v1/song/generate")
        async with line(port, long) as (reader, _), line(port) as (other, sending):
            await reader.readuntil(b"event: token")
            process.send_signal(number)
            await asyncio.sleep(0.2)
            sending.write(request({"text": "a"}))
            late = await status(other)
            return late, await asyncio.wait_for(reader.read(), 30)

    late, rest = asyncio.run(work())
    _, said = process.communicate(timeout=30)
    assert process.returncode == code, said
    assert b"event: end" in rest
    assert late in (200, 503, None)
    assert "Traceback" not in said


@pytest.mark.slow
def test_wrong_starts_end_in_one_line(words, tmp_path):
    token = tmp_path / "token"
    token.write_text("짧은 것", "utf-8")
    for options, code in (
        (["nothing-0001"], 1),
        ([words[0], "--host", "0.0.0.0"], 2),
        ([words[0], "--token-file", str(token)], 3),
        ([words[0], "--token-file", str(tmp_path / "none")], 1),
        ([words[0], "--host", "no.such.host.invalid", "--token-file", str(_token(tmp_path))], 2),
    ):
        command = [sys.executable, "-m", "yeoul.cli", "serve", *options]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert done.returncode == code, (options, done.stderr)
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def _token(folder):
    path = folder / "good"
    path.write_text("a-token-that-is-long-enough\n", "utf-8")
    return path
