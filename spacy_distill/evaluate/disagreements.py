"""The texts on which two students differ, with what everyone says about them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..scoring.predictions import Predictions
from ..scoring.ty import Bools
from .gold import GoldSet

MAX_CHARS = 200


@dataclass(frozen=True)
class Choice:
    """What one student decides about a text, and how sure it is of that."""

    labels: tuple[str, ...]
    confidence: float


@dataclass(frozen=True)
class Disagreement:
    """A text on which the two students differ.

    id (str): Content id.
    text (str): Its first 200 characters.
    gold (tuple[str, ...] | None): The right labels; None without gold.
    teacher (tuple[str, ...] | None): The teacher's labels; None without a usable answer.
    a (Choice): The first student's decision.
    b (Choice): The second student's.
    """

    id: str
    text: str
    gold: tuple[str, ...] | None
    teacher: tuple[str, ...] | None
    a: Choice
    b: Choice


def differing_rows(a: Predictions, b: Predictions) -> list[int]:
    """Return the texts on which two students decide differently, the surest decisions first."""
    rows = np.flatnonzero((a.decided != b.decided).any(axis=1))
    sure = (a.confidence + b.confidence)[rows]
    found: list[int] = rows[np.argsort(-sure, kind="stable")].tolist()
    return found


def show_texts(
    texts: GoldSet, a: Predictions, b: Predictions, *, rows: Sequence[int], labels: Sequence[str]
) -> tuple[Disagreement, ...]:
    """Return some texts with what everyone says about them.

    texts (GoldSet): The texts.
    a (Predictions): The first student.
    b (Predictions): The second student.
    rows (Sequence[int]): Which texts, in order.
    labels (Sequence[str]): The labels, in the order of the columns.
    RETURNS (tuple[Disagreement, ...]): One per row.
    """

    def names(row: Bools) -> tuple[str, ...]:
        return tuple(label for label, on in zip(labels, row, strict=True) if on)

    return tuple(
        Disagreement(
            id=texts.ids[i],
            text=texts.texts[i][:MAX_CHARS],
            gold=None if texts.gold is None else names(texts.gold[i]),
            teacher=names(texts.teacher.decided[i]) if texts.teacher.known[i] else None,
            a=Choice(names(a.decided[i]), float(a.confidence[i])),
            b=Choice(names(b.decided[i]), float(b.confidence[i])),
        )
        for i in rows
    )
