"""Share a beam among hypotheses that have said more and less of what must appear (Post & Vilar 2018)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from yeoul.decoding.constraints import MustAppear
from yeoul.decoding.history import Path
from yeoul.decoding.steps import NEVER


def with_wanted(ranked: Tensor, tokens: Tensor, wanted: MustAppear) -> tuple[Tensor, Tensor]:
    """Add to the candidates of each row, (A, W, C) of the scores (A, W, V), those that bring nearer to the words.

    Returns scores and tokens (A, W, C + U); what is a candidate already stands at minus infinity.
    """
    added = torch.tensor(wanted.tokens, device=tokens.device).expand(*tokens.shape[:2], -1)
    scores = ranked.gather(2, added)
    known = (added[:, :, :, None] == tokens[:, :, None]).any(3)
    both = torch.cat([ranked.gather(2, tokens), scores.masked_fill(known, NEVER)], 2)
    return both, torch.cat([tokens, added], 2)


def shared_out(totals: Tensor, tokens: Tensor, paths: Sequence[Path], wanted: MustAppear) -> Tensor:
    """Return the places (A, N) of the candidates in the order in which they are taken.

    The best of each bank come first, that with the fewest tokens missing before the others, then the second of
    each, and so on. Totals and tokens are (A, W, C), N is W · C, the paths are those of the A · W rows.
    """
    missing = torch.empty_like(tokens)
    for row, path in enumerate(paths):
        usual, nearer = wanted.missing_after(path)
        here = missing[row // tokens.shape[1], row % tokens.shape[1]]
        here.fill_(usual)
        for token, count in nearer.items():
            here[tokens[row // tokens.shape[1], row % tokens.shape[1]] == token] = count
    order = totals.flatten(1).argsort(dim=1, descending=True, stable=True)
    banks = missing.flatten(1).gather(1, order)  # (A, N) the best candidates first
    by_bank = banks.argsort(dim=1, stable=True)
    sorted_banks = banks.gather(1, by_bank)
    places = torch.arange(banks.shape[1], device=banks.device).expand_as(banks)
    rank = places - torch.searchsorted(sorted_banks, sorted_banks)  # among those of its bank
    turn = rank * (int(banks.max()) + 1) + sorted_banks
    never = totals.flatten(1).gather(1, order).gather(1, by_bank) == NEVER
    last = turn.masked_fill(never, int(turn.max()) + 1).argsort(dim=1, stable=True)
    return order.gather(1, by_bank.gather(1, last))
