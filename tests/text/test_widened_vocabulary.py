"""A vocabulary that further words were added to: old ids stay, new words follow, and it is saved like any other."""

import pytest

from yeoul.data.vectorizers import TextVectorizer
from yeoul.errors import RecipeError
from yeoul.recipe import TextRecipe
from yeoul.text.tokenizers import train_tokenizer, unit_of, widened

TEXTS = ["좋은 영화", "나쁜 Movie"]


def test_old_ids_stay_and_new_words_follow_until_it_is_full(tmp_path):
    vectorizer = TextVectorizer.fit(TextRecipe(unit="word", lowercase=True, min_count=1), TEXTS)
    wider = vectorizer.widened(["영화", "film", "Film", "음악", "배우"], vectorizer.size + 2)
    old, new = vectorizer.tokenizer.get_vocab(), wider.tokenizer.get_vocab()
    assert new == {
        **old,
        "film": len(old),
        "음악": len(old) + 1,
    }  # a capital is not what small letters become
    assert vectorizer.tokenizer.get_vocab() == old
    assert wider(["film 영화 배우"]).ids.tolist() == [new["film"], old["영화"], 0]
    assert unit_of(wider.tokenizer) == "word"
    wider.save(tmp_path)
    assert TextVectorizer.load(tmp_path).tokenizer.get_vocab() == new
    assert vectorizer.widened(["film"], 2).tokenizer.get_vocab() == old  # full already


def test_only_whole_units_can_be_added():
    recipe = TextRecipe(unit="subword", min_count=1, vocabulary_size=50)
    with pytest.raises(RecipeError, match=r"set text\.unit to word"):
        TextVectorizer.fit(recipe, TEXTS).widened(["film"], 100)
    with pytest.raises(ValueError, match="whole units"):
        widened(train_tokenizer(recipe, TEXTS), ["film"], 100)
