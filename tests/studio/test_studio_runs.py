"""The studio's runs: listed, told, compared, followed line by line, removed with a word, and the page around them."""

import json
import shutil
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studio_runs import TOKEN, client_of, events_of

from yeoul.runs.folder import RunFolder, create_run
from yeoul.runs.index import entries
from yeoul.studio.application import Studio
from yeoul.studio.live import Place, news


def test_every_run_is_listed_with_its_words(client):
    rows = client.get("/v1/runs", headers={"accept-language": "ko"}).json()["runs"]
    assert {row["id"] for row in rows} == {"리뷰-0001", "song-0001", "온도-0001", "sums-0001"}
    for row in rows:
        assert row["status"] == "done"
        assert row["report"]
        assert row["score"]["text"]
        assert any("가" <= letter <= "힣" for letter in row["verdict"]["sentence"])
    assert [row["created"] for row in rows] == sorted((row["created"] for row in rows), reverse=True)
    errors = {row["task"]: row["score"]["lower_is_better"] for row in rows}
    assert errors == {"classify": False, "generate": True, "forecast": True, "transduce": False}


def test_a_run_tells_all_of_itself(client, place):
    run = client.get("/v1/runs/리뷰-0001").json()
    folder = RunFolder(place / "runs" / "리뷰-0001")
    assert run["record"] == folder.record()
    assert [line["epoch"] for line in run["epochs"]] == [1, 2]
    assert run["progress"] == {"epoch": 2, "epochs": 2, "step": 14, "steps": 14, "seconds_left": None}
    best = max(one["validation"]["accuracy"] for one in run["baselines"])
    assert run["goal"]["value"] == best
    assert run["test"]["scores"]["accuracy"]["value"] == folder.scores("test")["scores"]["accuracy"]["value"]
    assert run["can"] == {"stop": False, "resume": False, "remove": True, "try": True}
    assert "[model.encoder]" in run["resolved_toml"]


def test_runs_are_compared_with_their_curves(client):
    told = client.post("/v1/comparison", json={"runs": ["리뷰-0001", "song-0001"]}).json()
    assert [row["run"] for row in told["runs"]] == ["리뷰-0001", "song-0001"]
    assert [len(told["curves"][name]) for name in ("리뷰-0001", "song-0001")] == [2, 1]
    assert not told["same_test_rows"]
    assert client.post("/v1/comparison", json={"runs": ["리뷰-0001"]}).status_code == 422
    assert client.post("/v1/comparison", json={"runs": ["리뷰-0001"] * 2}).status_code == 422
    assert client.post("/v1/comparison", json={"runs": ["리뷰-0001", "없음"]}).status_code == 404


def test_a_report_is_a_page_of_no_origin(client):
    reply = client.get("/v1/runs/리뷰-0001/report")
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.headers["content-security-policy"].startswith("sandbox allow-scripts; default-src 'none'")
    assert len(reply.headers.get_list("content-security-policy")) == 1


def test_a_browser_comes_in_by_a_link_once(place):
    studio = Studio(place / "runs", place / "data", "cpu", TOKEN)
    studio.house.entrance.port = 8123
    strangers = list[bool]()
    studio.house.entrance.on_stranger = lambda: strangers.append(True)
    browser = client_of(studio, authorization="")
    assert browser.get("/v1/runs").status_code == 401
    assert browser.get("/").status_code in (200, 404)  # the page itself, where it was built
    link = studio.house.entrance.link()
    reply = browser.get(link)
    assert (reply.status_code, reply.headers["location"]) == (303, "/")
    cookie = reply.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert browser.get("/v1/runs").status_code == 200
    assert browser.post("/v1/comparison", json={"runs": []}).status_code == 422
    other = client_of(studio, authorization="")
    assert other.get(link).status_code == 403
    assert other.get("/v1/runs").status_code == 401
    assert other.get("/v1/runs", headers={"cookie": cookie.partition(";")[0] + "x"}).status_code == 401
    assert len(strangers) == 4
    studio.close()


def test_removing_takes_the_word_of_that_run(place, tmp_path):
    runs = tmp_path / "runs"
    shutil.copytree(place / "runs" / "song-0001", runs / "song-0001")
    shutil.copytree(place / "runs" / "song-0001", runs / "song-0002")
    studio = Studio(runs, tmp_path, "cpu", TOKEN)
    client = client_of(studio)
    assert client.delete("/v1/runs/song-0001").status_code == 409
    word = client.post("/v1/runs/song-0002/removal", json={}).json()["confirm"]
    assert client.delete(f"/v1/runs/song-0001?confirm={word}").status_code == 409
    assert client.delete(f"/v1/runs/song-0002?confirm={word}").json() == {"removed": "song-0002"}
    assert client.delete(f"/v1/runs/song-0002?confirm={word}").status_code == 404
    running = create_run(runs, "busy", {"task": "classify"})
    running.set_status("running")
    assert client.post("/v1/runs/busy-0001/removal", json={}).status_code == 409
    (runs / "link-0001").symlink_to(runs / "song-0001")
    assert client.post("/v1/runs/link-0001/removal", json={}).status_code == 409
    assert sorted(path.name for path in runs.glob("*-*")) == ["busy-0001", "link-0001", "song-0001"]
    studio.close()


