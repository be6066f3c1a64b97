"""The laws of streaming: what comes token by token is what a search or a sample of one finds."""

import gc

import pytest
import torch
from toy_decoders import Table, TinyGRU, leaves, memory_of

from yeoul.decoding import (
    Forbid,
    Limits,
    Lines,
    NoRepeatNgrams,
    Path,
    StopTexts,
    TopK,
    generate,
    greedy_search,
    opened,
    path_of,
    sample,
)

END = 0


def listen(stream):
    """Collect what a stream yields, and how it ended."""
    said = []
    while True:
        try:
            said.append(next(stream))
        except StopIteration as stop:
            return said, stop.value


@pytest.fixture(params=range(3))
def parts(request):
    decoder, memory = TinyGRU(seed=request.param), memory_of([4])
    return decoder, memory, opened(decoder, memory, 1, 1)


@pytest.mark.parametrize("steps", [(), (NoRepeatNgrams(2), TopK(4))], ids=["free", "shaped"])
def test_streaming_is_greedy_or_sampling(parts, steps):
    limits = Limits(12, END)
    for seed, whole in (
        (None, greedy_search(*parts, limits, steps)[0]),
        (4, sample(*parts, limits, steps, seeds=[[4]])[0][0]),
    ):
        said, outcome = listen(generate(*parts, limits, steps, seed))
        assert tuple(each.token for each in said) == whole.tokens
        assert [each.log_prob for each in said] == pytest.approx(whole.log_probs[: len(said)])
        assert outcome == whole.outcome
        for each, attention in zip(said, whole.attention, strict=False):
            torch.testing.assert_close(each.attention, attention)


def test_a_stream_may_be_left_and_begun_again(parts):
    first = generate(*parts, Limits(12))
    heard = [next(first).token for _ in range(3)]
    second, _ = listen(generate(*parts, Limits(12)))
    assert [each.token for each in second[:3]] == heard
    assert [each.token for each in listen(first)[0]] == [each.token for each in second[3:]]
    assert not torch.is_inference_mode_enabled()
    next(generate(*parts, Limits(12)))
    assert not torch.is_inference_mode_enabled()
    assert not any(leaf.is_inference() for leaf in leaves(parts[2].state))


def test_how_a_stream_ends(parts):
    assert listen(generate(*parts, Limits(3)))[1] == "length"
    assert listen(generate(*parts, Limits(3), [Forbid(tuple(range(7)))])) == ([], "stuck")
    texts = ["\n", *"abcdef"]
    said, outcome = listen(generate(*parts, Limits(2000, None, (Lines(2, texts),)), seed=1))
    assert outcome == "ended"
    assert [each.token for each in said].count(0) == 2
    assert said[-1].token == 0
    stop = StopTexts(("ab", "cc"), texts)
    said, outcome = listen(generate(*parts, Limits(2000, None, (stop,)), seed=1))
    text = "".join(texts[each.token] for each in said)
    assert outcome == "ended"
    assert text.endswith(("ab", "cc"))
    assert not any(one in text[:-1] for one in stop.stops)


def test_what_was_said_before_counts(parts):
    said, _ = listen(generate(*parts, Limits(4), [NoRepeatNgrams(1)], history=path_of([1, 2, 3])))
    assert {each.token for each in said} == {0, 4, 5, 6}
    assert listen(generate(*parts, Limits(9), [NoRepeatNgrams(1)], history=path_of([1, 2, 3])))[1] == "stuck"


def test_a_stream_is_of_one_row():
    table = Table(3, 2, sources=2)
    memory = torch.arange(2)
    with pytest.raises(ValueError, match="expected one"):
        next(generate(table, memory, opened(table, memory, 2, 1), Limits(2)))


def test_paths_share_their_past_and_are_read_token_by_token():
    class Count:
        read = 0

        def start(self, row):
            return row, ()

        def after(self, state, token):
            self.read += 1
            return state[0], (*state[1], token)

    rule = Count()
    trunk = path_of([1, 2, 3], row=7)
    left, right = trunk.then(4), trunk.then(5).then(6)
    assert left.read(rule) == (7, (1, 2, 3, 4))
    assert right.read(rule) == (7, (1, 2, 3, 5, 6))
    assert rule.read == 6  # the three of the trunk once
    assert right.read(Count()) == right.read(rule)
    assert (left.tokens, right.newest(2), Path().tokens, right.length) == ([1, 2, 3, 4], [5, 6], [], 5)


def test_a_very_long_path_is_let_go_of():
    path = path_of(range(50_000))
    assert path.newest(2) == [49_998, 49_999]
    del path
    gc.collect()
