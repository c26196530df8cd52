"""Confusion cells with the ids of their Docs, so that every count can be opened."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..scoring.predictions import Predictions
from ..scoring.ty import Bools

NONE = "(none)"


@dataclass(frozen=True)
class Cell:
    """The Docs with one gold label and one decision.

    For exclusive labels a Doc stands in one cell; a decision of "(none)" means no usable answer.
    Otherwise a Doc stands in one cell per label that applies or was assigned: a label that was
    missed has the decision "(none)", one assigned wrongly has the gold "(none)".
    """

    gold: str
    decided: str
    ids: tuple[str, ...]


def confusion_cells(
    predictions: Predictions,
    gold: Bools,
    *,
    ids: Sequence[str],
    labels: Sequence[str],
    exclusive: bool,
) -> tuple[Cell, ...]:
    """Group Docs by gold label and decision.

    predictions (Predictions): What the system says.
    gold (Bools): Shape (Docs, labels).
    ids (Sequence[str]): The Docs' ids.
    labels (Sequence[str]): The labels, in the order of the columns.
    exclusive (bool): Whether exactly one label applies.
    RETURNS (tuple[Cell, ...]): The cells that are not empty, in the order of the labels.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for doc_id, right, said in zip(ids, gold, predictions.decided, strict=True):
        pairs = _exclusive_pair(right, said, labels) if exclusive else _pairs(right, said, labels)
        for pair in pairs:
            groups.setdefault(pair, []).append(doc_id)
    order = {label: i for i, label in enumerate([*labels, NONE])}
    keys = sorted(groups, key=lambda pair: (order[pair[0]], order[pair[1]]))
    return tuple(Cell(gold, decided, tuple(groups[gold, decided])) for gold, decided in keys)


def names(row: Bools, labels: Sequence[str]) -> tuple[str, ...]:
    """Return the labels that a row of booleans stands for."""
    return tuple(label for label, applies in zip(labels, row, strict=True) if applies)


def _exclusive_pair(right: Bools, said: Bools, labels: Sequence[str]) -> list[tuple[str, str]]:
    return [(names(right, labels)[0], (*names(said, labels), NONE)[0])]


def _pairs(right: Bools, said: Bools, labels: Sequence[str]) -> list[tuple[str, str]]:
    return [
        (label if is_gold else NONE, label if is_said else NONE)
        for label, is_gold, is_said in zip(labels, right, said, strict=True)
        if is_gold or is_said
    ]
