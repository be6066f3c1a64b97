"""The made-up pairs are right, unlike one another, and the same every time."""

from datetime import date

import pytest

from yeoul.data.embedded import EMBEDDED
from yeoul.data.made.programs import run_program
from yeoul.data.made.words import WORDS
from yeoul.text.numerals import number_of

PAIRS = [entry for entry in EMBEDDED.values() if entry.task == "transduce"]


class Made(dict):
    """The cells of each set by column, made once and when they are asked for."""

    def __missing__(self, name):
        columns = EMBEDDED[name].table().columns
        self[name] = {column: cells.to_pylist() for column, cells in columns.items()}
        return self[name]


@pytest.fixture(scope="module")
def rows():
    return Made()


@pytest.mark.parametrize("entry", PAIRS, ids=lambda entry: entry.name)
def test_no_source_occurs_twice_and_no_cell_is_empty(entry, rows):
    columns = rows[entry.name]
    (source,) = entry.inputs
    assert len(set(columns[source])) == len(columns[source])
    assert all(cell and cell == cell.strip() for column in columns.values() for cell in column)


@pytest.mark.parametrize("name", ["addition", "numbers-ko", "six-words", "names-hangul"])
def test_a_set_is_the_same_every_time(name, rows):
    again = EMBEDDED[name].table()
    assert {column: cells.to_pylist() for column, cells in again.columns.items()} == rows[name]


def test_sums_are_right_and_of_the_form_of_the_book(rows):
    questions, answers = rows["addition"].values()
    assert len(questions) == 50_000
    for question, answer in zip(questions, answers, strict=True):
        left, right = question.split("+")
        assert int(left) + int(right) == int(answer)
        assert str(int(left)) == left
        assert 3 <= len(question) <= 7
    assert any(f"{b}+{a}" in set(questions) for a, b in (q.split("+") for q in questions[:5000]) if a != b)


def test_a_date_is_the_one_that_is_written(rows):
    columns = rows["dates"]
    assert set(columns["language"]) == {"en", "ko"}
    for written, iso in zip(columns["written"], columns["iso"], strict=True):
        when = date.fromisoformat(iso)
        digits = [int(part) for part in "".join(c if c.isdigit() else " " for c in written).split()]
        assert when.day in digits
        assert when.year in digits or when.year % 100 in digits


def test_numbers_are_read_right(rows):
    for number, reading in zip(*rows["numbers-ko"].values(), strict=True):
        assert number_of(reading) == int(number.replace(",", ""))


def test_a_misspelling_means_one_word_only(rows):
    english, korean = rows["six-words"].values()
    meant = dict(zip(english, korean, strict=True))
    assert {word: meant[word] for word in WORDS} == WORDS
    assert meant["lvoe"] == "사랑"
    assert "wod" not in meant  # word or wood without a letter


def test_names_stand_in_their_script(rows):
    names = dict(zip(rows["names-hangul"]["name"], rows["names-hangul"]["hangul"], strict=True))
    assert names["Abidjan"] == "아비장"
    assert all("가" <= letter <= "힣" or letter == " " for hangul in names.values() for letter in hangul)


def test_programs_print_what_python_prints(rows):
    columns = rows["programs"]
    assert set(columns["nesting"]) == set(columns["digits"]) == {"1", "2", "3"}
    shown = dict(zip(columns["program"], columns["output"], strict=True))
    assert all(output.lstrip("-").isdigit() for output in shown.values())
    # 2 + 3 = 5; three times 5 less 1 is 12; 12 is larger than 9
    program = "a=(2+3)\nfor x in range(3):a-=1\nprint((a*6 if a>1 else 0))"
    assert run_program(program) == "12"  # a = 5 - 3 = 2, which is more than 1: 2 · 6
    assert run_program("for x in range(3):print(x)") == "0\n1\n2"


@pytest.mark.parametrize(
    "program",
    [
        "import os",
        "print(__import__('os'))",
        "print(2**9)",
        "while 1:a=1",
        "for x in range(99999):y=1",
        "print(x)",
        "print('a')",
        "print(True)",
        "a=b=1",
        "print((lambda:1)())",
        "x=1\nx.y=2",
        "print(9999999*9999999)",
        "print(1 < 2 < 3)",
        "def f():pass",
        "\0",
        "print(" + "(" * 500 + "1" + ")" * 500 + ")",
    ],
)
def test_nothing_beyond_the_subset_is_run(program):
    with pytest.raises(ValueError, match=r"subset|value|steps|number"):
        run_program(program)
