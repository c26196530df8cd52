"""Accuracy for each value of each metadata field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..scoring.intervals import Interval, wilson
from ..scoring.ty import Bools

MAX_VALUES = 20


@dataclass(frozen=True)
class Slice:
    """The test Docs whose metadata has one value.

    field (str): The metadata field.
    value (str): Its value.
    student (Interval): The student's accuracy; its n is the number of Docs.
    teacher (Interval): The teacher's.
    """

    field: str
    value: str
    student: Interval
    teacher: Interval


def slice_scores(
    meta: Sequence[Mapping[str, Any]], student: Bools, *, teacher: Bools
) -> tuple[Slice, ...]:
    """Score the student and the teacher on each value of each metadata field.

    meta (Sequence[Mapping[str, Any]]): The Docs' metadata.
    student (Bools): Whether the student has each Doc right.
    teacher (Bools): Whether the teacher has each Doc right.
    RETURNS (tuple[Slice, ...]): Sorted by field and value. Fields with one value or more than 20
        values are left out, and so are values that are lists or mappings.
    """
    groups: dict[str, dict[str, list[int]]] = {}
    for i, record in enumerate(meta):
        for field, value in record.items():
            if isinstance(value, str | int | float):
                groups.setdefault(field, {}).setdefault(str(value), []).append(i)
    return tuple(
        _slice(field, value, np.asarray(rows), student, teacher)
        for field, values in sorted(groups.items())
        if 1 < len(values) <= MAX_VALUES
        for value, rows in sorted(values.items())
    )


def _slice(field: str, value: str, rows: Any, student: Bools, teacher: Bools) -> Slice:
    n = len(rows)
    return Slice(
        field=field,
        value=value,
        student=wilson(int(student[rows].sum()), n),
        teacher=wilson(int(teacher[rows].sum()), n),
    )