def test_events_tell_the_files_and_end_with_the_run(client, place):
    folder = RunFolder(place / "runs" / "리뷰-0001")
    told = events_of(client.get("/v1/runs/리뷰-0001/events").text)
    metrics = [json.loads(data) for name, _, data in told if name == "metrics"]
    assert metrics == folder.metrics_lines()
    assert [name for name, _, _ in told][-2:] == ["status", "end"]
    middle = [place for name, place, _ in told if name == "metrics"][1]
    again = events_of(client.get("/v1/runs/리뷰-0001/events", headers={"last-event-id": middle}).text)
    assert [json.loads(data) for name, _, data in again if name == "metrics"] == metrics[2:]


def test_a_page_listens_on_while_a_run_is_about_to_begin(tmp_path, monkeypatch):
    monkeypatch.setattr("yeoul.studio.live._LONGEST_SECONDS", 0.6)
    run = create_run(tmp_path, "song", {"task": "generate"})
    studio = Studio(tmp_path, tmp_path, "cpu", TOKEN)
    client = client_of(studio)
    told = [name for name, _, _ in events_of(client.get("/v1/runs/song-0001/events").text)]
    assert told == ["status"]  # it ended by its time alone, and the page comes again
    gone = {**run.record()["process"], "started": "1"}
    run.update({"process": gone})
    assert [name for name, _, _ in events_of(client.get("/v1/runs/song-0001/events").text)] == [
        "status",
        "end",
    ]
    studio.close()


STEPS = st.lists(st.sampled_from(["write", "torn", "mend", "cut", "log", "come back"]), max_size=25)


@settings(max_examples=30)
@given(steps=STEPS)
def test_a_client_has_the_lines_of_the_file_wherever_it_came_back(tmp_path_factory, steps):
    folder = create_run(tmp_path_factory.mktemp("r"), "a", {})
    mark, seen, logged, torn, number = Place(), list[int](), 0, False, 0
    for step in [*steps, "mend", "come back"]:
        match step:
            case "write" if not torn:
                number += 1
                folder.append_metrics({"number": number})
            case "torn" if not torn:
                number += 1
                with folder.metrics.open("ab") as file:
                    file.write(json.dumps({"number": number}).encode()[:5])
                torn = True
            case "mend" if torn:
                with folder.metrics.open("ab") as file:
                    file.write(json.dumps({"number": number}).encode()[5:] + b"\n")
                torn = False
            case "cut" if not torn and folder.metrics.exists():
                folder.cut_metrics(len(folder.metrics_lines()) // 2)
            case "log":
                folder.log("line")
                logged += 1
            case "come back":
                told, mark = news(folder, Place.of(str(mark)))
                for name, value, _ in told:
                    if name == "reset":
                        seen = []
                    elif name == "metrics":
                        seen.append(value["number"])
                    else:
                        logged -= 1
    assert seen == [line["number"] for line in folder.metrics_lines()]
    assert logged == 0


def test_a_damaged_run_is_listed_and_told_as_such(tmp_path):
    (tmp_path / "bad-0001").mkdir()
    (tmp_path / "bad-0001" / "run.json").write_text("{", "utf-8")
    studio = Studio(tmp_path, tmp_path, "cpu", TOKEN)
    client = client_of(studio)
    (row,) = client.get("/v1/runs").json()["runs"]
    assert row["status"] == "damaged"
    assert client.get("/v1/runs/bad-0001").json()["can"]["try"] is False
    assert client.get("/v1/runs/bad-0001/try").status_code == 409
    studio.close()


@pytest.mark.slow
def test_a_thousand_runs_are_listed_in_the_time_of_a_glance(place, tmp_path):
    record = (place / "runs" / "리뷰-0001" / "run.json").read_text("utf-8")
    for number in range(1, 1001):
        (tmp_path / f"리뷰-{number:04d}").mkdir()
        (tmp_path / f"리뷰-{number:04d}" / "run.json").write_text(record, "utf-8")
    studio = Studio(tmp_path, tmp_path, "cpu", TOKEN)
    client = client_of(studio)
    took = []
    for _ in range(3):
        begun = time.perf_counter()
        assert len(client.get("/v1/runs").json()["runs"]) == 1000
        took.append(time.perf_counter() - begun)
    assert len(entries(tmp_path)) == 1000
    assert min(took) < 1.0  # 0.3 s on a quiet machine: benchmarks/bench_studio.py
    studio.close()
