"""What is chosen for a student after training stands in its `meta.json`, by component."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..io import read_json, write_json


def store_choice(student: Path | str, key: str, by_component: Mapping[str, Any]) -> None:
    """Write values to a section of `distill` in a pipeline's meta; other components keep theirs.

    student (Path | str): The pipeline's folder; `nlp.meta["distill"][key]` holds them once loaded.
    key (str): The section, such as "temperature".
    by_component (Mapping[str, Any]): Component name to a JSON-able value.
    """
    path = Path(student) / "meta.json"
    meta = read_json(path)
    meta.setdefault("distill", {}).setdefault(key, {}).update(by_component)
    write_json(path, meta)
