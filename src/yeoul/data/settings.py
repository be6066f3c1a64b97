"""How a model reads its inputs, as a JSON file beside its weights."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from yeoul.errors import ModelFileError

SettingsT = TypeVar("SettingsT", bound=BaseModel)


def load_settings(kind: type[SettingsT], path: Path) -> SettingsT:
    """Read settings that were written as JSON; raise `ModelFileError` if they cannot be read."""
    try:
        return kind.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ModelFileError(
            "the model's settings cannot be read",
            "copy the folder again from its source, or train again",
            where=str(path),
        ) from error
