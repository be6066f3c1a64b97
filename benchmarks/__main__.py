"""Measure Yeoul's recurrent layers beside those of PyTorch and Keras, and write `recurrent.md` and `.json`."""

import argparse
import json
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from benchmarks import epochs, machine, shapes
from benchmarks.page import Record, page
from benchmarks.timing import Terms, Worker, WorkerError, measure, peak_memory, workers
from benchmarks.work import Work

SECTIONS = ("table", "options", "grid", "memory", "epochs")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what was asked for; each piece of work is on the page as soon as it is measured."""
    asked = _arguments(arguments)
    frameworks = ["yeoul", *(asked.peers or (["pytorch"] if asked.quick else shapes.PEERS))]
    record = _opened(asked)
    if not asked.tiny:
        _log(
            "texts: IMDB's own" if _texts() else "texts: drawn like IMDB's (set YEOUL_DATA for the real ones)"
        )
    for section in asked.sections or (["table"] if asked.quick else SECTIONS):
        rows: list[Record] = record["sections"].setdefault(section, [])
        for row in _rows(section, asked, frameworks, record):
            rows[:] = [old for old in rows if _key(old) != _key(row)] + [row]
            _log(_said(row))
            _write(asked.out, record)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], help="all unless named")
    parser.add_argument(
        "--quick", action="store_true", help="the table against PyTorch only, under two minutes"
    )
    parser.add_argument("--only", default="*", metavar="PATTERN", help="work by its name, such as 'IMDB*'")
    parser.add_argument("--peers", nargs="*", choices=shapes.PEERS, help="all unless named")
    parser.add_argument("--turns", type=int, default=Terms.turns)
    parser.add_argument("--threads", type=int, default=Terms.threads)
    parser.add_argument(
        "--clock", choices=["wall", "cpu"], default=Terms.clock, help="cpu: for busy machines"
    )
    parser.add_argument("--add", action="store_true", help="to the record that is there")
    parser.add_argument("--tiny", action="store_true", help="tiny shapes: a test of the benchmark itself")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "recurrent", metavar="PATH")
    return parser.parse_args(arguments)


def _opened(asked: argparse.Namespace) -> Record:
    path = asked.out.with_suffix(".json")
    if asked.add and path.exists():
        record: Record = json.loads(path.read_text("utf-8"))
        return record
    return {
        "command": shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]]),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": machine.describe(),
        "versions": [],
        **asdict(_terms(asked)),
        "sections": {},
    }


def _terms(asked: argparse.Namespace) -> Terms:
    return Terms(asked.turns, asked.threads, asked.clock)


def _texts() -> bool:
    """Number the reviews in a process of its own, for its memory and threads are not to be measured."""
    return subprocess.run([sys.executable, "-m", "benchmarks.texts"], check=False).returncode == 0


def _rows(section: str, asked: argparse.Namespace, frameworks: list[str], record: Record) -> Any:
    match section:
        case "epochs":
            yield from epochs.measure(asked.only)
        case "memory":
            yield from _memory(_wanted(shapes.table(), asked), frameworks, _terms(asked))
        case _:
            works = {"table": shapes.table, "options": shapes.options, "grid": shapes.grid}[section]()
            if section == "grid" and not asked.peers:
                frameworks = ["yeoul", "pytorch", "keras-jax"]
            with workers(frameworks, _terms(asked)) as started:
                record["versions"] = sorted({*record["versions"], *_versions(started)})
                seconds = 0.1 if asked.tiny else 3.0
                peak = started["pytorch"].ask(do="gemm", seconds=seconds) if "pytorch" in started else 0.0
                for work in _wanted(works, asked):
                    measured = measure(work, started, asked.turns)
                    yield {**asdict(measured), "speedup": measured.speedup(), "peak_gflops": peak}


def _wanted(works: list[Work], asked: argparse.Namespace) -> list[Work]:
    chosen = [work for work in works if fnmatch(work.name, asked.only)]
    return [replace(shapes.tiny(work), name=work.name) for work in chosen] if asked.tiny else chosen


def _memory(works: list[Work], frameworks: list[str], terms: Terms) -> Any:
    for work in works:
        for framework in frameworks:
            if framework == "pytorch-packed" and not work.by_length:
                continue
            peak, steps = peak_memory(work, framework, terms)
            yield {"name": work.name, "framework": framework, "peak_mb": peak, "steps_mb": steps}


def _versions(started: dict[str, Worker]) -> set[str]:
    found = set()
    for name, worker in list(started.items()):
        try:
            found.add(worker.ask(do="versions"))
        except WorkerError as error:
            raise SystemExit(f"{name} does not start: see build/benchmarks/{name}.log") from error
    return found


def _key(row: Record) -> tuple[Any, ...]:
    return row.get("name"), row.get("framework"), row.get("script")


def _said(row: Record) -> str:
    return json.dumps({key: value for key, value in row.items() if key != "spread"}, ensure_ascii=False)


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _write(out: Path, record: Record) -> None:
    out.with_suffix(".json").write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")
    out.with_suffix(".md").write_text(page(record), "utf-8")


if __name__ == "__main__":
    main()
