"""Measure tokens a second of a text written by one model, beside the plain PyTorch loop that a user would write.

    python -m benchmarks.generation [--threads 1] [--tokens 400] [--turns 7] [--json]

Both have the same weights and draw at temperature 0.8 from a vocabulary of 100 characters. Ours is all that
`Run.generate` does, the text included; the plain loop ends with a list of ids. Turns alternate; the median counts.
"""

import argparse
import json
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import nn

from benchmarks import machine
from yeoul.data.vectorizers import TextVectorizer
from yeoul.models.language import LanguageModel, build_language_model
from yeoul.recipe import LanguageRecipe, SamplingRecipe, TextRecipe
from yeoul.recipe.language import DecoderRecipe
from yeoul.tasks.generation.generating import Continuation
from yeoul.tasks.generation.manner import Manner
from yeoul.tasks.generation.texts import Script, reading_of
from yeoul.tasks.generation.writer import TrainedDecoder, Writer

_SIZES = (("lstm", 64), ("lstm", 128), ("lstm", 256), ("lstm", 512), ("gru", 128), ("gru", 256), ("gru", 512))
_TEMPERATURE = 0.8
_EMBEDDING = 128
_LETTERS = "".join(chr(code) for code in range(0x21, 0x21 + 94)) + " \n가나다라"


class Plain(nn.Module):
    """What a tutorial writes."""

    def __init__(self, cell: str, size: int, tokens: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(tokens, _EMBEDDING)
        self.layer = {"lstm": nn.LSTM, "gru": nn.GRU}[cell](_EMBEDDING, size, batch_first=True)
        self.output = nn.Linear(size, tokens)

    def generate(self, start: int, count: int) -> list[int]:
        previous, state, said = torch.tensor([[start]]), None, []
        with torch.no_grad():
            for _ in range(count):
                states, state = self.layer(self.embedding(previous), state)
                shares = torch.softmax(self.output(states[:, -1]) / _TEMPERATURE, dim=-1)
                previous = torch.multinomial(shares, 1)
                said.append(previous.item())
        return said


def pair(cell: str, size: int) -> tuple[Writer, Plain]:
    """Return both ways to write with the same weights."""
    recipe = TextRecipe(unit="character", min_count=1, max_length=10**9)
    language = LanguageRecipe(lines=False)
    script = Script(TextVectorizer.fit(recipe, [_LETTERS]), reading_of(language, "character"))
    decoder = DecoderRecipe(embedding_size=_EMBEDDING, network={"kind": cell, "hidden_size": size})
    torch.manual_seed(0)
    model = build_language_model(decoder, script.tokens, carries=False).eval()
    trained = TrainedDecoder(decoder, model, torch.device("cpu"))
    plain = Plain(cell, size, script.tokens).eval()
    _copy(model, plain)
    return Writer(trained, script, language, SamplingRecipe()), plain


def _copy(model: LanguageModel, plain: Plain) -> None:
    given = model.state_dict()
    layer = {name.rpartition(".")[2]: value for name, value in given.items() if ".layers.0." in name}
    plain.layer.load_state_dict(layer)
    plain.embedding.load_state_dict({"weight": given["table"]})
    plain.output.load_state_dict({"weight": given["head.weight"], "bias": given["head.bias"]})


def rate(write: Callable[[], object], tokens: int, clock: Callable[[], float]) -> float:
    """Return tokens a second of one turn."""
    begun = clock()
    write()
    return tokens / (clock() - begun)


def measure(cell: str, size: int, asked: argparse.Namespace) -> dict[str, object]:
    writer, plain = pair(cell, size)
    manner = Manner(tokens=asked.tokens, temperature=_TEMPERATURE)
    ours = {
        "yeoul": lambda: Continuation(writer, "", manner, 1).finish(),
        "plain": lambda: plain.generate(writer.start, asked.tokens),
    }
    clock = time.perf_counter if asked.clock == "wall" else time.process_time
    rates: dict[str, list[float]] = {name: [] for name in ours}
    for turn in range(asked.turns + 1):
        for name, write in ours.items():
            found = rate(write, asked.tokens, clock)
            if turn:
                rates[name].append(found)
    told = {name: median(found) for name, found in rates.items()}
    return {"model": f"{cell.upper()} {size}", **told, "times": told["yeoul"] / told["plain"]}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generation", description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=400)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall", help="cpu: for busy machines")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    rows = []
    for cell, size in _SIZES:
        rows.append(measure(cell, size, asked))
        if not asked.json:
            print(
                "{model:9} {yeoul:8,.0f} tokens/s, plain loop {plain:8,.0f}: {times:.2f} ×".format(**rows[-1])
            )
    about = {"machine": machine.describe(), "torch": torch.__version__, "threads": asked.threads}
    print(json.dumps({**about, "rows": rows}, indent=1) if asked.json else about)


if __name__ == "__main__":
    main()
