"""N-grams as a decoder: token by token as a whole, documents apart, their counts as they are."""

import numpy as np
import pytest
import torch

from yeoul.baselines.ngrams import Ngrams
from yeoul.decoding import Limits, opened, sample
from yeoul.recipe import NgramRecipe
from yeoul.tasks.generation.ngrams import NgramDecoder, document_log_probs, fit_ngrams, unigram_of

TOKENS, END = 6, 5


def text_of(size, seed=0):
    return np.random.default_rng(seed).integers(0, TOKENS - 1, size).astype(np.int32)


@pytest.mark.parametrize("order", [1, 2, 4])
def test_step_by_step_and_at_once_say_what_the_model_says(order):
    model = fit_ngrams(NgramRecipe(order=order), text_of(200), None, tokens=TOKENS, start=END)
    decoder, ids = NgramDecoder(model), text_of(30, 1)
    read = torch.from_numpy(np.concatenate([[END], ids[:-1]])).long()[None]
    decoded, _ = decoder.forward(read, decoder.start(None, 1), None)
    found = decoded.logits[0, torch.arange(30), torch.from_numpy(ids).long()]
    np.testing.assert_allclose(found.numpy(), model.log_probs(ids), atol=1e-5)
    np.testing.assert_allclose(decoded.logits.exp().sum(dim=2).numpy(), 1.0, atol=1e-5)
    rows = sample(decoder, None, opened(decoder, None, 3, END), Limits(10), seeds=[[3, 4]] * 3)
    alone = sample(decoder, None, opened(decoder, None, 1, END), Limits(10), seeds=[[4]])
    assert rows[1][1].tokens == alone[0][0].tokens


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_documents_are_told_apart(order):
    draw = np.random.default_rng(1)
    documents = [
        np.append(draw.integers(0, END, size), END).astype(np.int32) for size in draw.integers(0, 6, 40)
    ]
    offsets = np.cumsum([0, *map(len, documents)])
    whole = np.concatenate(documents)
    recipe = NgramRecipe(order=order)
    model = fit_ngrams(recipe, whole, offsets, tokens=TOKENS, start=END)
    told = document_log_probs(model, whole, offsets)
    for place, document in enumerate(documents):
        alone = model.log_probs(document)
        np.testing.assert_allclose(told[offsets[place] : offsets[place + 1]], alone, atol=1e-12)
    shuffled = draw.permutation(len(documents))
    mixed = np.concatenate([documents[place] for place in shuffled])
    ends = np.cumsum([0, *(len(documents[place]) for place in shuffled)])
    again = fit_ngrams(recipe, mixed, ends, tokens=TOKENS, start=END)
    np.testing.assert_allclose(document_log_probs(again, whole, offsets), told, atol=1e-12)
    plain = Ngrams.fit(NgramRecipe(order=1), whole, tokens=TOKENS, start=END)
    np.testing.assert_array_equal(unigram_of(model, documents=True).counts[0], plain.counts[0])
