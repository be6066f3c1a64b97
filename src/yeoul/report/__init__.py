"""One self-contained HTML page and its charts, made from a run folder."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yeoul.report.page import write_report

__all__ = ["write_report"]


def __getattr__(name: str) -> object:
    """Look names up on first use: comparing runs in a terminal needs no charts."""
    if name == "write_report":
        from yeoul.report.page import write_report

        return write_report
    raise AttributeError(f"module 'yeoul.report' has no attribute {name!r}")
