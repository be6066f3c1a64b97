"""Everything that the studio works with."""

import asyncio
from dataclasses import dataclass, field
from typing import final

from yeoul.serve.ledger import Ledger
from yeoul.serve.limits import Limits
from yeoul.studio.access import Entrance
from yeoul.studio.bench import Bench
from yeoul.studio.drawer import Drawer
from yeoul.studio.jobs import Jobs
from yeoul.studio.reception import Arrivals
from yeoul.studio.removal import Removals
from yeoul.studio.shelf import Shelf

_CHECKS = 2


@final
@dataclass(frozen=True)
class House:
    """The runs, the data, the trainings and the open models of one studio, and who may come in."""

    entrance: Entrance
    shelf: Shelf
    drawer: Drawer
    jobs: Jobs
    bench: Bench
    arrivals: Arrivals
    removals: Removals
    limits: Limits
    ledger: Ledger
    device: str = "auto"
    checks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_CHECKS))
    """Held by who lets a file be examined: each takes a process and much of the machine."""
