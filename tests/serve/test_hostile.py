"""More than two hundred paths, hosts, origins and bodies that mean harm: each is refused, and nothing is opened."""

import json
import sys
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from served_runs import client_of

from yeoul.errors import UsageError
from yeoul.serve.access import door_of, is_loopback
from yeoul.serve.bodies import depth_beyond
from yeoul.serve.limits import Limits
from yeoul.serve.opening import open_service

TARGETS = ["etc/passwd", "run.json", "model/model.json", "data.json", "resolved.toml", "checkpoints/LATEST"]
CLIMBS = [
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "..%5c",
    "....//",
    "..;/",
    "%252e%252e%252f",
    "..%c0%af",
    "/",
]
PATHS = [
    *(f"/v1/{climb * 3}{target}" for climb in CLIMBS for target in TARGETS),
    *(f"/v1/reviews/{climb}{target}" for climb in CLIMBS for target in TARGETS),
    *(f"/v1/reviews/sessions/{climb}{target}" for climb in CLIMBS[:5] for target in TARGETS[:4]),
    *(f"/{climb}{target}" for climb in CLIMBS for target in TARGETS[:3]),
    "/v1/reviews%00", "/v1/reviews%0d%0aSet-Cookie:a=b", "/v1/reviews/predict%20", "/v1//reviews", "//evil.example/",
    "/v1/http://127.0.0.1:22/", "/v1/file:///etc/passwd", "/v1/%ED%A0%80", "/v1/" + "a" * 5000, "/v1/.", "/v1/~",
    "/v1/reviews.", "/v1/REVIEWS", "/v1/{model}", "/v1/__class__", "/v1/${jndi:ldap://evil}", "/static/../run.json",
]  # fmt: skip
HOSTS = [
    "evil.example", "evil.example:8100", "127.0.0.1.evil.example", "localhost.evil.example", "localhost@evil.example",
    "evil.example#127.0.0.1", "127.0.0.1, evil.example", "169.254.169.254", "10.0.0.1", "[::2]", "0.0.0.0", "127.0.0.2",
    "[::ffff:127.0.0.1]", "2130706433", "0x7f000001", "127.1", "localhost:notaport", "local host", "", "localhost.",
    "localhost:8100/x", "user:pw@localhost", "xn--lclhost-9za", "LOCALHOST.EVIL", "[::1", "::1", "*", "null",
]  # fmt: skip
ORIGINS = [
    "http://evil.example", "https://evil.example", "null", "file://", "http://127.0.0.1.evil.example", "",
    "http://127.0.0.1:1", "http://localhost", "chrome-extension://abc", "http://[::1]", "data:text/html,",
    "http://127.0.0.1@evil.example",
]  # fmt: skip
DEEP = "[" * 100_000
BODIES = [
    ("application/json", DEEP, 422),
    ("application/json", '{"text":' * 21 + "1" + "}" * 21, 422),
    ("application/json", '{"text": ' + "9" * 5000 + "}", 422),
    ("application/json", '{"text": 1e999}', 422),
    ("application/json", '{"text": -Infinity}', 422),
    ("application/json", '{"texts": ["a"], "__proto__": {"b": 1}}', 422),
    ("application/json", '{"texts": {"__class__": "os.system"}}', 422),
    ("application/json", '{"text": "a"} {"text": "b"}', 422),
    ("application/json", '{"text": "\\udcff"}', 422),
    ("application/json", "\x00" * 100, 422),
    ("application/json", json.dumps({"text": "a" * (1 << 20)}), 413),
    ("text/plain", '{"text": "a"}', 415),
    ("application/x-www-form-urlencoded", "text=a", 415),
    ("multipart/form-data; boundary=x", "--x--", 415),
    ("application/x-python-pickle", "cos\nsystem\n(S'true'\ntR.", 415),
    ("", '{"text": "a"}', 415),
    ("application/xml", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', 415),
]


def test_there_are_more_than_two_hundred():
    assert len({*PATHS}) + len({*HOSTS}) + len({*ORIGINS}) + len(BODIES) > 200


_WATCHED = list[list[str] | None]([None])


def _watch(event, arguments):
    log = _WATCHED[0]
    if log is not None and event in ("open", "os.listdir", "subprocess.Popen", "socket.connect", "os.system"):
        log.append(f"{event} {arguments[:1]}")


sys.addaudithook(_watch)  # one for the process: a hook cannot be taken away


@pytest.fixture
def opened():
    """What the process opens while it answers, but for modules and its own memory figures."""
    _WATCHED[0] = log = []
    yield log
    _WATCHED[0] = None


def harmless(line):
    return "site-packages" in line or "/src/yeoul/" in line or "/lib/python" in line or "ko.toml" in line


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_no_path_leads_out_of_the_models(client, opened, method):
    for path in PATHS:
        reply = client.request(method, path, json={"text": "a"} if method == "POST" else None)
        assert reply.status_code in (400, 403, 404, 405, 422), (path, reply.status_code)
        assert "root:" not in reply.text
        assert "schema_version" not in reply.text
    assert [line for line in opened if not harmless(line)] == []


def test_names_of_machines_that_are_not_the_server_s_are_refused_everywhere(client):
    for host in HOSTS:
        for method, path in (
            ("GET", "/v1/models"),
            ("POST", "/v1/song/generate"),
            ("DELETE", "/v1/song/sessions/a"),
            ("GET", "/metrics"),
        ):
            reply = client.request(
                method, path, headers={"host": host}, json={"stream": True} if method == "POST" else None
            )
            assert reply.status_code in (400, 403), (host, path)


def test_pages_from_elsewhere_are_refused(client):
    for origin in ORIGINS:
        reply = client.post("/v1/reviews/predict", json={"text": "a"}, headers={"origin": origin})
        assert reply.status_code == 403, origin
        assert "access-control-allow-origin" not in reply.headers
    for site in ("cross-site", "same-site"):
        assert client.get("/v1/models", headers={"sec-fetch-site": site}).status_code == 403
    own = {"origin": "http://127.0.0.1", "sec-fetch-site": "same-origin"}
    assert client.post("/v1/reviews/predict", json={"text": "a"}, headers=own).status_code == 200


@pytest.mark.parametrize(("kind", "body", "status"), BODIES, ids=range(len(BODIES)))
def test_bodies_that_mean_harm_are_refused(client, opened, kind, body, status):
    reply = client.post(
        "/v1/reviews/predict", content=body.encode(), headers={"content-type": kind} if kind else {}
    )
    assert reply.status_code == status
    assert [line for line in opened if not harmless(line)] == []


def test_compressed_bodies_and_lying_lengths_are_refused(client):
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    assert client.post("/v1/reviews/predict", content=b"\x1f\x8b", headers=headers).status_code == 415
    headers = {"content-type": "application/json", "content-length": str(10**15)}
    assert client.post("/v1/reviews/predict", content=b"{}", headers=headers).status_code == 413


KEYS = ["text", "texts", "series", "row", "columns", "kind", "ids", "tokens", "prompt", "x"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
VERBS = ["reviews/predict", "온도/forecast", "song/generate", "song/sessions", "온도/sessions"]


@settings(max_examples=150)
@given(verb=st.sampled_from(VERBS), body=JSON)
def test_no_body_makes_the_server_fail(client, verb, body):
    raw = json.dumps(body).encode("utf-8", "surrogatepass")
    reply = client.post(f"/v1/{quote(verb)}", content=raw, headers={"content-type": "application/json"})
    assert reply.status_code in (200, 201, 404, 422, 429), reply.text


@given(st.binary(max_size=60), st.integers(0, 5))
def test_depth_is_that_of_the_signs_outside_of_strings(body, most):
    try:
        value = json.loads(body)
    except ValueError:
        depth_beyond(body, most)
        return
    assert depth_beyond(body, most) == (depth(value) > most)


@given(JSON, st.integers(0, 5))
def test_depth_is_that_of_the_value(value, most):
    assert depth_beyond(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"), most) == (
        depth(value) > most
    )


def depth(value):
    match value:
        case list():
            return 1 + max(map(depth, value), default=0)
        case dict():
            return 1 + max(map(depth, value.values()), default=0)
    return 0


def test_a_line_of_the_log_cannot_be_forged(words):
    service = open_service(words[:1], "cpu", door_of("localhost", (), None), Limits())
    lines = list[str]()
    service.guard.on_line = lines.append
    client = client_of(service)
    client.get("/v1/a%0d%0a12:00:00 GET /v1/models - 200")
    client.post("/v1/reviews/predict", json={"text": "a\n12:00:00 POST"}, headers={"x-b": "c"})
    client.request("GE\tT", "/v1/models")
    service.close()
    assert len(lines) == 3
    assert all(len(line.splitlines()) == 1 and "12:00:00" not in line for line in lines)


TOKEN = "a-token-that-is-long-enough"


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, 401), ("", 401), ("Bearer", 401), ("Bearer ", 401), (TOKEN, 401), (f"Basic {TOKEN}", 401),
        (f"Bearer {TOKEN}x", 401), (f"Bearer {TOKEN[:-1]}", 401), (f"Bearer {TOKEN.upper()}", 401),
        (f"Bearer {TOKEN}", 200), (f"bearer {TOKEN}", 200),
    ],
)  # fmt: skip
def test_with_a_token_only_who_sends_it_is_answered(words, header, status):
    service = open_service(words[:1], "cpu", door_of("0.0.0.0", ["my-machine"], TOKEN), Limits())
    client = client_of(service, **({} if header is None else {"authorization": header}))
    assert client.get("/health").status_code == 200
    for path in ("/v1/models", "/metrics", "/openapi.json"):
        assert client.get(path).status_code == status
    assert client.post("/v1/reviews/predict", json={"text": "a"}).status_code == status
    if status == 200:
        for host, found in (("my-machine:8100", 200), ("192.168.0.7", 200), ("evil.example", 403)):
            assert client.get("/v1/models", headers={"host": host}).status_code == found
    service.close()


def test_a_server_never_stands_open():
    for host in ("0.0.0.0", "::", "192.168.0.7", "example.org", "", "127.0.0.1.evil"):
        assert not is_loopback(host)
        with pytest.raises(UsageError, match="token"):
            door_of(host, (), None)
    for host in ("127.0.0.1", "localhost", "::1", "127.3.2.1"):
        assert is_loopback(host)
    for token in ("short", "with space in the middle", "한글로 된 긴 토큰입니다 아주 길게", ""):
        with pytest.raises(UsageError):
            door_of("127.0.0.1", (), token)
    for name in ("a:80", "a/b", "*", "", "http://a"):
        with pytest.raises(UsageError):
            door_of("127.0.0.1", (name,), None)
