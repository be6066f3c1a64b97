"""What a run folder of tags holds for the report beyond what every run holds."""

from dataclasses import dataclass
from pathlib import Path

from yeoul.report.contents import Contents, read_piece, read_rows
from yeoul.report.tag_records import TagsCard, TagScores, WorstSentence


@dataclass(frozen=True)
class TagContents:
    """The data card, and of the split that decides: the scores by tag and by kind of span, the worst sentences."""

    data: TagsCard | None
    told: TagScores
    worst: tuple[WorstSentence, ...]


def read_tags(folder: Path, contents: Contents) -> TagContents:
    """Read what is missing in `contents`; raise `RunError` where a file is damaged."""
    asked = folder / "evaluation" / (contents.evaluation.split if contents.evaluation else "test")
    return TagContents(
        data=read_piece(TagsCard, folder / "data.json"),
        told=read_piece(TagScores, asked / "metrics.json") or TagScores(),
        worst=read_rows(WorstSentence, asked / "worst.csv"),
    )
