"""The conditional random field: equal to what one counts by going through all rows of tags."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.layers import CRF
from yeoul.layers.crf import Allowed, allowed_spans
from yeoul.padded import Padded

SPANS = ("O", "B-인물", "I-인물", "B-곳")
CASES = st.tuples(
    st.lists(st.integers(0, 4), min_size=1, max_size=4),  # lengths
    st.sampled_from([1.0, 30.0, 1000.0]),  # how far scores lie apart: the last one leaves the fast way
    st.sampled_from(["free", "spans", "falling"]),
    st.integers(0, 999),
)


def made(kind):
    match kind:
        case "free":
            return CRF(3).double()
        case "spans":
            return CRF(len(SPANS), allowed_spans(SPANS)).double()
        case "falling":  # tags that never come back: none mixes with those before
            every = torch.ones(3, dtype=torch.bool)
            return CRF(3, Allowed(torch.ones(3, 3, dtype=torch.bool).triu(), every, every)).double()


def drawn(case):
    lengths, width, kind, seed = case
    torch.manual_seed(seed)
    crf = made(kind)
    for parameter in crf.parameters():
        torch.nn.init.normal_(parameter, std=2.0)
    values = width * torch.randn(len(lengths), max(lengths), crf.num_tags, dtype=torch.float64)
    for row, length in enumerate(lengths):
        values[row, length:] = math.nan  # arbitrary, and never read
    return crf, Padded(values, torch.tensor(lengths))


def brute_force(crf, scores, length):
    """The score of every allowed row of tags."""
    found = {}
    for tags in itertools.product(range(crf.num_tags), repeat=length):
        pairs = list(itertools.pairwise(tags))
        ends = not tags or bool(crf.may_be_first[tags[0]] and crf.may_be_last[tags[-1]])
        if ends and all(crf.may_follow[pair] for pair in pairs):
            score = sum(scores[step, tag] for step, tag in enumerate(tags)) + sum(
                crf.transitions[pair] for pair in pairs
            )
            found[tags] = float(score + crf.first[tags[0]] + crf.last[tags[-1]]) if tags else 0.0
    return found


@settings(max_examples=40)
@given(CASES)
def test_everything_is_what_going_through_all_tags_says(case):
    crf, scores = drawn(case)
    partition, marginals, paths = crf.log_partition(scores), crf.marginals(scores), crf.best_paths(scores, 3)
    assert not marginals.values[~scores.mask].any()
    for row, length in enumerate(scores.lengths.tolist()):
        with torch.no_grad():
            every = brute_force(crf, scores.values[row], length)
        whole = torch.logsumexp(torch.tensor(list(every.values()), dtype=torch.float64), 0)
        torch.testing.assert_close(partition[row], whole, rtol=1e-9, atol=1e-9)
        for step in range(length):
            expected = torch.zeros(crf.num_tags, dtype=torch.float64)
            for tags, score in every.items():
                expected[tags[step]] += math.exp(score - float(whole))
            torch.testing.assert_close(marginals.values[row, step], expected, rtol=1e-7, atol=1e-7)
        ranked = sorted(every.values(), reverse=True)
        for place in range(3):
            if place >= len(ranked):
                assert paths.scores[row, place] == -math.inf
                continue
            tags = tuple(paths.tags[row, place, :length].tolist())
            assert every[tags] == pytest.approx(ranked[place], rel=1e-9, abs=1e-9)
            assert paths.scores[row, place].item() == pytest.approx(ranked[place], rel=1e-9, abs=1e-9)
        distinct = {tuple(one) for one in paths.tags[row, :, :length].tolist()}
        assert len(distinct) >= min(3, len(ranked))


@settings(max_examples=25)
@given(CASES)
def test_gradients_are_those_of_the_likelihood(case):
    crf, scores = drawn(case)
    tags = crf.best_paths(scores, 2).tags[:, 0]
    weights = torch.randn(len(tags), dtype=torch.float64)
    values = scores.values.nan_to_num().requires_grad_()
    wanted = [values, *crf.parameters()]
    likelihood = crf.log_likelihood(Padded(values, scores.lengths), tags)
    total = (weights * likelihood).sum() + 0.0 * sum(one.sum() for one in wanted)
    got = torch.autograd.grad(total, wanted)

    def slowly():
        total = 0.0 * sum(one.sum() for one in wanted)
        for row, length in enumerate(scores.lengths.tolist()):
            if not length:
                continue
            alpha = torch.full((crf.num_tags,), 0.0, dtype=torch.float64)
            forbidden = torch.tensor(-1e9, dtype=torch.float64)
            transitions = torch.where(crf.may_follow, crf.transitions, forbidden)
            alpha = torch.where(crf.may_be_first, crf.first, forbidden) + values[row, 0]
            score = crf.first[tags[row, 0]] + values[row, 0, tags[row, 0]]
            for step in range(1, length):
                alpha = torch.logsumexp(alpha[:, None] + transitions, 0) + values[row, step]
                here, before = tags[row, step], tags[row, step - 1]
                score = score + crf.transitions[before, here] + values[row, step, here]
            last = tags[row, length - 1]
            total = total + weights[row] * (
                score
                + crf.last[last]
                - torch.logsumexp(alpha + torch.where(crf.may_be_last, crf.last, forbidden), 0)
            )
        return total

    expected = torch.autograd.grad(slowly(), wanted, allow_unused=True)
    for one, other in zip(got, expected, strict=True):
        torch.testing.assert_close(
            one, torch.zeros_like(one) if other is None else other, rtol=1e-7, atol=1e-8
        )


def test_a_row_says_the_same_in_any_company_and_precision():
    torch.manual_seed(1)
    crf = CRF(5)
    lengths = torch.tensor([9, 0, 4, 9, 1])
    values, tags = torch.randn(5, 9, 5), torch.randint(5, (5, 9))
    together = crf.log_likelihood(Padded(values, lengths), tags)
    marginals = crf.marginals(Padded(values, lengths)).values
    for row, length in enumerate(lengths.tolist()):
        alone = Padded(values[row : row + 1, :length], lengths[row : row + 1])
        torch.testing.assert_close(crf.log_likelihood(alone, tags[row : row + 1, :length])[0], together[row])
        torch.testing.assert_close(crf.marginals(alone).values[0], marginals[row, :length])
    exact = crf.double().log_likelihood(Padded(values.double(), lengths), tags)
    torch.testing.assert_close(together.double(), exact, rtol=1e-6, atol=1e-6)
    coarse = values.bfloat16().requires_grad_()
    found = crf.float().log_likelihood(Padded(coarse, lengths), tags)
    found.sum().backward()
    assert (found.dtype, coarse.grad.dtype) == (torch.float32, torch.bfloat16)


def test_a_long_row_loses_nothing():
    # without transitions every step stands by itself: log Z is a sum over steps
    crf = CRF(4).double()
    torch.nn.init.zeros_(crf.transitions)
    values = 3 * torch.randn(2, 2000, 4, dtype=torch.float64)
    partition = crf.log_partition(Padded(values, torch.tensor([2000, 1999])))
    first, last = crf.first.detach(), crf.last.detach()
    values[:, 0] += first
    values[0, 1999] += last
    values[1, 1998] += last
    expected = values.logsumexp(2)
    torch.testing.assert_close(partition, torch.stack([expected[0].sum(), expected[1, :-1].sum()]))


def test_it_learns_what_follows_what():
    torch.manual_seed(0)
    crf, tags = CRF(3), torch.tensor([[0, 1, 2, 0, 1, 2]])
    scores = Padded(torch.zeros(1, 6, 3), torch.tensor([6]))
    optimizer = torch.optim.Adam(crf.parameters(), lr=0.3)
    for _ in range(40):
        optimizer.zero_grad()
        (-crf.log_likelihood(scores, tags).sum()).backward()
        optimizer.step()
    assert crf.best_paths(scores).tags[0, 0].tolist() == tags[0].tolist()
    assert crf.log_likelihood(scores, tags).exp() > 0.9


def test_spans_begin_before_they_go_on():
    allowed = allowed_spans(["O", "B-a", "I-a", "I-b"])
    assert allowed.first.tolist() == [True, True, False, False]
    assert allowed.transitions[:, 2].tolist() == [False, True, True, False]
    assert allowed.transitions[:, 3].tolist() == [False, False, False, True]
    assert allowed.last.all()


def test_what_cannot_be_is_refused():
    crf = CRF(2, allowed_spans(["O", "I-a"]))
    scores = Padded(torch.zeros(1, 2, 2), torch.tensor([2]))
    for tags in ([[1, 0]], [[0, 1]]):
        with pytest.raises(ValueError, match="not allowed"):
            crf.log_likelihood(scores, torch.tensor(tags))
    none = torch.zeros(2, dtype=torch.bool)
    with pytest.raises(ValueError, match="rows of 1 steps"):
        CRF(2, Allowed(torch.ones(2, 2, dtype=torch.bool), none, ~none))
    with pytest.raises(ValueError, match="rows of 2 steps"):
        CRF(2, Allowed(torch.zeros(2, 2, dtype=torch.bool), ~none, ~none))
