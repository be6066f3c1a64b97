"""The benchmark of the server, for ten seconds: nothing but answers, however many ask."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_sixty_four_clients_get_answers_and_the_server_does_not_grow(runs, monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks.serving import Terms, drawn, measured

    found = measured(runs["reviews"], Terms(seconds=10.0, alone=1.0), drawn())
    assert set(found["statuses"]) <= {200, 429, 503}
    assert found["statuses"][200] > 500
    assert found["memory_mb"][-1] < 1.1 * found["memory_mb"][2]
