"""`yeoul report`: write a run's page anew."""

from pathlib import Path

from yeoul.cli.options import JsonOption, RunArgument
from yeoul.cli.output import tell, tell_json
from yeoul.language import current


def report(run: RunArgument, as_json: JsonOption = False) -> None:
    from yeoul.report.page import write_report
    from yeoul.runs.folder import open_run

    page = write_report(open_run(Path(run)).path, current())
    if as_json:
        tell_json({"report": str(page)})
    else:
        tell(str(page))
