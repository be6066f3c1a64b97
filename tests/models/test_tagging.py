"""The tagger: padding and company change nothing, and it learns what it can only know by letters or by order."""

import itertools

import numpy as np
import pytest
import torch

from yeoul.data.tag_rows import tagged_rows, word_table
from yeoul.data.vectorizers import TextVectorizer
from yeoul.layers import LSTM, Embedding, FixedPooling
from yeoul.layers.crf import allowed_spans
from yeoul.models.encoders import ConvolutionEncoder, RecurrentEncoder
from yeoul.models.tagging import ChainTags, SoftmaxTags, Tagger
from yeoul.recipe import TextRecipe

SENTENCES = [["나는", "물을", "마신다"], ["새가", "난다"], ["물"], [], ["너는", "새를", "본다", "물"]]
TAGS = [["O", "B-a", "I-a"], ["B-a", "O"], ["B-a"], [], ["O", "B-a", "I-a", "O"]]
NAMES = {"O": 0, "B-a": 1, "I-a": 2}


def made(head):
    torch.manual_seed(0)
    letters = TextVectorizer.fit(
        TextRecipe(unit="jamo", min_count=1, vocabulary_size=100), [word for one in SENTENCES for word in one]
    )
    rows = tagged_rows(SENTENCES, word_table(SENTENCES, min_count=1), letters, (TAGS, NAMES))
    encoder = RecurrentEncoder(LSTM(16, 8, bidirectional=True), FixedPooling("max"))
    heads = {"softmax": SoftmaxTags(16, 3), "chain": ChainTags(16, 3, allowed_spans(list(NAMES)))}
    speller = ConvolutionEncoder(6, 4, (2, 3), FixedPooling("max"))
    return Tagger(Embedding(20, 8), Embedding(letters.size, 6), speller, encoder, heads[head]), rows


@pytest.mark.parametrize("head", ["softmax", "chain"])
def test_sentences_say_the_same_in_any_company(head):
    model, rows = made(head)
    model.eval()
    together = rows.batch(np.arange(5))
    answers, tags = model.answers(together), model.tags(together).values
    total = 0.0
    for place, words in enumerate(SENTENCES):
        alone = rows.batch(np.array([place]))
        size = len(words)
        torch.testing.assert_close(model.answers(alone)[0], answers[place, :size], rtol=1e-4, atol=1e-5)
        assert model.tags(alone).values[0].tolist() == tags[place, :size].tolist()
        torch.testing.assert_close(answers[place, :size].exp().sum(1), torch.ones(size))
        total += model.loss(alone).terms["tags"].total.item()
    assert model.loss(together).terms["tags"].total.item() == pytest.approx(total, rel=1e-5)
    assert model.counts(together) == {"tags": 10.0}


@pytest.mark.parametrize("head", ["softmax", "chain"])
def test_it_learns_a_few_sentences(head):
    model, rows = made(head)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    batch = rows.batch(np.arange(5))
    for _ in range(60):
        optimizer.zero_grad()
        model.loss(batch).value(model.counts(batch)).backward()
        optimizer.step()
    model.eval()
    for place, (row, given) in enumerate(zip(model.tags(batch).values.tolist(), TAGS, strict=True)):
        assert row[: len(given)] == [NAMES[tag] for tag in given], SENTENCES[place]


def test_a_chain_never_breaks_its_rules():
    model, rows = made("chain")
    model.eval()
    allowed = allowed_spans(list(NAMES))
    tags = model.tags(rows.batch(np.arange(5)))
    for row, length in zip(tags.values.tolist(), tags.lengths.tolist(), strict=True):
        assert all(allowed.transitions[pair] for pair in itertools.pairwise(row[:length]))
        assert not length or allowed.first[row[0]]
