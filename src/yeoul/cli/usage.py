"""What Typer says about a command line that it does not understand, in our words."""

import re
from dataclasses import dataclass

from yeoul.errors import UsageError, nearest


@dataclass(frozen=True)
class _Misuse:
    """A message of Typer's and the error that says the same; named groups fill the placeholders."""

    pattern: str
    problem: str
    remedy: str = ""
    where: str = ""


_HELP = "`yeoul --help` lists the commands"
_OPTIONS = "`--help` behind the command lists its options"
_MISUSES = (
    _Misuse(
        r"No such command '(?P<came>.*)'\. Did you mean (?P<guess>.*)\?",
        "there is no command {came}",
        "did you mean {guess}?",
    ),
    _Misuse(r"No such command '(?P<came>.*)'\.", "there is no command {came}", _HELP),
    _Misuse(r"Missing command\.", "the command is missing", _HELP),
    _Misuse(
        r"No such option: (?P<came>\S+) \(Possible options: (?P<guess>.*)\)",
        "there is no option {came}",
        "did you mean {guess}?",
    ),
    _Misuse(r"No such option: (?P<came>.*)", "there is no option {came}", _OPTIONS),
    _Misuse(r"Missing (?:argument|option|parameter) '(?P<name>[^']*)'\..*", "{name} is missing", _OPTIONS),
    _Misuse(
        r"Got unexpected extra argument(?:s|\(s\))? \((?P<came>.*)\)", "{came} is too much here", _OPTIONS
    ),
    _Misuse(r"Option '(?P<name>.*)' requires an argument\.", "{name} needs a value", _OPTIONS),
    _Misuse(r"Option '(?P<name>.*)' does not take a value\.", "{name} takes no value", _OPTIONS),
    _Misuse(
        r"Invalid value for '(?P<where>.*?)': .*valid integer.*",
        "a whole number is expected",
        where="{where}",
    ),
    _Misuse(r"Invalid value for '(?P<where>.*?)': (?P<message>.*)", "{message}", _OPTIONS, where="{where}"),
)


def translated(message: str) -> UsageError:
    """Return the error for a message of Typer's; one that is not known is passed on as it is."""
    line = " ".join(message.split())
    for misuse in _MISUSES:
        found = re.fullmatch(misuse.pattern, line, re.DOTALL)
        if found:
            groups = found.groupdict()
            if "guess" in groups:
                near = [word.strip("' ") for word in groups["guess"].split(",")]
                groups["guess"] = nearest(groups["came"], near) or near[0]
            where = misuse.where.format_map(groups)
            return UsageError(misuse.problem, misuse.remedy, where=where, values=groups)
    return UsageError("{message}", _OPTIONS, values={"message": line})
