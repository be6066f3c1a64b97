"""What a run folder of a language model holds for the report beyond what every run holds."""

from dataclasses import dataclass
from pathlib import Path

from yeoul.report.contents import Contents, read_piece
from yeoul.report.language_records import Passages, Told
from yeoul.report.text_records import TextCard


@dataclass(frozen=True)
class LanguageContents:
    """The data card, and by split what is told beyond the scores; of the one that decides, the passages."""

    data: TextCard | None
    told: dict[str, Told]
    passages: Passages


def read_language(folder: Path, contents: Contents) -> LanguageContents:
    """Read what is missing in `contents`; raise `RunError` where a file is damaged."""
    found = {
        split: read_piece(Told, folder / "evaluation" / split / "metrics.json")
        for split in contents.evaluations
    }
    decides = contents.evaluation.split if contents.evaluation else "test"
    return LanguageContents(
        data=read_piece(TextCard, folder / "data.json"),
        told={split: one for split, one in found.items() if one is not None},
        passages=read_piece(Passages, folder / "evaluation" / decides / "passages.json") or Passages(),
    )
