"""Measure sentences a second of a beam of 5, beside a plain PyTorch beam that takes one sentence after another.

    python -m benchmarks.beam [--sentences 1000] [--threads 2] [--json]

Both have the same weights, of the size of Multi30k's: vocabularies of 8,000, a GRU of 256 in both directions, one of
512 with Luong's general attention. The weights are drawn, so steep that most answers end, after some eight tokens. Both
rank by log-probability over ((5 + length) / 6) and stop by the same rule, and their scores must agree.
"""

import argparse
import json
import time
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from benchmarks import machine
from yeoul.decoding import Beams, Limits, beam_search, opened
from yeoul.models.build_transducer import build_transducer, describe_transducer
from yeoul.models.transduction import Seq2Seq
from yeoul.padded import Padded
from yeoul.recipe import Seq2SeqRecipe

_TOKENS, _BEAM, _LONGEST = 8000, 5, 40
_TOGETHER = 128
_STEEPNESS = {
    "vectors.sources": 16.0,
    "vectors.targets": 16.0,
    "decoder.gaze.mix.weight": 8.0,
    "head.weight": 8.0,
}
_END = 9.0
_RECIPE = Seq2SeqRecipe.model_validate(
    {
        "encoder": {"kind": "gru", "hidden_size": 256, "bidirectional": True},
        "decoder": {"kind": "gru", "hidden_size": 512, "attention": "general"},
        "embedding_size": 256,
    }
)


