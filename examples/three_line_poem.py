"""삼행시: a poem whose lines begin with the syllables of a word, the likeliest of several that a model draws.

    yeoul train three-line-poem
    python examples/three_line_poem.py runs/three-line-poem-0001 나그네 [--count 8] [--temperature 0.7] [--seed 1]

Any run of `task = "generate"` will do whose unit can spell the word. `yeoul generate RUN --starts 나그네` draws one.
Each line is what the model would say if it had to begin so; of several poems the one is shown whose letters the
model finds likeliest on average, which is the most ordinary one.
"""

import argparse
import sys
import unicodedata

import yeoul
from yeoul.errors import YeoulError
from yeoul.tasks.generation.generating import Generated


def likelihood(poem: Generated) -> float:
    """Return the mean log-probability of a poem's tokens."""
    return sum(piece.log_prob for piece in poem.pieces) / max(1, len(poem.pieces))


def poem_on(run: yeoul.Run, word: str, *, count: int, temperature: float, seed: int) -> list[str]:
    """Return the lines of the likeliest of `count` poems, one for each syllable of a word."""
    manner = yeoul.Manner(starts=tuple(word), temperature=temperature, no_repeat_lines=True)
    poems = [run.generate("", manner, seed=seed + nth) for nth in range(count)]
    return max(poems, key=likelihood).text.strip().splitlines()


def main() -> int:
    parser = argparse.ArgumentParser(description="삼행시")
    parser.add_argument("run", help="a run of a Korean language model")
    parser.add_argument("word", help="each of its syllables begins a line")
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--temperature", type=float, default=0.7)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    word = unicodedata.normalize("NFC", options.word)
    try:
        run = yeoul.load(options.run)
        lines = poem_on(
            run, word, count=max(1, options.count), temperature=options.temperature, seed=options.seed
        )
    except YeoulError as error:
        print(error.message("ko"), file=sys.stderr)
        return error.exit_code
    for syllable, line in zip(word, lines):
        print(f"{syllable}: {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
