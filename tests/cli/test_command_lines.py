"""No command line, however odd, gives a traceback."""

import io
import os
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yeoul.cli.main import run
from yeoul.data.catalog import CATALOG
from yeoul.data.cldr import CLDR_LANGUAGES
from yeoul.recipefile import recipe_names

WORDS = (
    *("train", "evaluate", "predict", "runs", "show", "compare", "rm", "report", "recipes", "data", "list"),
    *(
        "check",
        "nsmc-cnn",
        "absent.csv",
        "absent.toml",
        "epochs=1",
        "=",
        "x=",
        "seed=-1",
        "widths=[",
        "--",
        "-",
    ),
    *(
        "--json",
        "--yes",
        "--help",
        "--version",
        "--out",
        "--input",
        "--target",
        "--from",
        "--resume",
        "--budget",
    ),
    *(
        "--seed",
        "--file",
        "--lang",
        "ko",
        "en",
        "--debug=1",
        "--lang=",
        "-h",
        "-x",
        "--budget=1h",
        "",
        " ",
        "..",
        "/",
    ),
)
ODD = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12)
LINES = st.lists(st.one_of(st.sampled_from(WORDS), ODD), max_size=7)


@pytest.fixture(autouse=True)
def _somewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("YEOUL_DATA", raising=False)
    monkeypatch.setenv("YEOUL_CACHE", os.devnull)
    with chdir(tmp_path_factory.mktemp("empty")):
        yield


def _is_cheap(words: list[str]) -> bool:
    """Leave out what would train, open a connection, load torch or ask for a traceback; random text can be that too."""
    named = {*recipe_names(), *CATALOG, CLDR_LANGUAGES}
    return not {"demo", "doctor", "get", "--debug"} & {*words} and not ("train" in words and named & {*words})


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES.filter(_is_cheap))
def test_any_command_line_ends_with_an_exit_code_and_at_most_one_line_of_complaint(words: list[str]) -> None:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(words)
    assert code in (0, 1, 2, 3)
    complaint = err.getvalue()
    assert complaint.count("\n") == (1 if code else 0)
    assert not code or complaint.startswith(("error: ", "오류: "))
    assert "\x1b" not in out.getvalue() + complaint
