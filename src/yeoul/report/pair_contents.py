"""What a run folder of pairs holds for the report beyond what every run holds."""

from dataclasses import dataclass
from pathlib import Path

from yeoul.report.contents import Contents, read_piece, read_rows
from yeoul.report.pair_records import Attention, PairsCard, PairScores, WorstPair


@dataclass(frozen=True)
class PairContents:
    """The data card, and of the split that decides: how sure the model is, its worst answers, where it looked."""

    data: PairsCard | None
    told: PairScores
    worst: tuple[WorstPair, ...]
    attention: Attention


def read_pairs(folder: Path, contents: Contents) -> PairContents:
    """Read what is missing in `contents`; raise `RunError` where a file is damaged."""
    asked = folder / "evaluation" / (contents.evaluation.split if contents.evaluation else "test")
    return PairContents(
        data=read_piece(PairsCard, folder / "data.json"),
        told=read_piece(PairScores, asked / "metrics.json") or PairScores(),
        worst=read_rows(WorstPair, asked / "worst.csv"),
        attention=read_piece(Attention, asked / "attention.json") or Attention(),
    )
