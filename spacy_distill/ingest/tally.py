"""What stands in the columns of the metadata: the values that occur most, where there are few."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_COLUMNS = 100
MAX_VALUES = 50
TOP = 10
VALUE_LENGTH = 100


@dataclass
class ColumnTally:
    """Counts the values of one column, until there are too many of them.

    n (int): Texts that have the column.
    counts (Counter[str] | None): Texts by value; None once there were over 50 values.
    """

    n: int = 0
    counts: Counter[str] | None = field(default_factory=Counter)

    def add(self, value: Any) -> None:
        """Count one value."""
        self.n += 1
        if self.counts is not None:
            self.counts[str(value)[:VALUE_LENGTH]] += 1
            if len(self.counts) > MAX_VALUES:
                self.counts = None

    def to_json(self) -> dict[str, Any]:
        """Return the number of texts and of values, and the ten most frequent values."""
        if self.counts is None:
            return {"n": self.n, "n_values": f"over {MAX_VALUES}", "top": {}}
        return {
            "n": self.n,
            "n_values": len(self.counts),
            "top": dict(self.counts.most_common(TOP)),
        }


@dataclass
class MetaTally:
    """Counts the values of all columns, nested ones by their dotted path.

    columns (dict[str, ColumnTally]): The first hundred columns.
    n_left_out (int): Values in columns beyond those.
    """

    columns: dict[str, ColumnTally] = field(default_factory=dict)
    n_left_out: int = 0

    def add(self, meta: Mapping[str, Any]) -> None:
        """Count the metadata of one text."""
        for name, value in _flatten(meta, ""):
            if name in self.columns or len(self.columns) < MAX_COLUMNS:
                self.columns.setdefault(name, ColumnTally()).add(value)
            else:
                self.n_left_out += 1

    def to_json(self) -> dict[str, Any]:
        """Return what `ColumnTally.to_json` says of each column."""
        return {name: column.to_json() for name, column in self.columns.items()}


def _flatten(meta: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in meta.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
