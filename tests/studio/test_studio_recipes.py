"""Form and TOML follow one another, the command says the same, and errors name line and key."""

import re
import shlex
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.api import recipe_for
from yeoul.cli.train import key_values
from yeoul.recipe.experiment import models_of
from yeoul.recipefile import known_keys, recipe_names, recipe_text, resolve
from yeoul.studio.asked import Edit, Resolve
from yeoul.studio.drafts import edited, resolved
from yeoul.studio.forms import form, korean_sentences
from yeoul.tasks.table import TASKS


def keys_of(fields):
    """Return the keys of values in a form, those of every variant."""
    found = set()
    for one in fields:
        inside = [each for variant in (one.get("variants") or {}).values() for each in variant]
        inside += one.get("fields") or []
        found |= keys_of(inside) if one["type"] in ("table", "union") else {one["key"]}
    return found


@pytest.mark.parametrize("task", sorted(TASKS))
def test_a_form_asks_for_every_key_that_a_recipe_of_the_task_may_hold(task):
    asked = keys_of(form(task))
    known = set(known_keys()) | {"model.members"}
    kinds = {key for key in known if key.endswith(".kind") or key == "model.kind"}
    for name in recipe_names():
        found = resolve(recipe_text(name), name, {}).recipe
        if found.task != task:
            continue
        values = resolved(Resolve(toml=recipe_text(name), name=name))["values"]
        mixed = {key for key in values if key.startswith("model.members")}
        assert {key for key in values if key not in kinds and key not in mixed} <= asked | {"model.members"}
    (model,) = (one for one in form(task) if one["name"] == "model")
    assert list(model["variants"]) == list(models_of(task))


def test_a_form_tells_kinds_bounds_and_sentences():
    fields = {one["key"]: one for one in form("classify")}
    assert {"forecast", "language", "pairs"}.isdisjoint(fields)
    training = {one["name"]: one for one in fields["training"]["fields"]}
    assert (training["epochs"]["type"], training["epochs"]["minimum"]) == ("integer", 1)
    assert (training["rate"]["type"], training["rate"]["above"]) == ("number", 0.0)
    assert training["decay"]["choices"] == ["linear", "cosine", "none"]
    assert training["max_steps"]["optional"]
    assert "Largest norm" in training["clip"]["doc"]
    (encoder,) = (one for one in fields["model"]["variants"]["network"] if one["name"] == "encoder")
    assert {"lstm", "gru", "rnn", "cnn", "transformer"} <= set(encoder["variants"])


def sentences_of(fields):
    """Return the sentences of a form, those of every variant."""
    found = {one["doc"] for one in fields} - {""}
    for one in fields:
        for inner in ((one.get("fields") or []), *(one.get("variants") or {}).values()):
            found |= sentences_of(inner)
    return found


def test_every_sentence_of_a_form_is_said_in_korean_and_none_is_left_over():
    english = set().union(*(sentences_of(form(task)) for task in TASKS))
    assert english == set(korean_sentences())
    for sentence, said in korean_sentences().items():
        quoted = re.compile(r"`[^`]+`")
        assert set(quoted.findall(sentence)) == set(quoted.findall(said)), sentence
        assert re.search("[가-힣]", said), sentence
    korean = set().union(*(sentences_of(form(task, "ko")) for task in TASKS))
    assert korean == set(korean_sentences().values())


TOML = """# 우리 리뷰
task = "classify"  # what else

[data]
source = "리뷰.csv"

[model.encoder]
kind = "lstm"  # both ways
hidden_size = 64

[training]
epochs = 3
"""
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "training.epochs": st.integers(1, 50),
        "training.rate": st.floats(1e-6, 1.0),
        "training.decay": st.sampled_from(["linear", "cosine", "none"]),
        "model.encoder.kind": st.sampled_from(["lstm", "gru"]),
        "model.encoder.hidden_size": st.integers(1, 512),
        "text.unit": st.sampled_from(["character", "jamo", "subword"]),
        "text.lowercase": st.booleans(),
        "data.target": st.text("가나다 abc'\"\\#=[]\n", min_size=1, max_size=8),
        "data.inputs": st.lists(st.text("가나다,'\" ", min_size=1, max_size=6), max_size=3),
        "seed": st.integers(0, 2**32 - 1),
    },
)


@settings(max_examples=30)
@given(values=VALUES)
def test_what_the_form_sets_is_what_the_toml_then_says(values):
    toml = edited(Edit(toml=TOML, set=values))
    assert "# both ways" in toml
    told = resolved(Resolve(toml=toml, name="draft"))["values"]
    for key, value in values.items():
        assert told[key] == {"value": value, "origin": "recipe"}
    back = edited(Edit(toml=toml, unset=list(values)))
    untouched = tomllib.loads(edited(Edit(toml=TOML, unset=list(values))))
    assert tomllib.loads(back) == untouched


@settings(max_examples=30)
@given(values=VALUES)
def test_the_command_trains_by_the_same_recipe(values):
    toml = edited(Edit(toml=TOML, set=values))
    found = resolved(Resolve(toml=toml, name="draft"))
    program, verb, source, *words = shlex.split(found["command"])
    assert (program, verb, source) == ("yeoul", "train", "리뷰.csv")
    assert recipe_for(source, key_values(words)).recipe == resolve(toml, "draft", {}).recipe


@pytest.mark.parametrize("name", recipe_names()[::9])
def test_recipes_that_come_along_are_told_and_understood(client, name):
    told = client.get(f"/v1/recipes/{name}").json()
    found = client.post("/v1/recipes/resolution", json={"toml": told["toml"], "name": name}).json()
    assert (found["task"], told["toml"]) == (told["task"], recipe_text(name))
    changed = client.post("/v1/recipes/resolution", json={"recipe": name, "values": {"seed": 7}}).json()
    assert changed["values"]["seed"] == {"value": 7, "origin": "command"}
    assert changed["command"] == f"yeoul train {name} seed=7"


@pytest.mark.parametrize(
    ("toml", "line", "key"),
    [
        ('task = "classify"\n[training]\nepochz = 3\n', 3, "training.epochz"),
        ('task = "classify"\n[training]\nepochs = 0\n', 3, "training.epochs"),
        ('task = "classify"\n[training\n', 2, None),
        ('[model.encoder]\nkind = "lstmm"\n', 2, "model.encoder.kind"),
        ('task = "forecast"\n[text]\nunit = "word"\n', None, None),
    ],
)
def test_errors_of_a_recipe_name_their_line(client, toml, line, key):
    for language in ("en", "ko"):
        reply = client.post(
            "/v1/recipes/resolution", json={"toml": toml}, headers={"accept-language": language}
        )
        error = reply.json()["error"]
        assert (reply.status_code, error["line"]) == (422, line)
        if key is not None:
            assert error["key"] == key
            assert any("가" <= letter <= "힣" for letter in error["message"]) == (language == "ko")


def test_what_is_no_recipe_is_refused(client):
    assert client.get("/v1/recipes/none").status_code == 404
    assert client.get("/v1/recipes/schema?task=none").status_code == 422
    for body in (
        {},
        {"toml": "", "recipe": "nsmc-lstm"},
        {"recipe": "../etc/passwd"},
        {"recipe": "draft.toml"},
    ):
        assert client.post("/v1/recipes/resolution", json=body).status_code in (404, 422)
    for body in ({"toml": "a = ["}, {"toml": "a = 1", "set": {"a.b": 1}}, {"toml": "", "set": {"a b": 1}}):
        assert client.post("/v1/recipes/edit", json=body).status_code == 422
