"""Every English sentence that a person can meet has a Korean one with the same placeholders."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from yeoul import errors
from yeoul.cli.usage import _MISUSES
from yeoul.language import korean

SOURCE = Path(errors.__file__).parent
ERRORS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.YeoulError)
} | {"UnfitError"}
OWN_TABLES = ("report",)  # rooms whose sentences stand in a bilingual table of their own


def test_every_sentence_of_the_package_has_a_korean_one() -> None:
    missing = sorted({f"{path}: {sentence}" for path, sentence in _sentences() if sentence not in korean()})
    assert not missing, "without a Korean sentence:\n" + "\n".join(missing)


def test_placeholders_are_the_same_in_both_languages() -> None:
    different = [english for english, other in korean().items() if _fields(english) != _fields(other)]
    assert different == []


def test_no_sentence_is_kept_that_nobody_says() -> None:
    said = {sentence for _, sentence in _sentences()} | _misuses()
    text = (SOURCE / "locale" / "ko.toml").read_text("utf-8")
    own = re.search(r"^\[cli\]\n(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)
    assert own is not None
    import tomllib

    kept = tomllib.loads(own[0])["cli"]
    assert sorted(set(kept) - said) == []


@pytest.mark.parametrize(
    "sentence", sorted({one for misuse in _MISUSES for one in (misuse.problem, misuse.remedy)})
)
def test_usage_errors_have_korean_sentences(sentence: str) -> None:
    assert not _has_words(sentence) or sentence in korean()


def test_korean_sentences_are_korean() -> None:
    foreign = [
        other for other in korean().values() if not re.search("[가-힣]", other) and other not in NUMBERS_ONLY
    ]
    assert foreign == []


NUMBERS_ONLY = ("{title} ({licence}, {size} MB)",)


def _misuses() -> set[str]:
    return {one for misuse in _MISUSES for one in (misuse.problem, misuse.remedy)}


def _sentences() -> Iterator[tuple[str, str]]:
    for path in sorted(SOURCE.rglob("*.py")):
        place = path.relative_to(SOURCE)
        tree = ast.parse(path.read_text("utf-8"))
        constants = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id == "say" and place.parts[0] not in OWN_TABLES:
                arguments = node.args[:1]
            elif node.func.id in ERRORS:
                arguments = node.args[:2]
            else:
                continue
            for argument in arguments:
                for sentence in _literals(argument, constants):
                    if _has_words(sentence):
                        yield f"{place}:{node.lineno}", sentence


def _literals(node: ast.expr, constants: dict[str, ast.expr]) -> Iterator[str]:
    """Yield the strings that an expression may be, as far as the source tells."""
    match node:
        case ast.Constant(value=str() as sentence):
            yield sentence
        case ast.IfExp(body=first, orelse=second):
            yield from _literals(first, constants)
            yield from _literals(second, constants)
        case ast.Name(id=name) if name in constants:
            yield from _literals(constants[name], constants)


def _has_words(sentence: str) -> bool:
    return any(letter.isalpha() for text, *_ in Formatter().parse(sentence) for letter in text)


def _fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}
