"""What a run folder of captions holds for the report beyond what every run holds."""

from dataclasses import dataclass
from pathlib import Path

from yeoul.report.caption_records import CaptionsCard, CaptionScores, Looks, WorstCaption
from yeoul.report.contents import Contents, read_piece, read_rows


@dataclass(frozen=True)
class CaptionContents:
    """The data card, and of the split that decides: how varied captions are, the worst ones, where the model looked."""

    data: CaptionsCard | None
    told: CaptionScores
    worst: tuple[WorstCaption, ...]
    looks: Looks


def read_captions(folder: Path, contents: Contents) -> CaptionContents:
    """Read what is missing in `contents`; raise `RunError` where a file is damaged."""
    asked = folder / "evaluation" / (contents.evaluation.split if contents.evaluation else "test")
    return CaptionContents(
        data=read_piece(CaptionsCard, folder / "data.json"),
        told=read_piece(CaptionScores, asked / "metrics.json") or CaptionScores(),
        worst=read_rows(WorstCaption, asked / "worst.csv"),
        looks=read_piece(Looks, asked / "looks.json") or Looks(),
    )
