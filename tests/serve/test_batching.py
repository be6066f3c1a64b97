"""The laws of batches: an answer is the same in any company, nobody suffers from another, nothing is lost."""

import asyncio
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from served_runs import KINDS, WORDS

from yeoul.api import load
from yeoul.errors import DataError
from yeoul.serve.answering import Question
from yeoul.serve.batching import Batcher
from yeoul.serve.limits import Limits
from yeoul.serve.refusals import RefusedError

TEXTS = st.lists(
    st.sampled_from([*WORDS, *KINDS, "", "없는 낱말 🙂", "가" * 300]), min_size=1, max_size=9
).map(" ".join)


class Held:
    """A model that answers with doubles, and not before it is let."""

    def __init__(self):
        self.batches = []
        self.free = threading.Event()
        self.begun = threading.Event()

    def __call__(self, asked):
        self.begun.set()
        self.free.wait(10)
        self.batches.append(list(asked))
        if -1 in asked:
            raise DataError("no")
        return [2 * one for one in asked]


def with_batcher(model, work, limits=None):
    batcher = Batcher(model, limits or Limits())
    try:
        return asyncio.run(work(batcher))
    finally:
        model.free.set()
        batcher.close()


async def settled(model):
    while not model.begun.is_set():
        await asyncio.sleep(0)


def test_what_comes_while_the_model_computes_is_answered_together():
    model = Held()

    async def work(batcher):
        first = asyncio.create_task(batcher.ask(0))
        await settled(model)
        rest = [asyncio.create_task(batcher.ask(one)) for one in range(1, 6)]
        await asyncio.sleep(0)
        model.free.set()
        return await asyncio.gather(first, *rest)

    assert with_batcher(model, work) == [0, 2, 4, 6, 8, 10]
    assert model.batches == [[0], [1, 2, 3, 4, 5]]


def test_a_bad_request_fails_alone():
    model = Held()

    async def work(batcher):
        first = asyncio.create_task(batcher.ask(0))
        await settled(model)
        rest = [asyncio.create_task(batcher.ask(one)) for one in (1, -1, 3)]
        await asyncio.sleep(0)
        model.free.set()
        return await asyncio.gather(first, *rest, return_exceptions=True)

    zero, one, bad, three = with_batcher(model, work)
    assert (zero, one, three) == (0, 2, 6)
    assert isinstance(bad, DataError)


def test_the_line_is_bounded_and_a_cancelled_request_leaves_it():
    model = Held()

    async def work(batcher):
        first = asyncio.create_task(batcher.ask(0))
        await settled(model)
        waiting = [asyncio.create_task(batcher.ask(one)) for one in (1, 2)]
        await asyncio.sleep(0)
        with pytest.raises(RefusedError) as refused:
            await batcher.ask(3)
        waiting[0].cancel()
        await asyncio.gather(waiting[0], return_exceptions=True)
        assert batcher.waiting == 1
        model.free.set()
        return refused.value.status, await first, await waiting[1]

    assert with_batcher(model, work, Limits(waiting=2)) == (429, 0, 4)
    assert [one for batch in model.batches for one in batch] == [0, 2]


def test_what_waits_is_answered_before_the_end_and_then_nothing_is_taken():
    model = Held()

    async def work(batcher):
        asked = [asyncio.create_task(batcher.ask(one)) for one in range(4)]
        await settled(model)
        closing = asyncio.create_task(asyncio.to_thread(batcher.close))
        model.free.set()
        told = await asyncio.gather(*asked)
        await closing
        with pytest.raises(RefusedError) as refused:
            await batcher.ask(9)
        return told, refused.value.status

    assert with_batcher(model, work) == ([0, 2, 4, 6], 503)


@given(sizes=st.lists(st.integers(1, 7), min_size=1, max_size=20), most=st.integers(1, 8))
def test_batches_keep_the_order_and_never_grow_beyond_their_limit(sizes, most):
    model = Held()

    async def work(batcher):
        asked = [asyncio.create_task(batcher.ask(place, size)) for place, size in enumerate(sizes)]
        await settled(model)
        model.free.set()
        return await asyncio.gather(*asked)

    told = with_batcher(model, work, Limits(batch=most, waiting=1000, linger_seconds=0.0))
    assert told == [2 * place for place in range(len(sizes))]
    assert [one for batch in model.batches for one in batch] == list(range(len(sizes)))
    for batch in model.batches:
        assert len(batch) == 1 or sum(sizes[place] for place in batch) <= most


@settings(max_examples=25)
@given(requests=st.lists(st.lists(TEXTS, min_size=1, max_size=4), min_size=1, max_size=8))
def test_answers_in_a_batch_equal_those_alone(service, runs, requests):
    offer = service.offers["reviews"]
    alone = load(runs["reviews"]).classifier

    async def work():
        return await asyncio.gather(*(offer.batcher.ask(Question(texts), len(texts)) for texts in requests))

    for texts, answers in zip(requests, asyncio.run(work()), strict=True):
        assert len(answers) == len(texts)
        for text, answer in zip(texts, answers, strict=True):
            (single,) = alone.predict([text])
            assert answer["label"] == single.label
            logs = np.log([answer["probabilities"][label] for label in alone.labels])
            np.testing.assert_allclose(logs, np.log(single.probabilities), atol=1e-5)
