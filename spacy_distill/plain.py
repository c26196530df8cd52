"""Reports as plain values, for JSON."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any


def as_plain(value: Any) -> Any:
    """Return a dataclass as dicts and lists, with those that it holds.

    `dataclasses.asdict` makes a Counter count its own pairs instead of copying it.

    value (Any): A dataclass, a mapping, a list or tuple, or anything else, which stays as it is.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: as_plain(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(held) for held in value]
    return value
