"""Three small runs, trained once, and a service that answers for them."""

import pytest
from served_runs import HEAT, REVIEWS, SONG, client_of, measured, reviews, song

from yeoul.recipefile import resolve
from yeoul.serve.access import door_of
from yeoul.serve.limits import Limits
from yeoul.serve.opening import open_service
from yeoul.session import Request, finishing, train


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """The folders of a classifier of texts, a forecaster and a writer."""
    place = tmp_path_factory.mktemp("우리 실행")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YEOUL_CACHE", str(place / "cache"))
        patch.setattr(finishing, "write_report", lambda folder, language: folder / "report.html")

        def trained(name, recipe, source):
            asked = Request(resolve(recipe, name, {"data.source": str(source)}), place / "runs")
            *_, last = train(asked)
            return last.path

        return {
            "reviews": trained("reviews", REVIEWS, reviews(place / "리뷰.csv")),
            "온도": trained("온도", HEAT, measured(place / "온도.csv")),
            "song": trained("song", SONG, song(place / "노래.txt")),
        }


@pytest.fixture(scope="session")
def words(runs):
    """The runs as they stand on a command line."""
    return [f"{name}={path}" for name, path in runs.items()]


@pytest.fixture(scope="module")
def service(words):
    made = open_service(words, "cpu", door_of("127.0.0.1", (), None), Limits())
    yield made
    made.close()


@pytest.fixture(scope="module")
def client(service):
    return client_of(service)
