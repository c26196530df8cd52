"""Error attribution: where the student is wrong, was the teacher wrong too?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..scoring.intervals import Interval, wilson
from ..scoring.ty import Bools
from .confusion import names
from .marked import Marked

MAX_EXAMPLES = 5


@dataclass(frozen=True)
class ErrorExample:
    """One Doc that the student has wrong."""

    id: str
    text: str
    gold: tuple[str, ...]
    teacher: tuple[str, ...] | None
    student: tuple[str, ...]


@dataclass(frozen=True)
class Cause:
    """The student's errors that share a cause.

    name (str): The cause, in words.
    share (Interval): Share of the student's errors; its n is the number of errors.
    ids (tuple[str, ...]): The Docs.
    examples (tuple[ErrorExample, ...]): The first few of them.
    """

    name: str
    share: Interval
    ids: tuple[str, ...]
    examples: tuple[ErrorExample, ...]


def attribute_errors(
    docs: Marked, *, ids: Sequence[str], texts: Sequence[str], labels: Sequence[str]
) -> tuple[Cause, ...]:
    """Split the student's errors by what the teacher said about the same Docs.

    docs (Marked): Student and teacher on the gold test Docs.
    ids (Sequence[str]): The Docs' ids.
    texts (Sequence[str]): Their texts.
    labels (Sequence[str]): The labels, in the order of the columns.
    RETURNS (tuple[Cause, ...]): Four causes, each error in one of them.
    """
    n_wrong = int((~docs.student_right).sum())
    causes = []
    for name, mask in _causes(docs):
        rows = np.flatnonzero(mask).tolist()
        examples = (_example(docs, i, ids[i], texts[i], labels) for i in rows[:MAX_EXAMPLES])
        share = wilson(len(rows), n_wrong)
        causes.append(Cause(name, share, tuple(ids[i] for i in rows), tuple(examples)))
    return tuple(causes)


def _causes(docs: Marked) -> Iterator[tuple[str, Bools]]:
    wrong, right, known = ~docs.student_right, docs.teacher_right, docs.teacher.known
    same = (docs.student.decided == docs.teacher.decided).all(axis=1)
    failed = wrong & known & ~right
    yield "teacher wrong, same label", failed & same
    yield "teacher wrong, another label", failed & ~same
    yield "teacher right", wrong & right
    yield "teacher's answer absent", wrong & ~known


def _example(docs: Marked, i: int, doc_id: str, text: str, labels: Sequence[str]) -> ErrorExample:
    return ErrorExample(
        id=doc_id,
        text=text,
        gold=names(docs.gold[i], labels),
        teacher=names(docs.teacher.decided[i], labels) if docs.teacher.known[i] else None,
        student=names(docs.student.decided[i], labels),
    )
