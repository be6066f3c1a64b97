"""`yeoul generate`: let a model go on with a text, token by token as it comes."""

import contextlib
import math
import random
import sys
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yeoul.cli.options import DeviceOption, RunArgument
from yeoul.cli.output import complain, is_terminal, one_line, printable, tell, tell_json
from yeoul.errors import DataError, UsageError
from yeoul.language import say

if TYPE_CHECKING:
    from yeoul.api import Run
    from yeoul.tasks.generation.generating import Continuation, Generated
    from yeoul.tasks.generation.manner import Manner

PIPE = "-"
_SEEDS = 2**32
_TEXT_SUFFIX = ".txt"
_SIGNS = {" ": "␣", "\n": "↵", "\t": "⇥"}

_Count = Annotated[int, typer.Option("--count", metavar="N", help=say("So many texts."), show_default=False)]
_Tokens = Annotated[int | None, typer.Option("--tokens", metavar="N", help=say("The most tokens to say."))]
_Temperature = Annotated[
    float | None,
    typer.Option("--temperature", metavar="T", help=say("Bolder above 1, safer below; 0: the likeliest.")),
]
_TopK = Annotated[
    int | None, typer.Option("--top-k", metavar="N", help=say("Draw from so many of the likeliest tokens."))
]
_TopP = Annotated[
    float | None,
    typer.Option("--top-p", metavar="P", help=say("Draw from the fewest tokens that hold this share.")),
]
_Typical = Annotated[
    float | None,
    typer.Option("--typical", metavar="P", help=say("Draw from the tokens of usual surprise, this share.")),
]
_MinP = Annotated[
    float | None,
    typer.Option(
        "--min-p", metavar="P", help=say("Draw from tokens at least this share as likely as the likeliest.")
    ),
]
_Seed = Annotated[
    int | None, typer.Option("--seed", metavar="N", help=say("The same seed says the same text again."))
]
_Forbid = Annotated[
    list[str] | None,
    typer.Option(
        "--forbid",
        metavar="TOKEN",
        help=say("Never say this token; may be given more than once."),
        show_default=False,
    ),
]
_SkipUnknown = Annotated[
    bool,
    typer.Option(
        "--skip-unknown/--with-unknown", help=say("Never say the token for what is not in the vocabulary.")
    ),
]
_Stop = Annotated[
    list[str] | None,
    typer.Option(
        "--stop",
        metavar="TEXT",
        help=say("End once this has been said; may be given more than once."),
        show_default=False,
    ),
]
_Lines = Annotated[int | None, typer.Option("--lines", metavar="N", help=say("End after so many lines."))]
_Starts = Annotated[
    str | None,
    typer.Option(
        "--starts",
        metavar="가,나,다",
        help=say("What each line begins with; a word: a line for each syllable."),
    ),
]
_Pattern = Annotated[
    str | None,
    typer.Option("--pattern", metavar="REGEX", help=say("Say only what matches this as a whole.")),
]
_Words = Annotated[
    Path | None,
    typer.Option("--words", metavar="FILE", help=say("Say only the words of this file.")),
]
_NoRepeat = Annotated[
    int | None,
    typer.Option("--no-repeat", metavar="N", help=say("Never say so many tokens in a row twice.")),
]
_NoRepeatLines = Annotated[bool, typer.Option("--no-repeat-lines", help=say("Never say a line twice."))]
_NoRepeatWords = Annotated[bool, typer.Option("--no-repeat-words", help=say("Never say a word twice."))]
_Probabilities = Annotated[
    bool, typer.Option("--probabilities", help=say("Show each token with its probability."))
]
_Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help=say("Write a .txt file, or a melody as .abc, .mid or .wav.")),
]


