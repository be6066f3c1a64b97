"""Small Python programs and what they print, after Zaremba & Sutskever (2014)."""

import ast
from collections.abc import Mapping

import numpy as np

from yeoul.data.made.tables import made_table
from yeoul.data.tables import Table

PROGRAMS = "programs"
PROGRAMS_TITLE = "small Python programs and what they print, by nesting and digits (made up)"
_ROWS = 50_000
_NESTING = 3
_DIGITS = 3
_MOST_STEPS = 10_000
_LARGEST = 10**12


def programs() -> Table:
    """Return the columns `program`, `output`, `nesting` (1 to 3) and `digits` (1 to 3), no program twice."""
    random = np.random.default_rng(35)
    rows: dict[str, tuple[int, int]] = {}
    while len(rows) < _ROWS:
        nesting, digits = (int(random.integers(1, most + 1)) for most in (_NESTING, _DIGITS))
        rows.setdefault(_Writer(random, digits).program(nesting), (nesting, digits))
    return made_table(
        PROGRAMS,
        {
            "program": list(rows),
            "output": [run_program(program) for program in rows],
            "nesting": [str(nesting) for nesting, _ in rows.values()],
            "digits": [str(digits) for _, digits in rows.values()],
        },
    )


class _Writer:
    """Writes a program line by line; each operation stands on the value of those before."""

    def __init__(self, random: np.random.Generator, digits: int) -> None:
        self._random = random
        self._below = 10**digits
        self._names = list("abcdefgh")
        self._lines: list[str] = []

    def program(self, nesting: int) -> str:
        """Return a program of so many operations one inside another."""
        value = str(self._number())
        for _ in range(nesting):
            value = self._operation(value)
        return "\n".join([*self._lines, f"print({value})"])

    def _operation(self, value: str) -> str:
        match int(self._random.integers(5)):
            case 0:
                return f"({value}+{self._number()})"
            case 1:
                return f"({value}-{self._number()})"
            case 2:
                return f"({value}*{int(self._random.integers(2, 10))})"
            case 3:
                numbers = [self._number() for _ in range(3)]
                return f"({value} if {numbers[0]}>{numbers[1]} else {numbers[2]})"
            case _:
                name = self._names.pop(0)
                sign, turns = ("+", "-")[int(self._random.integers(2))], int(self._random.integers(2, 10))
                self._lines += [f"{name}={value}", f"for x in range({turns}):{name}{sign}={self._number()}"]
                return name

    def _number(self) -> int:
        return int(self._random.integers(self._below))


def run_program(program: str) -> str:
    """Return what a program of this kind prints, its lines joined by line feeds.

    The subset has whole numbers, names, + - * and comparisons, conditional expressions, assignments, `for … in
    range(…)` and `print`. Nothing else is run: raises `ValueError` at anything beyond, at more than 10,000 steps and
    at numbers beyond 10¹².
    """
    try:
        tree = ast.parse(program)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError("this is no program of the subset") from error
    machine = _Machine()
    machine.run(tree.body)
    return "\n".join(machine.printed)


class _Machine:
    """The names of a program and what it has printed so far."""

    def __init__(self) -> None:
        self.printed: list[str] = []
        self._values: dict[str, int] = {}
        self._steps = 0

    def run(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self._count()
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._values[name] = self._value(value)
                case ast.AugAssign(target=ast.Name(id=name), op=operator, value=value):
                    right = self._value(value)
                    self._values[name] = self._checked(_applied(operator, self._look_up(name), right))
                case ast.For(
                    target=ast.Name(id=name),
                    iter=ast.Call(func=ast.Name(id="range"), args=[turns], keywords=[]),
                    body=body,
                    orelse=[],
                ):
                    for turn in range(self._value(turns)):
                        self._values[name] = turn
                        self.run(body)
                case ast.Expr(
                    value=ast.Call(func=ast.Name(id="print"), args=[value], keywords=[]),
                ):
                    self.printed.append(str(self._value(value)))
                case _:
                    raise ValueError(f"{type(statement).__name__} is not part of the subset")

    def _value(self, expression: ast.expr) -> int:
        self._count()
        match expression:
            case ast.Constant(value=int(number)) if not isinstance(number, bool):
                return self._checked(number)
            case ast.Name(id=name):
                return self._look_up(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self._value(operand)
            case ast.BinOp(left=left, op=operator, right=right):
                return self._checked(_applied(operator, self._value(left), self._value(right)))
            case ast.IfExp(test=test, body=body, orelse=otherwise):
                return self._value(body if self._holds(test) else otherwise)
            case _:
                raise ValueError(f"{type(expression).__name__} is not part of the subset")

    def _holds(self, test: ast.expr) -> bool:
        match test:
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                signs = _COMPARISONS.get(type(operator))
                if signs is not None:
                    return _sign(self._value(left) - self._value(right)) in signs
        raise ValueError(f"{type(test).__name__} is not part of the subset")

    def _look_up(self, name: str) -> int:
        if name not in self._values:
            raise ValueError(f"the name {name} has no value")
        return self._values[name]

    def _count(self) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise ValueError("the program takes too many steps")

    def _checked(self, number: int) -> int:
        if abs(number) > _LARGEST:
            raise ValueError("the program reaches too large a number")
        return number


def _applied(operator: ast.operator, left: int, right: int) -> int:
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case _:
            raise ValueError(f"{type(operator).__name__} is not part of the subset")


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


_COMPARISONS: Mapping[type[ast.cmpop], tuple[int, ...]] = {
    ast.Lt: (-1,),
    ast.LtE: (-1, 0),
    ast.Eq: (0,),
    ast.NotEq: (-1, 1),
    ast.GtE: (0, 1),
    ast.Gt: (1,),
}
"""The signs of left less right for which a comparison holds."""
