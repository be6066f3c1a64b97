"""Small runs of every task, trained once, and a studio over them."""

import pytest
from studio_runs import RECIPES, TOKEN, client_of, write_data
from task_runs import SOURCES

from yeoul.recipefile import resolve
from yeoul.session import Request, finishing, train
from yeoul.studio.application import Studio


def train_all(found, recipes, sources):
    """Train by each recipe on its source, into `runs/` of a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YEOUL_CACHE", str(found / "cache"))
        patch.setattr(finishing, "write_report", lambda folder, language: folder / "report.html")
        for name, recipe in recipes.items():
            *_, last = train(
                Request(resolve(recipe, name, {"data.source": str(sources[name])}), found / "runs")
            )
            (last.path / "report.html").write_text(
                "<!doctype html><title>보고서</title><script>1</script>", "utf-8"
            )


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """A folder with `data/` and `runs/`, as a person has it."""
    found = tmp_path_factory.mktemp("우리 스튜디오")
    (found / "data").mkdir()
    train_all(found, RECIPES, write_data(found / "data"))
    return found


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A folder with data and runs that tag, compare and caption."""
    found = tmp_path_factory.mktemp("과제")
    recipes = {name: recipe for name, (recipe, _) in SOURCES.items()}
    train_all(found, recipes, {name: write(found) for name, (_, write) in SOURCES.items()})
    return found


@pytest.fixture(scope="session")
def studio(place):
    made = Studio(place / "runs", place / "data", "cpu", TOKEN)
    made.house.entrance.port = 8123
    made.guard.on_fault = print
    yield made
    made.close()


@pytest.fixture(scope="session")
def client(studio):
    return client_of(studio)
