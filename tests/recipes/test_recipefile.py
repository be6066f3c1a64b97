"""Recipes: strict, layered, and their errors say where and what to do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from yeoul.errors import RecipeError
from yeoul.recipe import Recipe
from yeoul.recipefile import (
    full_key,
    known_keys,
    parse_value,
    read_recipe,
    recipe_for,
    recipe_names,
    recipe_text,
    resolve,
)


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_is_valid_described_and_survives_being_written(name):
    resolved = read_recipe(name, {})
    assert recipe_text(name).startswith("# ")
    again = resolve(resolved.to_toml(), name, {})
    assert again.recipe == resolved.recipe


def test_layers_and_where_each_value_came_from():
    resolved = resolve(
        '[training]\nepochs = 4\n[text]\nunit = "word"\n', "mine", {"hidden_size": 7, "epochs": 5}
    )
    assert resolved.recipe.training.epochs == 5
    assert resolved.recipe.model.encoder.hidden_size == 7
    text = resolved.with_values({"training.max_steps": 9}, "calibration").to_toml()
    assert "epochs = 5 # command" in text
    assert 'unit = "word" # recipe' in text
    assert "max_steps = 9 # calibration" in text
    assert "batch_size = 64 # default" in text


@pytest.mark.parametrize(
    ("toml", "overrides", "message"),
    [
        (
            "[training]\noptimiser = 1",
            {},
            r"r.toml:2: training.optimiser: unknown key; did you mean optimizer\?",
        ),
        ("[training]\nmoonlight = 1", {}, r"r.toml:2: training.moonlight: unknown key; known keys: .*epochs"),
        ("[training]\n\nepoch = 1", {}, r"r.toml:3: training.epoch: unknown key; did you mean epochs\?"),
        ("trainning = 1", {}, r"r.toml:1: trainning: unknown key; did you mean training\?"),
        ('[model.encoder]\nkind = "gra"', {}, r"r.toml:2: model.encoder.kind: 'gra' is not possible .*'gru'"),
        (
            '[model.encoder]\nkind = "cnn"\nhidden_size = 3',
            {},
            r"r.toml:3: .*hidden_size: .* no effect with this kind",
        ),
        (
            '[model]\nkind = "linear"\n[training]\nepochs = 3',
            {},
            r"\[training\] has no effect on a linear model",
        ),
        ("", {"training.epochs": 0}, "training.epochs: 0 is too small; the limit is 1"),
        ("", {"warmup": 1.0}, "training.warmup: 1.0 is too large; expected less than 1"),
        ("", {"epochs": "many"}, "training.epochs: 'many' does not fit: input should be a valid integer"),
        ("", {"epochs": True}, "training.epochs: True does not fit"),
        ("", {"rate": float("nan")}, "training.rate"),
        ("", {"text.unit": "jamos"}, "text.unit: 'jamos' is not possible here"),
        ("", {"dropout": 0.1}, "dropout: this key is not unique; say which: .*model.dropout"),
        ("", {"hiden_size": 1}, r"hiden_size: unknown key; did you mean hidden_size\?"),
        ("", {"model.encoder.dropout": 0.5}, "needs num_layers of 2 or more"),
        ("a = \nb = 1", {}, "r.toml: this is not TOML: .*line 1"),
        ("model = 3", {}, "r.toml:1: model"),
        ("[pictures]\nfeatures = 7", {}, "r.toml:2: pictures.features: 7 does not fit"),
    ],
)
def test_errors_name_place_and_remedy_in_one_line(toml, overrides, message):
    with pytest.raises(RecipeError, match=message) as caught:
        resolve(toml, "r", overrides)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_another_kind_from_the_command_line_takes_the_place_of_the_recipes():
    toml = '[model.encoder]\nkind = "cnn"\nchannels = 8\npooling = "last"\n'
    encoder = resolve(toml, "r", {"model.encoder.kind": "gru", "hidden_size": 7}).recipe.model.encoder
    assert (encoder.kind, encoder.hidden_size, encoder.pooling) == ("gru", 7, "last")
    assert "channels" not in resolve(toml, "r", {"model.encoder.kind": "gru"}).to_toml()
    with pytest.raises(RecipeError, match="no effect with this kind"):
        resolve(toml, "r", {"model.encoder.kind": "gru", "model.encoder.channels": 8})
    with pytest.raises(RecipeError, match="unknown key; did you mean channels"):
        resolve(toml.replace("channels", "chanels"), "r", {"model.encoder.kind": "gru"})
    assert (
        resolve("[model]\n[model.encoder]\nhidden_size = 3", "r", {"model.kind": "linear"}).recipe.model.kind
        == "linear"
    )


def test_what_is_asked_of_a_file_fits_the_recipe_for_files():
    recipe = recipe_for("쌍.tsv", {"task": "transduce", "model.decoder.input_feeding": True}).recipe
    assert recipe.model.decoder.attention == "general"
    with pytest.raises(RecipeError, match=r"a coverage penalty needs attention; set decoder.attention"):
        resolve(
            'task = "transduce"\n[model.decoder]\nattention = "none"', "r", {"search.coverage_penalty": 0.2}
        )


@pytest.mark.parametrize(
    ("task", "table", "kinds"),
    [("generate", "network", ("lstm", "transformer")), ("transduce", "decoder", ("lstm", "transformer"))],
)
def test_a_table_may_be_called_as_a_kind_is(task, table, kinds):
    toml = f'task = "{task}"\n[model.{table}]\nkind = "{kinds[0]}"\nhidden_size = 8\n'
    recipe = resolve(toml, "r", {f"model.{table}.kind": kinds[1]}).recipe
    assert getattr(recipe.model, table).kind == kinds[1]
    with pytest.raises(RecipeError, match=rf"r.toml:5: model.{table}.sizes: unknown key"):
        resolve(toml + "sizes = 3", "r", {})


def test_unknown_recipe_names_the_near_one():
    with pytest.raises(
        RecipeError, match="nsmc-lstn: there is no recipe of this name; did you mean nsmc-lstm"
    ):
        read_recipe("nsmc-lstn", {})


def test_a_recipe_cannot_be_changed():
    recipe = Recipe()
    with pytest.raises(ValidationError):
        recipe.seed = 3


def test_every_key_has_a_full_name_that_is_known():
    for key in known_keys():
        assert full_key(key, "classify") == key


def test_a_short_key_means_the_table_of_the_task():
    assert full_key("hidden_size", "classify") == "model.encoder.hidden_size"
    assert full_key("hidden_size", "generate") == "model.network.hidden_size"
    assert full_key("rate", "generate") == "training.rate"  # not language.dynamic.rate
    with pytest.raises(RecipeError, match=r"not unique; say which: model\.encoder\S+, model\.decoder"):
        full_key("hidden_size", "transduce")
    assert full_key("pooling", "classify") == "model.encoder.pooling"


@settings(max_examples=200)
@given(st.text(max_size=40))
def test_any_text_is_a_recipe_or_a_recipe_error(text):
    assert "\n" not in refusal(text, {})


@settings(max_examples=200)
@given(
    st.sampled_from(known_keys()),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.lists(st.integers(), max_size=3),
    ),
)
def test_any_value_is_taken_or_refused_in_one_line(key, value):
    assert "\n" not in refusal("", {key: value})


def refusal(text, overrides):
    """Why a recipe was refused, or nothing."""
    try:
        resolve(text, "r", overrides)
    except RecipeError as error:
        return str(error)
    return ""


def test_values_are_read_as_toml_reads_them():
    assert [parse_value(text) for text in ("3", "1e-3", "true", "gru", "[2, 3]", '"3"', "a b")] == [
        3, 0.001, True, "gru", [2, 3], "3", "a b",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("글/하나.txt", "하나"),
        ("글/*.txt", "글"),
        ("글/2024-*.txt", "2024"),
        ("글/*/*.txt", "글"),
        ("글", "글"),
        ("-", "stdin"),
    ],
)
def test_a_run_is_named_after_the_file_the_pattern_or_the_folder(source, name):
    assert recipe_for(source, {"task": "generate"}).name == name
