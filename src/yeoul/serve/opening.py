"""Open a service: load every run that was named, under a name of its own."""

from collections.abc import Sequence

from yeoul.api import load
from yeoul.errors import UsageError
from yeoul.serve.access import Door
from yeoul.serve.answering import answering_of
from yeoul.serve.application import Service
from yeoul.serve.batching import Answered
from yeoul.serve.ledger import Ledger
from yeoul.serve.limits import Limits
from yeoul.serve.offers import Offer, Opening, named_run, open_offer


def open_service(
    words: Sequence[str], device: str, door: Door, limits: Limits, opened: Opening = answering_of
) -> Service:
    """Load the runs that the words of a command line name; nothing else is ever read for a client.

    `opened` tells where models of texts are: in this process unless said otherwise.

    Raises `UsageError` for two of the same name, and what loading raises.
    """
    ledger = Ledger(limits)

    def counted(model: str, answered: Answered) -> None:
        ledger.batch(model, answered.requests, answered.inputs)

    offers: dict[str, Offer] = {}
    for word in words:
        name, path = named_run(word)
        if name in offers:
            raise UsageError(
                "two models have the name {name}",
                "give one another name: NAME=RUN",
                where=word,
                values={"name": name},
            )
        offers[name] = open_offer(name, load(path, device), limits, counted, opened)
    return Service(offers, door, limits, ledger)
