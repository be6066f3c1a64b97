"""Questions are answered in turn however their stream is cut, and the short way answers as the long one."""

import asyncio
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.serve.access import door_of
from yeoul.serve.application import Service, _application
from yeoul.serve.bodies import Intake
from yeoul.serve.guard import Guard
from yeoul.serve.running import Place, listening

QUESTIONS = [
    ("reviews", {"text": "정말 재미있어요"}),
    ("reviews", {"texts": ["배우", "감독"], "attention": True}),
    ("reviews", {"texts": []}),
    ("reviews", {"text": 1}),
    ("reviews", {}),
    ("none", {"text": "a"}),
    ("song", {"text": "a"}),
    ("온도", {"text": "a"}),
    ("a" * 300, {"text": "a"}),
    ("reviews", {"pairs": [["a", "b"]]}),
    ("reviews", {"series": [[1.0]]}),
    ("reviews", [[[[[1]]]]]),
]


def request(model, value, more=""):
    body = json.dumps(value).encode()
    return (
        f"POST /v1/{''.join(f'%{byte:02x}' for byte in model.encode())}/predict HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Content-Type: application/json\r\nAccept-Language: ko\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    ).encode() + body


async def answer(reader):
    """Return status, headers and body of one answer."""
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).split(b"\r\n")
    headers = sorted(line.lower() for line in head[1:-2])
    size = next(int(line.partition(b":")[2]) for line in headers if line.startswith(b"content-length:"))
    return head[0], headers, await reader.readexactly(size)


async def told(port, parts, count):
    """Send a stream part by part and return so many answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            for _ in range(3):
                await asyncio.sleep(0)
        return [await answer(reader) for _ in range(count)]
    finally:
        writer.transport.abort()


async def over_sockets(service, streams):
    async with listening(service, Place("127.0.0.1", 0)) as port:
        return [await told(port, parts, count) for parts, count in streams]


def test_the_short_way_answers_as_the_long_one(service):
    streams = [([request(model, value)], 1) for model, value in QUESTIONS]
    short = asyncio.run(over_sockets(service, streams))
    door, limits, ledger = door_of("127.0.0.1", (), None), service.limits, service.ledger
    long = Service(service.offers, door, limits, ledger)
    long.guard = Guard(_application(long), door, Intake(limits), limits, ledger)
    assert short == asyncio.run(over_sockets(long, streams))
    assert {int(one[0][0].split()[1]) for one in short} == {200, 404, 422}


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_questions_are_answered_in_turn_however_their_stream_is_cut(service, data):
    asked = data.draw(st.lists(st.sampled_from(QUESTIONS), min_size=1, max_size=4))
    forms = [
        data.draw(st.sampled_from(["", "Connection: keep-alive\r\n", "TE: x\r\nUpgrade: h2c\r\n"]))
        for _ in asked
    ]
    stream = b"".join(request(*one, more=form) for one, form in zip(asked, forms, strict=True))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=4)))
    parts = [stream[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    together, *alone = asyncio.run(
        over_sockets(service, [(parts, len(asked)), *(([request(*one)], 1) for one in asked)])
    )
    assert together == [one for (one,) in alone]
