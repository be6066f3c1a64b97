"""The page that builds networks from scratch: every block runs in order, and prints what the page says."""

import contextlib
import io
import re
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs"


def blocks(name):
    """Each Python block with the text block that follows it, or nothing."""
    found = re.findall(r"^```(python|text)\n(.*?)^```", (PAGES / name).read_text("utf-8"), re.M | re.S)
    pairs = []
    for language, content in found:
        if language == "python":
            pairs.append((content, ""))
        else:
            pairs[-1] = (pairs[-1][0], content)
    return pairs


@pytest.mark.parametrize("name", ["from-scratch.md", "from-scratch.ko.md"])
def test_every_block_runs_and_prints_what_the_page_says(name):
    namespace = {}
    pairs = blocks(name)
    assert len(pairs) >= 9
    for code, expected in pairs:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, name, "exec"), namespace)
        assert printed.getvalue() == expected, code


def test_both_languages_hold_the_same_code():
    assert [code for code, _ in blocks("from-scratch.md")] == [
        code for code, _ in blocks("from-scratch.ko.md")
    ]
