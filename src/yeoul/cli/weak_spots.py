"""Say in a line where a run's model is weak."""

from pathlib import Path

from yeoul.language import current


def weak_line(run: Path) -> str:
    """Return a sentence about the clearest weak spot among the run's test rows; nothing where none was found."""
    from yeoul.report.contents import read_piece
    from yeoul.report.records import Slices
    from yeoul.report.weak_spots import short_line

    found = read_piece(Slices, run / "evaluation" / "test" / "slices.json")
    if found is None or found.weak_spots is None:
        return ""
    line = short_line(found.weak_spots)
    return "" if line is None else line.said(current())
