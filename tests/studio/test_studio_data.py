"""The studio's data: only what is listed is opened, what is uploaded lies among it, a card and a draft come of it."""

import os

import pytest
from studio_runs import TOKEN, client_of

from yeoul.data.catalog import CATALOG
from yeoul.recipefile import resolve
from yeoul.studio import commands, data_routes
from yeoul.studio.application import Studio
from yeoul.studio.drawer import Drawer


def id_of(client, name):
    files = client.get("/v1/data").json()["files"]
    return next(one["id"] for one in files if one["name"] == name)


def test_files_and_sets_are_listed(client, place):
    told = client.get("/v1/data").json()
    assert {one["name"] for one in told["files"]} >= {"sums.tsv", "song.txt", "리뷰.csv", "온도.csv"}
    built_in = {one["id"] for one in told["sets"] if one["built_in"]}
    assert "cldr-languages" in built_in
    assert all(one["here"] for one in told["sets"] if one["built_in"])


def test_first_rows_of_a_table_and_of_a_text(client):
    rows = client.get(f"/v1/data/{id_of(client, '리뷰.csv')}/rows?count=3").json()
    assert rows["columns"] == ["리뷰", "평가"]
    assert len(rows["rows"]) == 3
    text = client.get(f"/v1/data/{id_of(client, 'song.txt')}/rows").json()
    assert text["rows"] == []
    assert text["text"].count("\n") == 120


def test_first_rows_of_public_sets(client, tmp_path, monkeypatch):
    rows = client.get("/v1/data/cldr-languages/rows?count=4").json()
    assert (rows["columns"], len(rows["rows"])) == (["text", "language"], 4)
    monkeypatch.setenv("YEOUL_DATA", str(tmp_path))
    (form,) = (form for form in CATALOG["nsmc"].forms if "train" in form.splits)
    for name in form.splits.values():
        path = tmp_path / (CATALOG["nsmc"].folder or "nsmc") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("id\tdocument\tlabel\n1\t재미있어요\t1\n", "utf-8")
    rows = client.get("/v1/data/nsmc/rows").json()
    assert rows["rows"] == [["1", "재미있어요", "1"]]


def test_the_head_of_a_large_file_is_enough(tmp_path):
    lines = [f'"글 {row}\n{"가" * 200}",{row}' for row in range(9000)]
    (tmp_path / "큰.csv").write_text("\n".join(["글,수", *lines]), "utf-8")
    studio = Studio(tmp_path / "runs", tmp_path, "cpu", TOKEN)
    client = client_of(studio)
    rows = client.get(f"/v1/data/{id_of(client, '큰.csv')}/rows?count=2").json()["rows"]
    assert rows == [["글 0\n" + "가" * 200, "0"], ["글 1\n" + "가" * 200, "1"]]
    studio.close()


def test_uploads_are_kept_under_their_names_and_never_replaced(place, tmp_path):
    studio = Studio(tmp_path / "runs", tmp_path, "cpu", TOKEN)
    client = client_of(studio)
    kind = {"content-type": "application/octet-stream"}
    names = [
        "리뷰.csv",
        "리뷰.csv",
        "../../밖.csv",
        "C:\\x\\안.csv",
        ".hidden.csv",
        "a\x00b/../c.csv",
        "줄\n바꿈.csv",
    ]
    kept = []
    for place_, name in enumerate(names):
        content = f"글,값\n가,{place_}\n".encode()
        reply = client.post("/v1/data/files", params={"name": name}, content=content, headers=kind)
        assert reply.status_code == 201, reply.text
        kept.append(reply.json()["name"])
        assert (tmp_path / reply.json()["name"]).read_bytes() == content
    assert kept == [
        *("uploads/리뷰.csv", "uploads/리뷰-2.csv", "uploads/밖.csv", "uploads/안.csv"),
        *("uploads/hidden.csv", "uploads/c.csv", "uploads/줄-바꿈.csv"),
    ]
    assert {one["name"] for one in client.get("/v1/data").json()["files"] if one["uploaded"]} == set(kept)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["uploads"]
    for name in ("run.sh", "no-suffix", "a.pickle", "..", "x.html"):
        assert (
            client.post("/v1/data/files", params={"name": name}, content=b"a", headers=kind).status_code
            == 422
        )
    assert client.post("/v1/data/files?name=a.csv", content=b"", headers=kind).status_code == 422
    assert client.post("/v1/data/files?name=a.csv", json={}).status_code == 415
    studio.close()


