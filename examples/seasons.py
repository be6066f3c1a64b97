"""A real series' class: which quarter of the year is it, from the shape of one day's weather in Jena?

    yeoul data get jena_2020           (or a folder that YEOUL_DATA names)
    python examples/seasons.py jena_2020.csv days.csv
    yeoul train examples/seasons.toml data.source=days.csv

Cuts the file of 10-minute rows into days of 144: a row for each, with a list of numbers a variable and the quarter.
The file has no dates and lacks 8 rows somewhere, so a day may begin up to 80 minutes late. Days beside each other
are alike, so the recipe's random split is kinder than one in time would be.
"""

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from yeoul.data.readers import read_table

_STEPS = 144
_COLUMNS = {"temperature": "T (degC)", "humidity": "rh (%)", "radiation": "SWDR"}


def days(path: Path) -> Iterator[dict[str, str]]:
    """Yield a row for each day."""
    table = read_table(path, encoding="latin-1")
    names = {
        short: next(name for name in table.columns if name.startswith(long))
        for short, long in _COLUMNS.items()
    }
    series = {
        short: [float(cell) for cell in table.columns[name].to_pylist()] for short, name in names.items()
    }
    for day in range(table.rows // _STEPS):
        steps = slice(day * _STEPS, (day + 1) * _STEPS)
        lists = {short: json.dumps(values[steps]) for short, values in series.items()}
        yield {"day": str(day + 1), **lists, "quarter": f"quarter {min(4, 1 + day * 4 // 366)}"}


def main() -> None:
    source, target = map(Path, sys.argv[1:3])
    rows = list(days(source))
    with open(target, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    print(f"{len(rows)} days written to {target}")


if __name__ == "__main__":
    main()
