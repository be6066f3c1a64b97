"""Commands that compute nothing load nothing heavy."""

import subprocess
import sys

import pytest

PROBE = """
import sys
from yeoul.cli.main import run
code = run(sys.argv[2:])
loaded = [name for name in sys.argv[1].split(",") if name in sys.modules]
assert code == 0, code
assert not loaded, loaded
"""
HEAVY = "torch,sklearn,scipy,matplotlib,tokenizers,pyarrow,numpy,rich,jinja2"


@pytest.mark.parametrize(
    ("line", "banned"),
    [
        ("--help", HEAVY),
        ("--lang ko train --help", HEAVY),
        ("--version", HEAVY),
        ("runs", HEAVY),
        ("recipes", "torch,sklearn,scipy,matplotlib,pyarrow,numpy"),
        ("data list", "torch,sklearn,scipy,matplotlib"),
    ],
)
def test_light_commands_load_nothing_heavy(line: str, banned: str, tmp_path: object) -> None:
    command = [sys.executable, "-c", PROBE, banned, *line.split()]
    done = subprocess.run(command, capture_output=True, text=True, cwd=str(tmp_path), check=False)
    assert done.returncode == 0, done.stderr
