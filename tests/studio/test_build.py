"""The page that lies in the package is what its source builds, small, and asks for nothing from elsewhere."""

import gzip
import re
import shutil
import subprocess
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"
PAGE = Path(__file__).parents[2] / "src/yeoul/studio/static"
MOST_BYTES = 200_000


def test_the_page_is_small_and_alone():
    files = sorted(PAGE.iterdir())
    assert [file.name for file in files] == ["favicon.svg", "index.html", "studio.css", "studio.js"]
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) < MOST_BYTES
    known = ("www.w3.org", "svelte.dev")  # names of XML and texts of errors, never asked for
    for file in files:
        hosts = set(re.findall(r"(?:https?:)?//([a-z0-9.-]+\.[a-z]{2,})", file.read_text("utf-8")))
        assert hosts <= set(known), file.name
    html = (PAGE / "index.html").read_text("utf-8")
    assert re.findall(r'(?:src|href)="([^"]+)"', html) == ["./favicon.svg", "./studio.js", "./studio.css"]
    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", html)


def test_the_page_has_the_colors_of_the_reports():
    report = (PAGE.parents[1] / "report/page.css").read_text("utf-8")
    studio = (WEB / "src/style.css").read_text("utf-8")
    light, dark = (dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", part)) for part in _themes(report))
    ours_light, ours_dark = (
        dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", part)) for part in studio.split('[data-theme="dark"]')
    )
    assert len(light) > 10
    assert {name: ours_light.get(name) for name in light} == light
    assert {name: ours_dark.get(name) for name in dark} == dark


def _themes(css):
    before, _, after = css.partition("@media (prefers-color-scheme: dark)")
    return before, after.partition("* {")[0]


@pytest.mark.slow
def test_building_again_gives_the_same_bytes(tmp_path):
    words = ["npx", "vite", "build", "--outDir", str(tmp_path / "built")]
    built = subprocess.run(words, cwd=_source(tmp_path), capture_output=True, text=True, timeout=600)
    assert built.returncode == 0, built.stderr
    for file in PAGE.iterdir():
        assert (tmp_path / "built" / file.name).read_bytes() == file.read_bytes(), f"{file.name}: make web"


def _source(folder):
    """Return a folder with the source and exactly the packages of its lock file."""
    if shutil.which("npm") is None:
        pytest.skip("there is no npm")
    ready = WEB / "node_modules/.ready"
    if ready.exists() and ready.stat().st_mtime >= (WEB / "package-lock.json").stat().st_mtime:
        return WEB
    copied = folder / "web"
    shutil.copytree(WEB, copied, ignore=shutil.ignore_patterns("node_modules"))
    words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    ended = subprocess.run(words, cwd=copied, capture_output=True, text=True, timeout=600)
    if ended.returncode != 0:
        pytest.skip(f"npm ci found no registry: {ended.stderr[-200:]}")
    return copied


@pytest.mark.slow
@pytest.mark.parametrize("script", ["check", "test"])
def test_the_source_is_sound(script):
    if shutil.which("npm") is None or not (WEB / "node_modules/vitest").is_dir():
        pytest.skip("run: make web")
    ended = subprocess.run(
        ["npm", "run", "--silent", script], cwd=WEB, capture_output=True, text=True, timeout=600
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
