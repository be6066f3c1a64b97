"""More than three hundred paths, hosts, origins, keys and bodies that mean harm: refused, and nothing is opened."""

import json
import sys
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studio_runs import TOKEN, client_of

from yeoul.studio.page import FILES

TARGETS = ["etc/passwd", "run.json", "model/model.json", "data.json", "resolved.toml", "sums.tsv"]
CLIMBS = [
    *("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "....//", "..;/", "%252e%252e%252f", "..%c0%af", "/"),
]
PATHS = [
    *(f"/v1/runs/{climb * 3}{target}" for climb in CLIMBS for target in TARGETS),
    *(f"/v1/runs/song-0001/{climb}{target}" for climb in CLIMBS for target in TARGETS),
    *(f"/v1/data/{climb * 2}{target}/rows" for climb in CLIMBS for target in TARGETS),
    *(f"/v1/data/{climb * 2}{target}/card" for climb in CLIMBS for target in TARGETS[:2]),
    *(f"/v1/recipes/{climb}{target}" for climb in CLIMBS for target in TARGETS[:3]),
    *(f"/v1/jobs/{climb}{target}" for climb in CLIMBS for target in TARGETS[:2]),
    *(f"/{climb}{target}" for climb in CLIMBS[:-1] for target in TARGETS[:2]),
    "/v1/runs/song-0001%00", "/v1/runs/song-0001%0d%0aSet-Cookie:a=b", "/v1/runs/.studio", "/v1/runs/SONG-0001",
    "/v1/runs/song-0001.", "/v1/runs/", "/v1/runs/*", "/v1/runs/%ED%A0%80", "/v1/runs/" + "a" * 5000,
    "/v1/runs/http://127.0.0.1:22/", "/v1/data/file:///etc/passwd/rows", "/v1/data/-/rows",
    "/v1/data/http:%2f%2fx/card",
    "/v1/data/0123456789abcdef/rows", "/v1/data/uploads/rows", "/v1/jobs/20260101T000000-abcdef", "/v1/jobs/*",
    "/v1/recipes/draft.toml", "/v1/recipes/__init__", "/static/index.html", "/index.html", "/studio.js/../x",
    "/v1/runs/song-0001/model", "/v1/runs/song-0001/report.html", "/v1/runs/song-0001/checkpoints", "/docs",
    "/redoc",
]  # fmt: skip
HOSTS = [
    "evil.example", "evil.example:8123", "127.0.0.1.evil.example", "localhost@evil.example", "169.254.169.254",
    "127.0.0.1, evil.example", "10.0.0.1", "[::2]", "0.0.0.0", "127.0.0.2", "2130706433", "0x7f000001", "127.1",
    "local host", "", "localhost:8123/x", "user:pw@localhost", "[::1", "*", "null",
]  # fmt: skip
ORIGINS = [
    "http://evil.example", "https://evil.example", "null", "file://", "http://127.0.0.1.evil.example", "",
    "http://127.0.0.1:1", "http://localhost", "chrome-extension://abc", "data:text/html,", "http://127.0.0.1@evil.example",
]  # fmt: skip
ROUTES = [
    ("GET", "/v1/runs"), ("GET", "/v1/runs/song-0001"), ("GET", "/v1/runs/song-0001/report"),
    ("GET", "/v1/runs/song-0001/events"), ("DELETE", "/v1/runs/song-0001"), ("POST", "/v1/runs/song-0001/removal"),
    ("POST", "/v1/comparison"), ("GET", "/v1/data"), ("POST", "/v1/data/files?name=a.csv"), ("GET", "/v1/recipes"),
    ("POST", "/v1/jobs"), ("GET", "/v1/jobs"), ("POST", "/v1/runs/song-0001/stop"), ("GET", "/v1/studio"),
    ("POST", "/v1/runs/song-0001/generate"), ("POST", "/v1/runs/song-0001/inside"),
]  # fmt: skip
KEYS = ["", "Bearer", "Bearer ", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}"]
KEYS += [f"Bearer {TOKEN.upper()}", "Bearer " + "a" * 5000]
DEEP = "[" * 100_000
BODIES = [
    ("application/json", DEEP, 422),
    ("application/json", '{"runs":' * 21 + "1" + "}" * 21, 422),
    ("application/json", '{"runs": 1e999}', 422),
    ("application/json", '{"runs": ["a", "b"], "__proto__": {"b": 1}}', 422),
    ("application/json", '{"runs": {"__class__": "os.system"}}', 422),
    ("application/json", '{"runs": ["../a", "../../b"]}', 404),
    ("application/json", '{"runs": ["\\udcff", "b"]}', 422),
    ("application/json", json.dumps({"runs": ["a" * (1 << 20)]}), 413),
    ("text/plain", '{"runs": ["a", "b"]}', 415),
    ("application/x-www-form-urlencoded", "runs=a", 415),
    ("multipart/form-data; boundary=x", "--x--", 415),
    ("application/octet-stream", "cos\nsystem\n(S'true'\ntR.", 415),
    ("", '{"runs": ["a", "b"]}', 415),
]


def test_there_are_more_than_three_hundred():
    assert len({*PATHS}) + len({*HOSTS}) + len({*ORIGINS}) + len(KEYS) + len(BODIES) > 300


_WATCHED = list[list[str] | None]([None])


def _watch(event, arguments):
    log = _WATCHED[0]
    if log is not None and event in ("open", "subprocess.Popen", "socket.connect", "os.system", "os.kill"):
        log.append(f"{event} {arguments[:1]}")


sys.addaudithook(_watch)  # one for the process: a hook cannot be taken away


@pytest.fixture
def opened():
    """What the process opens while it answers, but for modules and its own files."""
    _WATCHED[0] = log = []
    yield log
    _WATCHED[0] = None


def harmless(line):
    own = ("site-packages", "/src/yeoul/", "/lib/python")
    return any(part in line for part in own)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_no_path_leads_out_of_what_is_listed(client, opened, method):
    for path in PATHS:
        reply = client.request(method, path, json={} if method == "POST" else None)
        assert reply.status_code in (400, 404, 405, 409, 415, 422), (path, reply.status_code)
        assert "root:" not in reply.text
        assert "schema_version" not in reply.text
    assert [line for line in opened if not harmless(line)] == []


def test_no_name_for_the_studio_but_its_own(client):
    for host in HOSTS:
        for method, path in [*ROUTES, ("GET", "/"), ("GET", "/enter?token=a")]:
            reply = client.request(
                method, path, headers={"host": host}, json={} if method == "POST" else None
            )
            assert reply.status_code in (400, 403), (host, path)


def test_no_page_from_elsewhere_may_ask(client):
    for method, path in ROUTES:
        for origin in ORIGINS:
            reply = client.request(
                method, path, headers={"origin": origin}, json={} if method == "POST" else None
            )
            assert reply.status_code == 403, (origin, path)
            assert "access-control-allow-origin" not in reply.headers
        for site in ("cross-site", "same-site", "what"):
            assert client.request(method, path, headers={"sec-fetch-site": site}).status_code == 403


def test_nothing_is_told_without_the_key(studio):
    for key in KEYS:
        stranger = client_of(studio, authorization=key)
        for method, path in ROUTES:
            reply = stranger.request(method, path, json={} if method == "POST" else None)
            assert reply.status_code == 401, (key, path)
            assert "song" not in reply.text
    for word in ("a", "", "yeoul", "가", "a" * 200, "a" * 300):
        assert client_of(studio, authorization="").get("/enter", params={"token": word}).status_code in (
            403,
            422,
        )
    for cookie in ("yeoul-studio-8123=", "yeoul-studio-8123=a", f"yeoul-studio-8123={TOKEN}", "a=b; c"):
        stranger = client_of(studio, authorization="", cookie=cookie)
        assert stranger.get("/v1/runs").status_code == 401


@pytest.mark.parametrize(("kind", "body", "status"), BODIES, ids=range(len(BODIES)))
def test_hostile_bodies_are_refused_with_a_reason(client, kind, body, status):
    reply = client.post("/v1/comparison", content=body.encode(), headers={"content-type": kind})
    assert reply.status_code == status
    assert reply.json()["error"]["message"]


def test_every_address_is_documented(client):
    told = client.get("/openapi.json").json()["paths"]
    known = {(method.upper(), path) for path, verbs in told.items() for method in verbs}
    named = {"song-0001": "{run}"}
    for method, path in ROUTES:
        plain = "/".join(named.get(part, part) for part in path.partition("?")[0].split("/"))
        assert (method, plain) in known
    assert all(one["summary"].endswith(".") for verbs in told.values() for one in verbs.values())


def test_the_page_may_run_nothing_but_its_own_files(client):
    for address in FILES:
        reply = client.get(address, headers={"authorization": ""})
        if reply.status_code == 404:
            pytest.skip("the page was not built")
        policy = reply.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert len(reply.headers.get_list("content-security-policy")) == 1
        assert reply.headers["x-content-type-options"] == "nosniff"


SIGNS = ["runs", "toml", "set", "unset", "text", "columns", "series", "name", "values", "a.b", "task", "x"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(SIGNS), inner, max_size=4),
    max_leaves=12,
)
VERBS = [
    *(
        "comparison",
        "recipes/resolution",
        "recipes/edit",
        "jobs",
        "runs/리뷰-0001/predict",
        "runs/sums-0001/beams",
    ),
    *("runs/리뷰-0001/explain", "runs/리뷰-0001/inside", "runs/song-0001/inside", "runs/온도-0001/forecast"),
    *("runs/온도-0001/inside", "runs/리뷰-0001/removal", "runs/리뷰-0001/stop", "runs/리뷰-0001/resume"),
]


@settings(max_examples=120)
@given(verb=st.sampled_from(VERBS), body=JSON)
def test_no_body_makes_the_studio_fail(client, verb, body):
    raw = json.dumps(body).encode("utf-8", "surrogatepass")
    reply = client.post(f"/v1/{quote(verb)}", content=raw, headers={"content-type": "application/json"})
    assert reply.status_code in (200, 404, 409, 422, 429), reply.text


@settings(max_examples=60)
@given(
    toml=st.text(max_size=200)
    | st.lists(st.sampled_from(["a=1", "[a]", "[a.b]", "b={c=1}", "#", "[[d]]"])).map("\n".join),
    keys=st.lists(
        st.sampled_from(["a", "a.b", "a.b.c", "b.c", "d", "d.e", "task", "training.epochs"]), max_size=4
    ),
    value=st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2),
)
def test_no_document_makes_the_editor_fail(client, toml, keys, value):
    body = {
        "toml": toml.encode("utf-8", "replace").decode(),
        "set": dict.fromkeys(keys, value),
        "unset": keys[:1],
    }
    reply = client.post("/v1/recipes/edit", json=body)
    assert reply.status_code in (200, 422), reply.text
