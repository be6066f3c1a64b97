"""One self-contained HTML page and its charts, made from a run folder."""

from yeoul.report.page import write_report

__all__ = ["write_report"]
