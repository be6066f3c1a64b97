"""Run folders: never reused, whole at any moment, honest about their process."""

import errno
import json
import multiprocessing
import os
from pathlib import Path

import pytest

from yeoul.errors import DiskFullError, ModelFileError, RunError
from yeoul.files import check_seal, replaced_folder, settle_folder, write_text
from yeoul.runs.folder import create_run, list_runs, open_run, slug
from yeoul.runs.process import Process, is_alive, peak_memory_mb, this_process


def test_numbers_go_up_and_are_never_given_twice(tmp_path):
    runs = [create_run(tmp_path, "영화 리뷰", {}) for _ in range(3)]
    assert [run.id for run in runs] == ["영화-리뷰-0001", "영화-리뷰-0002", "영화-리뷰-0003"]
    assert [run.id for run in list_runs(tmp_path)] == [run.id for run in runs]
    create_run(tmp_path, "x", {})
    (tmp_path / "x-0007").mkdir()
    assert create_run(tmp_path, "x", {}).id == "x-0008"


def _create(parent):
    return create_run(Path(parent), "race", {"who": os.getpid()}).id


def test_many_processes_get_many_folders(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        ids = pool.map(_create, [str(tmp_path)] * 40)
    assert len(set(ids)) == 40
    assert len(list_runs(tmp_path)) == 40


@pytest.mark.parametrize(
    ("name", "expected"), [("../../etc", "etc"), ("a b/c", "a-b-c"), ("…", "run"), ("리뷰.v2", "리뷰-v2")]
)
def test_names_become_harmless_folder_names(name, expected):
    assert slug(name) == expected


def test_a_dead_process_makes_a_running_run_interrupted(tmp_path):
    run = create_run(tmp_path, "x", {})
    run.set_status("running")
    assert run.status() == "running"
    run.update({"process": {**this_process().to_json(), "started": "1"}})
    assert run.status() == "interrupted"
    run.update({"process": {**this_process().to_json(), "boot_id": "another start of the machine"}})
    assert run.status() == "interrupted"
    run.update({"process": {**this_process().to_json(), "host": "another machine"}})
    assert run.status() == "running", "its heartbeat is fresh"
    os.utime(run.path / "run.json", (1, 1))
    assert run.status() == "interrupted"
    assert is_alive(this_process())
    assert not is_alive(Process(2**22 + 1, this_process().host, this_process().boot_id, "5"))


def test_a_torn_last_line_is_left_out_and_a_damaged_one_named(tmp_path):
    run = create_run(tmp_path, "x", {})
    for number in range(3):
        run.append_metrics({"number": number})
    with open(run.metrics, "ab") as file:
        file.write(b'{"number": 3, "los')
    assert [line["number"] for line in run.metrics_lines()] == [0, 1, 2]
    run.cut_metrics(2)
    assert [line["number"] for line in run.metrics_lines()] == [0, 1]
    run.metrics.write_bytes(b'{"number": 0}\nnot json\n{"number": 2}\n')
    with pytest.raises(RunError, match=r"metrics.jsonl:2: the line is damaged"):
        run.metrics_lines()


def test_a_run_of_a_newer_version_and_a_damaged_record_say_so(tmp_path):
    run = create_run(tmp_path, "x", {"versions": {"yeoul": "9.1"}})
    run.update({"schema_version": 2})
    with pytest.raises(RunError, match=r"written by a newer version \(9.1\); update Yeoul"):
        run.record()
    (run.path / "run.json").write_text("{", "utf-8")
    with pytest.raises(RunError, match=r"run.json cannot be read"):
        run.record()


def test_opening_by_name_and_the_near_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    create_run(Path("runs"), "reviews", {})
    assert open_run(Path("reviews-0001")).id == "reviews-0001"
    with pytest.raises(
        RunError, match=r"reviews-001: there is no run here; did you mean runs/reviews-0001\?"
    ):
        open_run(Path("reviews-001"))


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "runs").write_text("", "utf-8")
    with pytest.raises(RunError, match="this is not a folder; choose another with --out"):
        create_run(tmp_path / "runs", "x", {})


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path):
    target = tmp_path / "model"
    for content in ("first", "second"):
        with replaced_folder(target) as fresh:
            write_text(fresh / "weights", content)
    assert (target / "weights").read_text() == "second"
    check_seal(target)
    with pytest.raises(ZeroDivisionError):
        fail_while_replacing(target)
    assert (target / "weights").read_text() == "second"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]


def fail_while_replacing(target):
    with replaced_folder(target) as fresh:
        write_text(fresh / "weights", "third")
        raise ZeroDivisionError


@pytest.mark.parametrize("fault", range(1, 12))
def test_a_crash_at_any_rename_or_removal_leaves_the_old_or_the_new(tmp_path, monkeypatch, fault):
    target = tmp_path / "model"
    with replaced_folder(target) as fresh:
        write_text(fresh / "weights", "first")
    count = iter(range(1, 1000))
    for name in ("rename", "replace", "fsync", "mkdir"):
        real = getattr(os, name)

        def crash(*args, real=real, **options):
            if next(count) == fault:
                raise KeyboardInterrupt
            return real(*args, **options)

        monkeypatch.setattr(os, name, crash)
    try:
        with replaced_folder(target) as fresh:
            write_text(fresh / "weights", "second")
    except KeyboardInterrupt:
        pass
    monkeypatch.undo()
    found = settle_folder(target)
    check_seal(found)
    assert (found / "weights").read_text() in ("first", "second")
    with replaced_folder(target) as fresh:
        write_text(fresh / "weights", "third")
    assert (settle_folder(target) / "weights").read_text() == "third"


def test_every_single_flipped_byte_is_caught(tmp_path):
    with replaced_folder(tmp_path / "model") as fresh:
        write_text(fresh / "a.json", json.dumps({"labels": ["긍정", "부정"]}))
    path = tmp_path / "model" / "a.json"
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
        with pytest.raises(ModelFileError, match="its checksum differs"):
            check_seal(tmp_path / "model")
    path.write_bytes(content)
    check_seal(tmp_path / "model")
    (tmp_path / "model" / "extra").write_text("", "utf-8")
    with pytest.raises(ModelFileError, match="not among the checksums"):
        check_seal(tmp_path / "model")


def test_a_full_disk_leaves_the_old_file_and_says_need_and_room(tmp_path, monkeypatch):
    path = tmp_path / "run.json"
    write_text(path, "old")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFullError, match=r"the disk is full: [\d,.]+ MB free, 2.0 MB to write; make room"):
        write_text(path, "x" * 2_000_000)
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["run.json"]


def test_memory_is_measured_in_megabytes():
    assert 10 < peak_memory_mb() < 100_000
