"""The laws of turns: everybody gets a part in turn, who leaves costs nothing more, mistakes are told."""

import asyncio
import threading

import pytest

from yeoul.errors import UsageError
from yeoul.serve.limits import Limits
from yeoul.serve.refusals import RefusedError
from yeoul.serve.turns import Turns


class Counting:
    """Counts to a number."""

    def __init__(self, name, most, log):
        self.name, self.most, self.log, self.count = name, most, log, 0

    def __next__(self):
        if self.count == self.most:
            raise StopIteration
        self.count += 1
        self.log.append(self.name)
        return self.count

    def finish(self):
        return f"{self.name}{self.count}"


def with_turns(work, limits=None):
    turns = Turns(limits or Limits())
    try:
        return asyncio.run(work(turns))
    finally:
        turns.close()


def test_parts_come_in_turn_and_the_whole_in_the_end():
    log, gate = [], threading.Event()

    def begin(name):
        gate.wait(10)
        return Counting(name, 3, log)

    async def work(turns):
        opened = [turns.open(lambda name=name: begin(name)) for name in "ab"]
        gate.set()
        return [([part async for part in one.parts()], await one.whole()) for one in opened]

    assert with_turns(work) == [([1, 2, 3], "a3"), ([1, 2, 3], "b3")]
    assert "".join(log).count("ab") >= 2


def test_who_leaves_is_not_served_on():
    log = []

    async def work(turns):
        opened = turns.open(lambda: Counting("a", 10**9, log))
        async for part in opened.parts():
            if part == 3:
                break
        opened.close()
        seen = len(log)
        assert await turns.open(lambda: Counting("b", 1, [])).whole() == "b1"  # so the turns have gone round
        assert await turns.open(lambda: Counting("b", 1, [])).whole() == "b1"
        after = len(log)
        assert await turns.open(lambda: Counting("b", 50, [])).whole() == "b50"
        return seen <= after == len(log)

    assert with_turns(work)


def test_a_mistake_at_the_beginning_is_told():
    def begin():
        raise UsageError("no")

    async def work(turns):
        with pytest.raises(UsageError):
            await turns.open(begin).whole()
        return await turns.open(lambda: Counting("a", 2, [])).whole()

    assert with_turns(work) == "a2"


def test_the_line_is_bounded():
    gate = threading.Event()

    def begin():
        gate.wait(10)
        return Counting("a", 1, [])

    async def work(turns):
        opened = [turns.open(begin)]
        with pytest.raises(RefusedError) as refused:
            opened += [turns.open(begin) for _ in range(20)]
        gate.set()
        wholes = [await one.whole() for one in opened]
        return refused.value.status, set(wholes)

    assert with_turns(work, Limits(streams=1, waiting_streams=2)) == (429, {"a1"})