def generate(
    run: RunArgument,
    prompt: Annotated[
        str | None,
        typer.Argument(
            metavar="[PROMPT|-]",
            help=say("How the text begins; - is the standard input."),
            show_default=False,
        ),
    ] = None,
    count: _Count = 1,
    tokens: _Tokens = None,
    temperature: _Temperature = None,
    top_k: _TopK = None,
    top_p: _TopP = None,
    typical: _Typical = None,
    min_p: _MinP = None,
    seed: _Seed = None,
    forbid: _Forbid = None,
    skip_unknown: _SkipUnknown = True,
    stop: _Stop = None,
    lines: _Lines = None,
    starts: _Starts = None,
    pattern: _Pattern = None,
    words: _Words = None,
    no_repeat: _NoRepeat = None,
    no_repeat_lines: _NoRepeatLines = False,
    no_repeat_words: _NoRepeatWords = False,
    probabilities: _Probabilities = False,
    out: _Out = None,
    device: DeviceOption = "auto",
    as_json: Annotated[bool, typer.Option("--json", help=say("Print a JSON object a text."))] = False,
) -> None:
    if count < 1:
        raise UsageError("a whole number from 1 is expected", where="--count")
    if seed is not None and not 0 <= seed < _SEEDS:
        raise UsageError(
            "a seed is a whole number from 0 to {most}", where="--seed", values={"most": _SEEDS - 1}
        )
    if out is not None:
        _check_out(out, count)
        if probabilities:
            raise UsageError("--probabilities are shown, not written", "leave out --out")
    from yeoul.runs.folder import open_run

    folder = open_run(Path(run))  # what is wrong with the run is said before torch is loaded
    given = _read_prompt() if prompt == PIPE else prompt or ""
    listed = () if words is None else _read_words(words)
    from yeoul.api import load
    from yeoul.models.language_rows import compute_on_one_thread
    from yeoul.tasks.generation.manner import Manner

    manner = Manner(
        tokens=tokens,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        typical=typical,
        min_p=min_p,
        forbid=tuple(forbid or ()),
        skip_unknown=skip_unknown,
        stop=tuple(stop or ()),
        lines=lines,
        starts=_beginnings(starts),
        pattern=pattern,
        words=listed,
        no_repeat=no_repeat,
        no_repeat_lines=no_repeat_lines,
        no_repeat_words=no_repeat_words,
    )
    opened = load(folder.path, device)
    first = random.SystemRandom().randrange(_SEEDS) if seed is None else seed
    asked = _Asked(opened, given, manner)
    compute_on_one_thread(opened.writer.decoder)
    _tell_unknown(opened, given)
    seeds = [(first + place) % _SEEDS for place in range(count)]
    if out is not None:
        found = asked.stream(first).finish()
        _write(found, out, as_json)
        _tell_outcome(manner, found)
        return
    try:
        _show(asked, seeds, as_json=as_json, probabilities=probabilities)
    except BrokenPipeError as closed:
        raise typer.Exit from closed  # nobody reads on, as behind `| head`


@dataclass(frozen=True)
class _Asked:
    """A run with what is asked of it, but for the seed."""

    run: "Run"
    prompt: str
    manner: "Manner"

    def stream(self, seed: int) -> "Continuation":
        return self.run.stream_text(self.prompt, self.manner, seed=seed)


def _show(asked: _Asked, seeds: Sequence[int], *, as_json: bool, probabilities: bool) -> None:
    """Write a text for each seed."""
    for place, seed in enumerate(seeds, 1):
        if as_json:
            tell_json(_record(asked.stream(seed).finish(), probabilities), indent=None)
            continue
        if len(seeds) > 1:
            tell(("" if place == 1 else "\n") + f"── {place}/{len(seeds)} · seed {seed} ──")
        _show_likely(asked, seed) if probabilities else _show_running(asked, seed)


def _show_running(asked: _Asked, seed: int) -> None:
    """Write a text as it comes; on a terminal, say below it how it came to its end."""
    begun, text = time.perf_counter(), ""
    stream = asked.stream(seed)
    try:
        for piece in stream:
            if piece.text:
                text = piece.text
                _put(piece.text)
        found = stream.finish()
        if not found.pieces:
            _put(found.text)
    except KeyboardInterrupt:
        tell()
        raise
    if not (text or found.text).endswith("\n"):
        tell()
    _tell_outcome(asked.manner, found)
    if is_terminal(sys.stdout) and is_terminal(sys.stderr):
        said = len(found.pieces)
        values = {
            "seed": seed,
            "tokens": f"{said:,}",
            "rate": f"{said / max(time.perf_counter() - begun, 1e-9):,.0f}",
        }
        complain(say("seed {seed} · {tokens} tokens · {rate} tokens/s", values))


def _show_likely(asked: _Asked, seed: int) -> None:
    """Write a line a token: what it is, and how likely the model itself found it."""
    stream = asked.stream(seed)
    in_bytes = asked.run.writer.spelling.script == "bytes"
    for piece in stream:
        tell(f"{100 * piece.probability:6.2f} %  {_shown(piece.token, in_bytes)}")
    found = stream.finish()
    bits = -found.log_prob / math.log(2) / max(1, len(found.pieces))
    tell(say("{bits} bits a token", {"bits": f"{bits:.3f}"}))
    _tell_outcome(asked.manner, found)


def _tell_unknown(run: "Run", prompt: str) -> None:
    """Say on the error stream how much of a prompt the model has never seen."""
    read = run.writer.encode(prompt)
    if unknown := read.count(0):
        values = {"count": f"{unknown:,}", "all": f"{len(read):,}"}
        complain(say("{count} of {all} tokens of the prompt are unknown to the model", values))


