"""From a decoder to what it says: search, sampling, constraints, streaming, written once for every model."""

from yeoul.decoding.automata import Automaton, Composed, Lexicon, LineStarts, Once, Together
from yeoul.decoding.beams import Beams
from yeoul.decoding.beamtree import BeamTree, Twig
from yeoul.decoding.constraints import Apart, AtLeast, MustAppear, OneOf, Prefixes
from yeoul.decoding.generate import Said, generate, sample
from yeoul.decoding.history import Path, Rule, path_of
from yeoul.decoding.hypotheses import Found, Hypothesis, Opening, opened, prompted
from yeoul.decoding.patterns import Pattern
from yeoul.decoding.restarting import Restarting
from yeoul.decoding.sampling import (
    COLDEST,
    Draws,
    Forbid,
    MinP,
    NoRepeatNgrams,
    RepetitionPenalty,
    Temperature,
    TopK,
    TopP,
    Typical,
    drawing,
)
from yeoul.decoding.scripts import InBytes, Single, Unspaced
from yeoul.decoding.search import beam_search, greedy_search
from yeoul.decoding.spelling import InTime, NoRepeats, Spelled
from yeoul.decoding.steps import NEVER, Constraint, Step
from yeoul.decoding.stopping import Complete, Limits, Lines, Outcome, Stop, StopTexts

__all__ = [
    "COLDEST",
    "NEVER",
    "Apart",
    "AtLeast",
    "Automaton",
    "BeamTree",
    "Beams",
    "Complete",
    "Composed",
    "Constraint",
    "Draws",
    "Forbid",
    "Found",
    "Hypothesis",
    "InBytes",
    "InTime",
    "Lexicon",
    "Limits",
    "LineStarts",
    "Lines",
    "MinP",
    "MustAppear",
    "NoRepeatNgrams",
    "NoRepeats",
    "Once",
    "OneOf",
    "Opening",
    "Outcome",
    "Path",
    "Pattern",
    "Prefixes",
    "RepetitionPenalty",
    "Restarting",
    "Rule",
    "Said",
    "Single",
    "Spelled",
    "Step",
    "Stop",
    "StopTexts",
    "Temperature",
    "Together",
    "TopK",
    "TopP",
    "Twig",
    "Typical",
    "Unspaced",
    "beam_search",
    "drawing",
    "generate",
    "greedy_search",
    "opened",
    "path_of",
    "prompted",
    "sample",
]
