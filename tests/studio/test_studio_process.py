"""The studio as a process: it says where it is, serves over a socket, and closes though a page still listens."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from studio_runs import TOKEN

from yeoul.cli.main import run as command
from yeoul.runs.folder import create_run


@pytest.fixture
def start(tmp_path):
    begun = []

    def begin(*words):
        environment = {**os.environ, "YEOUL_TOKEN": TOKEN}
        asked = [sys.executable, "-m", "yeoul.cli", "studio", str(tmp_path / "runs"), "--data", str(tmp_path)]
        child = subprocess.Popen(
            [*asked, "--no-browser", "--json", *words],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        begun.append(child)
        return child, json.loads(child.stdout.readline())

    yield begin
    for child in begun:
        child.kill()
        child.communicate()


def asked(address, path):
    host, _, port = address.removeprefix("http://").partition(":")
    line = socket.create_connection((host, int(port)), 10)
    line.sendall(
        f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()
    )
    return line


@pytest.mark.slow
def test_it_closes_at_once_though_a_page_listens_and_runs_go_on(start, tmp_path):
    run = create_run(tmp_path / "runs", "song", {"task": "generate"})
    run.set_status("running")  # by this very process
    child, ready = start("--port", "0")
    assert ready["token"] == TOKEN
    assert ready["link"].startswith(ready["address"] + "/enter?token=")
    with asked(ready["address"], "/v1/runs/song-0001/events") as line:
        told = b""
        while b"event: status" not in told:
            told += line.recv(65536)
        begun = time.monotonic()
        child.send_signal(signal.SIGINT)
        while line.recv(65536):
            pass
        assert time.monotonic() - begun < 8  # it would wait for ten seconds for what does not end
        assert child.wait(60) == 130
    assert "trainings go on" in child.stderr.read()
    assert run.status() == "running"


@pytest.mark.slow
def test_two_studios_stand_side_by_side(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        child = subprocess.run(
            [sys.executable, "-m", "yeoul.cli", "--lang=en", "studio", "--no-browser", "--port", str(port)],
            capture_output=True,
            text=True,
        )
        assert (child.returncode, "is taken" in child.stderr) == (2, True)
    _, first = start()
    _, second = start()
    assert first["address"] != second["address"]


def test_wrong_folders_and_tokens_are_named(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    for words, place in (
        (["--data", str(tmp_path / "none")], "none"),
        ([str(tmp_path / "file")], "file"),
        (["--port", "70000"], "--port"),
        (["--device", "cuda:99"], "cuda"),
    ):
        assert command(["--lang", "en", "studio", "--no-browser", *words]) == 2
        assert place in capsys.readouterr().err
    monkeypatch.setenv("YEOUL_TOKEN", "short")
    assert command(["studio", "--no-browser", str(tmp_path / "runs")]) == 2
