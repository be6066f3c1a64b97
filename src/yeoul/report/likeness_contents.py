"""What a run folder of comparisons holds for the report beyond what every run holds."""

from dataclasses import dataclass
from pathlib import Path

from yeoul.report.contents import Contents, read_piece, read_rows
from yeoul.report.likeness_records import LikenessCard, LikenessScores, Queries, WorstComparison


@dataclass(frozen=True)
class LikenessContents:
    """The data card, and of the split that decides: how scores are spread, the worst pairs, what was found."""

    data: LikenessCard | None
    told: LikenessScores
    worst: tuple[WorstComparison, ...]
    queries: Queries


def read_likeness(folder: Path, contents: Contents) -> LikenessContents:
    """Read what is missing in `contents`; raise `RunError` where a file is damaged."""
    asked = folder / "evaluation" / (contents.evaluation.split if contents.evaluation else "test")
    return LikenessContents(
        data=read_piece(LikenessCard, folder / "data.json"),
        told=read_piece(LikenessScores, asked / "metrics.json") or LikenessScores(),
        worst=read_rows(WorstComparison, asked / "worst.csv"),
        queries=read_piece(Queries, asked / "retrieval.json") or Queries(),
    )