def test_an_upload_that_is_too_large_is_refused_at_once_and_leaves_nothing(place, tmp_path, monkeypatch):
    monkeypatch.setattr("yeoul.studio.reception.FILE_BYTES", 1000)
    studio = Studio(tmp_path / "runs", tmp_path, "cpu", TOKEN)
    client = client_of(studio)
    kind = {"content-type": "application/octet-stream"}
    parts = (b"x" * 400 for _ in range(10))  # without a length beforehand
    for content in (b"x" * 1001, parts):
        reply = client.post("/v1/data/files?name=a.csv", content=content, headers=kind)
        assert reply.status_code == 413
    assert list(tmp_path.iterdir()) == []
    assert list(studio.house.arrivals._folder.iterdir()) == []
    studio.close()


def test_only_plain_files_of_the_folder_are_listed(tmp_path):
    outside = tmp_path / "outside"
    data = tmp_path / "data"
    for folder in (outside, data / "deep" / "er" / "est" / "most", data / ".git", data / "runs" / "a-0001"):
        folder.mkdir(parents=True)
        (folder / "a.csv").write_text("a,b\n1,2\n")
    (data / "link.csv").symlink_to(outside / "a.csv")
    (data / "linked").symlink_to(outside)
    (data / "a.py").write_text("x")
    os.mkfifo(data / "pipe.csv")
    (data / "deep" / "b.csv").write_text("a,b\n1,2\n")
    (data / "그림").mkdir()
    (data / "그림" / "captions.csv").write_text("image,caption\n")
    drawer = Drawer(data, data / "runs")
    files, more = drawer.files()
    assert ([one.name for one in files], more) == (["deep/b.csv", "그림/", "그림/captions.csv"], False)
    for one in files:
        assert drawer.source(one.id) == one.source


@pytest.fixture
def checked(monkeypatch):
    """Answer a check in this process, as the command would; return the words of each."""
    asked = []

    def answer(words, language):
        asked.append(list(words))
        return {"task": "forecast"} if "--task=forecast" in words else {"advice": {"recipe": ADVICE}}

    monkeypatch.setattr(data_routes, "answer_of", answer)
    return asked


ADVICE = (
    'task = "classify"\n[data]\nsource = "x"\ninputs = ["리뷰"]\ntarget = "평가"\n[model]\nkind = "linear"\n'
)


def test_a_card_asks_the_data_doctor(client, place, checked):
    data = id_of(client, "리뷰.csv")
    query = {"input": ["리뷰", "--out"], "target": "평가", "encoding": "cp949"}
    assert client.get(f"/v1/data/{data}/card", params=query).json()["kind"] == "table"
    assert client.get(f"/v1/data/{data}/card?task=forecast").json()["kind"] == "measurements"
    source = str(place / "data" / "리뷰.csv")
    assert checked[0] == [
        *("data", "check", "--json", "--input=리뷰", "--input=--out", "--target=평가", "--encoding=cp949"),
        *("--", source),
    ]


@pytest.mark.parametrize(
    ("task", "asked", "kept"),
    [
        ("classify", {}, ("data.target", "평가")),
        ("classify", {"target": "다른"}, ("data.target", "다른")),
        ("generate", {"inputs": ["리뷰"]}, ("data.inputs", ("리뷰",))),
        ("forecast", {"targets": ["가", "나"], "horizon": "24h"}, ("forecast.targets", ("가", "나"))),
        ("forecast", {"target": "가"}, ("forecast.targets", ("가",))),
        ("transduce", {"inputs": ["리뷰"], "target": "평가"}, ("data.target", "평가")),
    ],
)
def test_a_draft_is_a_recipe_for_the_file(client, place, checked, task, asked, kept):
    data = id_of(client, "리뷰.csv")
    told = client.post(f"/v1/data/{data}/recipe", json={"task": task, **asked}).json()
    recipe = resolve(told["toml"], "draft", {}).recipe
    assert (recipe.task, recipe.data.source) == (task, str(place / "data" / "리뷰.csv"))
    value = recipe
    for name in kept[0].split("."):
        value = getattr(value, name)
    assert value == kept[1]
    assert told["command"].startswith("yeoul train ")
    assert client.post(f"/v1/data/{data}/recipe", json={"task": "none"}).status_code == 422


@pytest.mark.slow
def test_a_card_is_what_the_command_prints_and_errors_are_its_words(client):
    card = client.get(f"/v1/data/{id_of(client, '리뷰.csv')}/card").json()
    assert card["kind"] == "table"
    assert set(card["card"]["classes"]) == {"긍정", "부정"}
    wrong = client.get(
        f"/v1/data/{id_of(client, '리뷰.csv')}/card?target=없는열", headers={"accept-language": "ko"}
    )
    assert wrong.status_code == 422
    assert "없는열" in wrong.json()["error"]["message"]
    assert commands.answer_of(["recipes", "nsmc-lstm", "--json"], "en")
