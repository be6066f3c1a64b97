"""What a run of a language model records of its evaluation; every entry that a run may lack has a default."""

from pydantic import Field

from yeoul.report.records import Piece, Score


class Help(Piece):
    """Scores that the model reaches together with something else."""

    weight: float | None = None
    scores: dict[str, Score] = Field(default_factory=dict)


class Sample(Piece):
    """A text that the model wrote."""

    temperature: float | None = None
    prompt: str = ""
    text: str = ""
    tokens: int | None = None
    copied: float | None = None
    copied_run: int | None = None
    """Tokens of the runs that were looked for in the training text; None where whole lines were."""
    copied_longest: int | None = None
    repetition: float | None = None
    repeated_longest: int | None = None


class Told(Piece):
    """What `evaluation/<split>/metrics.json` tells of a language model beyond the scores."""

    unit: str | None = None
    tokens: int | None = None
    characters: int | None = None
    bytes: int | None = None
    unknown_share: float | None = None
    interpolated: Help | None = None
    cache: Help | None = None
    dynamic: Help | None = None
    samples: tuple[Sample, ...] = ()

    @property
    def helps(self) -> dict[str, Help]:
        """Those that there are, by their name."""
        known = {"interpolated": self.interpolated, "cache": self.cache, "dynamic": self.dynamic}
        return {name: one for name, one in known.items() if one is not None and one.scores}


class Passage(Piece):
    """A piece of the text: the mean of what its tokens cost, and each with its own cost, in nats."""

    nats: float
    tokens: tuple[tuple[str, float], ...] = ()


class Passages(Piece):
    """`evaluation/<split>/passages.json`."""

    surprising: tuple[Passage, ...] = ()
    typical: tuple[Passage, ...] = ()