class Plain(nn.Module):
    """What a tutorial writes: an encoder, a decoder with attention, and a beam for one sentence."""

    def __init__(self) -> None:
        super().__init__()
        self.sources = nn.Embedding(_TOKENS, 256)
        self.targets = nn.Embedding(_TOKENS + 2, 256)
        self.encoder = nn.GRU(256, 256, bidirectional=True, batch_first=True)
        self.bridge = nn.Linear(512, 512)
        self.decoder = nn.GRU(256, 512, batch_first=True)
        self.general = nn.Linear(512, 512, bias=False)
        self.mix = nn.Linear(1024, 512)
        self.output = nn.Linear(512, _TOKENS + 1)

    def step(self, previous: Tensor, hidden: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
        read, hidden = self.decoder(self.targets(previous)[:, None], hidden)
        scores = read @ self.general(states).transpose(1, 2)  # (K, 1, S)
        found = torch.softmax(scores, dim=2) @ states
        features = torch.tanh(self.mix(torch.cat([found, read], dim=2)))[:, 0]
        return torch.log_softmax(self.output(features), dim=1), hidden

    def search(self, source: Tensor) -> tuple[list[int], float]:
        """Return the tokens of the best hypothesis and its score."""
        states, last = self.encoder(self.sources(source)[None])
        hidden = torch.tanh(self.bridge(torch.cat([last[0], last[1]], dim=1)))[None]
        beams, scores = [[_TOKENS + 1]], torch.zeros(1)
        best, best_score = list[int](), float("-inf")
        for length in range(1, _LONGEST + 1):
            previous = torch.tensor([beam[-1] for beam in beams])
            log_probs, hidden = self.step(previous, hidden, states.expand(len(beams), -1, -1))
            totals = (scores[:, None] + log_probs).flatten()
            found, places = totals.topk(2 * _BEAM)
            going, kept, rows = list[list[int]](), list[float](), list[int]()
            for rank, (score, place) in enumerate(zip(found.tolist(), places.tolist())):
                row, token = divmod(place, _TOKENS + 1)
                if token == _TOKENS or length == _LONGEST:
                    ended = score / ((5 + length) / 6)
                    if rank < _BEAM and ended > best_score and token == _TOKENS:
                        best, best_score = beams[row][1:], ended
                elif len(going) < _BEAM:
                    going.append([*beams[row], token])
                    kept.append(score)
                    rows.append(row)
            if not going or max(kept[0] / ((5 + end) / 6) for end in (length + 1, _LONGEST)) <= best_score:
                break
            beams, scores, hidden = going, torch.tensor(kept), hidden[:, rows]
        return best, best_score


def pair() -> tuple[Seq2Seq, Plain]:
    """Return both with the same weights."""
    torch.manual_seed(0)
    model, plain = build_transducer(_RECIPE, _TOKENS, _TOKENS, shared=False).eval(), Plain().eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.mul_(_STEEPNESS.get(name, 1.0))
        model.head.bias[_TOKENS] = _END
    given = model.state_dict()
    names = {
        "sources.weight": "vectors.sources",
        "targets.weight": "vectors.targets",
        "bridge": "decoder.first.project",
        "general": "decoder.gaze.alignment.project",
        "mix": "decoder.gaze.mix",
        "output": "head",
        "encoder": "encoder.layers",
        "decoder": "decoder.network.layers.0",
    }
    own = {}
    for name in plain.state_dict():
        first, _, rest = name.partition(".")
        own[name] = given[names[name] if name in names else f"{names[first]}.{rest}"]
    plain.load_state_dict(own)
    return model, plain


def sentences(count: int) -> list[Tensor]:
    """Draw sentences as long as those of Multi30k are in sub-words, about 15 tokens, frequent tokens more often."""
    torch.manual_seed(1)
    lengths = (torch.randn(count) * 4.5 + 15).round().clamp(4, 40).long().tolist()
    return [(torch.rand(length) ** 3 * _TOKENS).long() for length in lengths]


def searched(model: Seq2Seq, sources: Sequence[Tensor]) -> list[tuple[list[int], float]]:
    """Search for many sentences side by side, those of one length together."""
    order = sorted(range(len(sources)), key=lambda place: len(sources[place]))
    found: list[tuple[list[int], float]] = [([], 0.0)] * len(sources)
    for first in range(0, len(order), _TOGETHER):
        places = order[first : first + _TOGETHER]
        lengths = torch.tensor([len(sources[place]) for place in places])
        rows = Padded.from_flat(torch.cat([sources[place] for place in places]), lengths)
        memory = model.encode(rows)
        opening = opened(model, memory, len(places), _TOKENS + 1)
        limits, beams = Limits(_LONGEST, _TOKENS), Beams(_BEAM, length_penalty=1.0)
        for place, each in zip(places, beam_search(model, memory, opening, limits, beams), strict=True):
            best = each.hypotheses[0]
            found[place] = (list(best.tokens), best.score) if best.ended else ([], float("-inf"))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.beam", description=__doc__)
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall", help="cpu: for busy machines")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    clock = time.perf_counter if asked.clock == "wall" else time.process_time
    (model, plain), sources = pair(), sentences(asked.sentences)
    with torch.inference_mode():
        searched(model, sources[:50])
        begun = clock()
        ours = searched(model, sources)
        middle = clock()
        theirs = [plain.search(source) for source in sources]
        seconds = {"yeoul": middle - begun, "plain": clock() - middle}
    same = sum(one[0] == other[0] for one, other in zip(ours, theirs, strict=True))
    apart = max(
        (
            abs(one[1] - other[1])
            for one, other in zip(ours, theirs, strict=True)
            if max(one[1], other[1]) > float("-inf")
        ),
        default=0.0,
    )
    told = {
        "model": describe_transducer(_RECIPE),
        "sentences": len(sources),
        "tokens": sum(len(tokens) for tokens, _ in ours) / len(sources),
        "ended": sum(score > float("-inf") for _, score in ours),
        "same": same,
        "apart": apart,
        **{f"{name}_per_second": len(sources) / spent for name, spent in seconds.items()},
        "times": seconds["plain"] / seconds["yeoul"],
        "machine": machine.describe(),
        "torch": torch.__version__,
        "threads": asked.threads,
    }
    print(json.dumps(told, indent=1) if asked.json else told)


if __name__ == "__main__":
    main()
