"""The files that a teacher's config names, which have to come along."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from spacy.util import load_config

from ..contract import LLM_FACTORIES
from ..errors import UserError


def named_files(path: Path) -> dict[str, Path]:
    """Find the files that the LLM components of a config name by a relative path.

    path (Path): The config. A file is looked for where the command is run, then in the config's own
        folder.
    RETURNS (dict[str, Path]): Where each file is, by its path in the config; for a setting of the
        task called `path` or `…_path` it may be a folder.
    RAISES (UserError): If such a setting names something that is in neither place.
    """
    found = {}
    for component, block in load_config(path, interpolate=True).get("components", {}).items():
        if block.get("factory") in LLM_FACTORIES:
            for keys, value in settings(block):
                place = find(value, keys, path.parent)
                if place is not None:
                    found[Path(value).as_posix()] = place
                elif is_read(keys) and is_relative(value):
                    setting = ".".join(("components", component, *keys))
                    raise UserError(
                        f"{path} names {value} in {setting}, which is neither in {Path.cwd()} nor in "
                        f"{path.parent.resolve()}; correct the path."
                    )
    return found


def settings(block: Any, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield all strings in nested settings, each with the keys that lead to it."""
    if isinstance(block, str):
        yield keys, block
    elif isinstance(block, Mapping):
        for key, inner in block.items():
            yield from settings(inner, (*keys, str(key)))
    elif isinstance(block, list | tuple):
        for inner in block:
            yield from settings(inner, keys)


def find(value: str, keys: tuple[str, ...], folder: Path) -> Path | None:
    """Return where the file is that a setting names; None if it names none, or by its full path."""
    if not is_relative(value):
        return None
    # Unlike a Path's own methods these take any text, however long
    is_there = os.path.exists if is_read(keys) else os.path.isfile
    return next((Path(p) for p in (value, os.path.join(folder, value)) if is_there(p)), None)


def is_read(keys: tuple[str, ...]) -> bool:
    """Say whether the value of a setting can only be a path that the task reads."""
    return keys[0] == "task" and (keys[-1] == "path" or keys[-1].endswith("_path"))


def is_relative(value: str) -> bool:
    """Say whether a value may be a path from the project's folder."""
    return bool(value) and not os.path.isabs(value) and "://" not in value
