"""What the README tells people to type, typed."""

import os
import random
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
YEOUL = shutil.which("yeoul", path=str(Path(sys.executable).parent)) or "yeoul"


def blocks(name, language):
    return re.findall(
        rf"^```{language}\n(.*?)^```", (ROOT / name).read_text("utf-8"), re.MULTILINE | re.DOTALL
    )


def commands(name):
    lines = [line for block in blocks(name, "sh") for line in block.splitlines()]
    return [line.split("#")[0].strip() for line in lines]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a Korean name that holds the README's files, reviews.csv as Excel saves it."""
    folder = tmp_path_factory.mktemp("새 폴더")
    draw = random.Random(0)
    good = ["wonderful", "정말 재미있어요", "great film", "감동적인 영화"]
    bad = ["boring", "정말 지루했어요", "a waste", "돈이 아까운 영화"]
    rows = [
        f"{draw.choice((bad, good)[row % 2])} {row},{('negative', 'positive')[row % 2]}" for row in range(400)
    ]
    for name, some in (("reviews.csv", rows[:300]), ("new-reviews.csv", rows[300:])):
        (folder / name).write_bytes("\r\n".join(["text,label", *some]).encode("cp949"))
    times = np.datetime64("2024-01-01T00", "h") + np.arange(600)
    heat = 10 + 5 * np.sin(2 * np.pi * np.arange(600) / 24) + np.random.default_rng(0).normal(0, 1, 600)
    rows = [f"{time},{one:.2f}" for time, one in zip(times, heat, strict=True)]
    words = ("river", "stone", "bird", "the", "and", "water", "runs", "over", "old", "song")
    lines = [" ".join(draw.choices(words, k=7)).capitalize() + "." for _ in range(3000)]
    (folder / "novel.txt").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "sensor.csv").write_text("\n".join(["time,heat", *rows]) + "\n", "utf-8")
    return folder


@pytest.fixture
def environment(tmp_path):
    return {**os.environ, "YEOUL_CACHE": str(tmp_path / "cache"), "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}


def run(command, folder, environment):
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_every_command_works_in_the_order_of_the_page(name, folder, environment):
    shutil.rmtree(folder / "runs", ignore_errors=True)
    ran, english = 0, commands("README.md")
    for line in commands(name):
        if ("sensor" in line or "novel" in line) and name != "README.md":
            assert line in english  # typed there
        elif line.startswith("yeoul "):
            done = run([YEOUL, *shlex.split(line)[1:]], folder, environment)
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
            ran += 1
    assert ran >= 5


@pytest.mark.slow
def test_every_python_block_runs(folder, environment):
    for block in blocks("README.md", "python"):
        done = run([sys.executable, "-W", "error", "-c", block], folder, environment)
        assert done.returncode == 0, done.stderr


def test_make_targets_of_the_pages_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        line.split()[1]
        for name in ("README.md", "README.ko.md")
        for line in commands(name)
        if line[:5] == "make "
    }
    assert named
    assert named <= targets


def test_what_contributing_names_exists():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    for path in re.findall(r"`((?:[a-z_]+/)*[a-z_]+\.py)`", text):
        assert (ROOT / "src" / "yeoul" / path).exists() or (ROOT / path).exists(), path


def test_links_between_pages_lead_somewhere():
    for page in [
        ROOT / "README.md",
        ROOT / "README.ko.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").rglob("*.md"),
    ]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
