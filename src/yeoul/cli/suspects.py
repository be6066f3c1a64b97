"""`yeoul data check --leaks` and `--doubts`: lists of rows to look at, as files that a spreadsheet opens."""

from pathlib import Path
from typing import TYPE_CHECKING

from yeoul.cli.corrections import refuse_no_folder
from yeoul.cli.output import tell, tell_json
from yeoul.errors import DataError, UsageError
from yeoul.language import say

if TYPE_CHECKING:
    from yeoul.recipe import DataRecipe


def write_suspects(
    recipe: "DataRecipe", test: str, leaks: Path | None, doubts: Path | None, as_json: bool
) -> None:
    """Write the lists that are asked for, and say how long they are."""
    for path in (leaks, doubts):
        if path is not None:
            refuse_no_folder(path)
        if (
            path is not None
            and path.exists()
            and Path(recipe.source).exists()
            and path.samefile(recipe.source)
        ):
            raise UsageError(
                "this would overwrite the file that is read", "choose another name", where=str(path)
            )
    told: dict[str, object] = {}
    if leaks is not None:
        from yeoul.data.leaks import find_leaks

        found = find_leaks(recipe, test)
        found.write(leaks)
        values = _said(len(found.found), leaks)
        told["leaks"] = {"file": str(leaks), "rows": len(found.found), "across_split": found.across_split}
        if found.across_split and not as_json:
            tell(say("{rows} test rows repeat a training row or nearly do; written to {path}", values))
        elif not as_json:
            tell(
                say(
                    "{rows} rows nearly repeat an earlier row, so a split by chance may part them; written to {path}",
                    values,
                )
            )
    if doubts is not None:
        count = _write_doubts(recipe, doubts)
        told["doubts"] = {"file": str(doubts), "rows": count}
        if not as_json:
            tell(
                say(
                    "{rows} rows whose label is doubtful, the most doubtful first; written to {path}",
                    _said(count, doubts),
                )
            )
    if as_json:
        tell_json(told)


def _said(count: int, path: Path) -> dict[str, object]:
    return {"rows": f"{count:,}", "path": path}


def _write_doubts(recipe: "DataRecipe", path: Path) -> int:
    from yeoul.baselines.doubts import doubted
    from yeoul.data.corrections import DOUBTS
    from yeoul.data.datasets import load_dataset
    from yeoul.data.examples import TEXT
    from yeoul.data.targets import encode_targets
    from yeoul.files import write_bytes
    from yeoul.spreadsheets import spreadsheet

    dataset = load_dataset(recipe, 0)
    if not dataset.labels:
        raise DataError("there are no classes to doubt", "name the column of the labels with --target")
    parts = list(dataset.splits.values())
    texts = [text for part in parts for block in part.blocks(TEXT) for text in block.to_pylist()]
    classes = [one for part in parts for one in encode_targets(part, "class", dataset.labels, "").tolist()]
    places = [part.where(row) for part in parts for row in range(len(part))]
    found = doubted(texts, classes, len(dataset.labels))
    rows = (
        (
            places[one.row],
            dataset.labels[one.label],
            dataset.labels[one.said],
            f"{one.lead:.4f}",
            "",
            texts[one.row],
        )
        for one in found
    )
    write_bytes(path, spreadsheet(DOUBTS, rows))
    return len(found)
