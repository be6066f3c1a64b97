"""Texts that a model answers with texts: what of the source the answer hangs on."""

import numpy as np
import pytest

import yeoul
from yeoul.errors import UsageError
from yeoul.explain.asked import AskedPair
from yeoul.explain.units import without
from yeoul.session import finishing


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    place = tmp_path_factory.mktemp("짝")
    names = {"개": "dog", "소": "cow", "말": "horse", "닭": "hen"}
    rows = [f"{one} 그리고 {other}\t{names[one]} {names[other]}" for one in names for other in names] * 6
    path = place / "말.tsv"
    path.write_text("source\ttarget\n" + "\n".join(f"{row}" for row in rows), "utf-8")
    told = {"text.unit": "character", "model.embedding_size": 8, "text.min_count": 1}
    told |= {"model.encoder.hidden_size": 8, "model.decoder.hidden_size": 8, "keep_together": "none"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YEOUL_CACHE", str(place / "cache"))
        patch.setattr(finishing, "write_report", lambda folder, language: folder / "report.html")
        return yeoul.train(path, task="transduce", out=place / "runs", epochs=1, batch_size=16, **told)


def test_an_answer_is_explained_by_its_source(run):
    text = " 개 그리고 소"
    found = run.explain(text, by="word")
    answer = run.predict([text])[0].shown
    assert (found.task, found.target, found.shown) == ("transduce", answer, answer)
    assert [text[part.start : part.end] for part in found.parts] == ["개", "그리고", "소"]
    told = {one.method: one for one in found.attributions}
    assert set(told) == {"occlusion", "attention"}
    assert sum(told["attention"].scores) == pytest.approx(1.0, abs=1e-4)
    assert min(told["attention"].scores) >= 0


def test_leaving_out_a_word_is_what_the_answer_loses_by_it(run):
    asked = AskedPair.of(run.translator, "개 그리고 소", "word")
    kept = ~np.eye(3, dtype=bool)
    whole, *left = asked.margins(np.concatenate([np.ones((1, 3), bool), kept]))
    assert asked.occluded() == pytest.approx(whole - np.array(left), abs=1e-6)
    assert [without(asked.text, asked.parts, row) for row in kept] == ["그리고 소", "개 소", "개 그리고"]
    assert (asked.value(np.array([whole])) <= 1).all()


def test_it_has_no_labels_and_no_training_rows_to_tell(run):
    with pytest.raises(UsageError, match="no labels"):
        run.explain("개", target="dog")
    with pytest.raises(UsageError, match="classify"):
        run.explain("개", examples=2)