def _tell_outcome(manner: "Manner", found: "Generated") -> None:
    """Say on the error stream what a person would not expect of how a text has ended."""
    from yeoul.decoding import Pattern

    if found.outcome == "stuck":
        complain(say("nothing may follow here: what is asked leaves no token"))
    elif found.outcome == "length":
        said = {"tokens": f"{len(found.pieces):,}"}
        tail = found.text.removeprefix(found.prompt)
        if manner.starts and tail.count("\n") < len(manner.starts) - 1:
            complain(say("ended after {tokens} tokens, before the last line: give more --tokens", said))
        if manner.pattern is not None and not Pattern(manner.pattern).matches(tail):
            complain(
                say("ended after {tokens} tokens, before the pattern was whole: give more --tokens", said)
            )


def _record(found: "Generated", probabilities: bool) -> dict[str, object]:
    tokens = [{"token": piece.token, "probability": piece.probability} for piece in found.pieces]
    return {
        "prompt": found.prompt,
        "text": found.text,
        "seed": found.seed,
        "tokens": tokens if probabilities else len(tokens),
        "outcome": found.outcome,
        "log_prob": found.log_prob,
    }


def _write(found: "Generated", out: Path, as_json: bool) -> None:
    """Write a text, or what it says of notes and sounds."""
    from yeoul.files import write_text
    from yeoul.sound.rendering import is_audible, render

    record: dict[str, object] = {
        "file": str(out),
        "seed": found.seed,
        "tokens": len(found.pieces),
        "outcome": found.outcome,
    }
    if not is_audible(out):
        write_text(out, found.text if found.text.endswith("\n") else found.text + "\n")
    else:
        heard = render(found.text, out)
        record |= {"kind": heard.kind, "seconds": round(heard.seconds, 3), "skipped": list(heard.skipped)}
        if heard.skipped:
            signs = one_line(", ".join(heard.skipped), 100)
            complain(say("signs that are no music were left out: {signs}", {"signs": signs}))
    if as_json:
        tell_json(record)
    else:
        values = {"tokens": f"{len(found.pieces):,}", "path": out, "seed": found.seed}
        tell(say("{tokens} tokens written to {path} (seed {seed})", values))


def _check_out(out: Path, count: int) -> None:
    from yeoul.sound.rendering import is_audible

    if out.suffix.lower() != _TEXT_SUFFIX and not is_audible(out):
        raise UsageError(
            "{came} is no form of a text",
            "use .txt, or .abc, .mid or .wav for a melody",
            where=str(out),
            values={"came": out.suffix or out.name},
        )
    if count > 1:
        raise UsageError("a file holds one text", "leave --count out", where="--count")
    if not out.absolute().parent.is_dir():
        raise UsageError("there is no such folder", "make it first", where=str(out.absolute().parent))


def _beginnings(starts: str | None) -> tuple[str, ...]:
    """Read what lines begin with: parts between commas, or each character of a word."""
    if starts is None:
        return ()
    written = unicodedata.normalize("NFC", starts)
    parts = [part.strip() for part in written.split(",")] if "," in written else list(written.strip())
    if not parts or not all(parts):
        raise UsageError(
            "each line needs a beginning", "write --starts 가,나,다, or a word", where="--starts"
        )
    return tuple(parts)


def _read_prompt() -> str:
    """Read the standard input; the end of its last line is not part of the prompt."""
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise DataError(
            "the prompt is not UTF-8", "convert the text, for instance with iconv", where="stdin"
        ) from error


def _read_words(path: Path) -> tuple[str, ...]:
    """Read the words of a file, between spaces and ends of lines."""
    from yeoul.data.encodings import detect, read_utf8
    from yeoul.data.opening import existing_file

    found = existing_file(path)
    text = bytes(read_utf8(found, detect(found))).decode("utf-8")
    words = tuple(dict.fromkeys(unicodedata.normalize("NFC", text).split()))
    if not words:
        raise DataError("the file holds no word", "write a word a line", where=str(path))
    return words


def _put(text: str) -> None:
    """Write a part of a text as it is, but for what could steer a terminal."""
    sys.stdout.write("\n".join(printable(line) for line in text.split("\n")))
    sys.stdout.flush()


def _shown(token: str, in_bytes: bool) -> str:
    """Write a token so that it can be seen by itself: a space, an end of a line, a letter of a syllable, a byte."""
    return printable("".join(_sign(letter, in_bytes) for letter in token))


def _sign(letter: str, in_bytes: bool) -> str:
    if letter in _SIGNS:
        return _SIGNS[letter]
    if in_bytes and not letter.isascii():
        return f"<{ord(letter):02X}>"
    kind, _, sound = unicodedata.name(letter, "").removeprefix("HANGUL ").partition(" ")
    if kind not in ("CHOSEONG", "JUNGSEONG", "JONGSEONG"):
        return letter
    with contextlib.suppress(KeyError):  # old letters have no sign of their own
        return unicodedata.lookup(f"HANGUL LETTER {sound}")
    return letter
