"""Tables of a recipe that suit one another, and those that are refused because they would have no effect."""

import pytest
from pydantic import ValidationError

from yeoul.recipe import NetworkRecipe, Recipe, SeriesRecipe
from yeoul.recipefile import resolve


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"series": {}, "model": {"embedding": {"size": 3}}}, "model.embedding"),
        ({"series": {}, "text": {}}, "exclude each other"),
        ({"training": {"class_weights": "balanced", "sampling": "balanced"}}, "choose one"),
        *(
            ({"data": {"target_kind": kind}, "training": {name: value}}, "act on classes only")
            for kind in ("labels", "number")
            for name, value in (
                ("class_weights", "balanced"),
                ("sampling", "balanced"),
                ("label_smoothing", 0.1),
            )
        ),
        ({"data": {"target_kind": "number"}, "training": {"select": "macro_f1"}}, "no macro_f1"),
        (
            {
                "data": {"target_kind": "labels"},
                "model": {
                    "kind": "mixture",
                    "members": [{"name": "a"}, {"name": "b", "training": {"label_smoothing": 0.1}}],
                },
            },
            "act on classes only",
        ),
    ],
    ids=str,
)
def test_what_would_have_no_effect_is_refused(tables, said):
    with pytest.raises(ValidationError, match=said):
        Recipe.model_validate(tables)


def test_a_network_of_series_has_no_embedding_however_it_is_written():
    written = resolve("[series]\n[model.encoder]\nkind = 'gru'\n", "series", {})
    assert written.recipe.model.embedding is None
    assert resolve(written.to_toml(), "series", {}).recipe == written.recipe
    assert written.with_values({"training.max_steps": 3}, "calibration").recipe.model.embedding is None
    assert Recipe(model=NetworkRecipe(), series=SeriesRecipe()).model.embedding is None
    assert Recipe().model.embedding is not None
    members = [{"name": "a", "series": {}}, {"name": "b", "series": {}, "model": {"kind": "network"}}]
    mixture = Recipe.model_validate({"model": {"kind": "mixture", "members": members}}).model
    assert [member.model.embedding for member in mixture.members] == [None, None]
