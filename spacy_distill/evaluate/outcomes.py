"""What each system decided about each test text: content ids and labels, never a text.

A snapshot carries it so that two runs can be compared text by text. Each column is one string with
an entry per text, which keeps 100,000 texts at about two megabytes and a snapshot readable.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import UserError
from ..scoring.predictions import Predictions, make_predictions
from ..scoring.ty import Bools
from .gold import GoldSet

UNKNOWN = "?"
NOTHING = "-"
JOINT = "+"


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What systems decided about test texts.

    ids (tuple[str, ...]): Content ids.
    labels (tuple[str, ...]): The labels, in the order of the columns.
    gold (Bools | None): Shape (texts, labels); None without gold.
    systems (Mapping[str, Predictions]): By the system's name; only decisions can be relied on.
    """

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    gold: Bools | None
    systems: Mapping[str, Predictions]

    def to_json(self) -> dict[str, Any]:
        """Return the columns as strings: per text the numbers of its labels, joined with `+`.

        RETURNS (dict[str, Any]): `-` stands for no label, `?` for no usable answer.
        """
        everything = np.ones(len(self.ids), dtype=bool)
        return {
            "ids": " ".join(self.ids),
            "gold": None if self.gold is None else pack(self.gold, everything),
            "decided": {name: pack(x.decided, x.known) for name, x in self.systems.items()},
        }


def collect_outcomes(
    test: GoldSet, students: Sequence[Predictions], labels: Sequence[str]
) -> Outcomes:
    """Keep what the teacher and students decided about the test texts.

    test (GoldSet): The test texts, with the teacher's answers.
    students (Sequence[Predictions]): The student and its variants on these texts.
    labels (Sequence[str]): The labels, in the order of the columns.
    RETURNS (Outcomes): The outcomes.
    """
    systems = {x.name: x for x in (test.teacher, *students)}
    return Outcomes(tuple(test.ids), tuple(labels), test.gold, systems)


def read_outcomes(record: Mapping[str, Any], labels: Sequence[str]) -> Outcomes:
    """Read the outcomes of a snapshot.

    record (Mapping[str, Any]): What `Outcomes.to_json` returned.
    labels (Sequence[str]): The snapshot's labels.
    RETURNS (Outcomes): The outcomes.
    RAISES (UserError): If the columns do not fit each other or the labels.
    """
    try:
        ids = tuple(record["ids"].split())
        gold = record["gold"]
        return Outcomes(
            ids=ids,
            labels=tuple(labels),
            gold=None if gold is None else unpack(gold, len(ids), len(labels))[0],
            systems={
                name: read_system(name, column, shape=(len(ids), len(labels)))
                for name, column in record["decided"].items()
            },
        )
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"its outcomes per text are damaged ({error})") from error


def read_system(name: str, column: str, *, shape: tuple[int, int]) -> Predictions:
    """Return one system's decisions from its column; its scores are 0 and 1."""
    decided, known = unpack(column, *shape)
    return make_predictions(name, decided.astype(np.float64), exclusive=False, known=known)


def pack(decided: Bools, known: Bools) -> str:
    """Return decisions as one string.

    decided (Bools): Shape (texts, labels).
    known (Bools): Shape (texts,): False where there is no usable answer.
    RETURNS (str): One entry per text, separated by spaces.
    """
    rows = (JOINT.join(map(str, np.flatnonzero(row))) or NOTHING for row in decided)
    return " ".join(row if sure else UNKNOWN for row, sure in zip(rows, known, strict=True))


def unpack(column: str, n_texts: int, n_labels: int) -> tuple[Bools, Bools]:
    """Return the decisions that `pack` made a string of, and where they are known.

    RAISES (ValueError): If there are more or fewer entries than texts, or an entry is no number.
    """
    entries = column.split()
    if len(entries) != n_texts:
        raise ValueError(f"{len(entries)} entries for {n_texts} texts")
    decided = np.zeros((n_texts, n_labels), dtype=bool)
    for row, entry in enumerate(entries):
        if entry not in (UNKNOWN, NOTHING):
            decided[row, [label_number(part) for part in entry.split(JOINT)]] = True
    return decided, np.asarray([entry != UNKNOWN for entry in entries], dtype=bool)


def label_number(entry: str) -> int:
    """Return the number of a label; unlike `int` alone it takes digits only."""
    if not entry.isdecimal():
        raise ValueError(f"{entry!r} is no label's number")
    return int(entry)
