"""The cascade: what the student may keep above a confidence threshold, chosen on gold dev.

The lowest threshold is taken whose accuracy on dev reaches the target as it stands, not its lower
bound: Wilson's bound of a flawless record passes .98 only from 189 Docs on, so that with the dev
sets people have no threshold would ever be found. What the choice is worth is shown by the test
Docs, which took no part in it. At least 30 Docs must be kept, so that a lucky few cannot decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..scoring.intervals import Interval, wilson
from .marked import Marked

MIN_KEPT = 30
TARGET = 0.98
MARGIN = 0.02


@dataclass(frozen=True)
class CurvePoint:
    """What would be kept at one threshold; thresholds are inclusive.

    threshold (float): Docs with at least this confidence are kept.
    coverage (float): Share of Docs kept.
    accuracy (float): The student's accuracy on them.
    teacher_accuracy (float): The teacher's accuracy on the same Docs.
    n_kept (int): How many Docs these are.
    """

    threshold: float
    coverage: float
    accuracy: float
    teacher_accuracy: float
    n_kept: int


@dataclass(frozen=True)
class Kept:
    """What a threshold does to a set of Docs, with Wilson intervals.

    combined is the accuracy of student and teacher together: the student where it keeps the Doc,
    the teacher elsewhere.
    """

    coverage: Interval
    accuracy: Interval
    teacher_accuracy: Interval
    combined: Interval


@dataclass(frozen=True)
class Operating:
    """A threshold chosen on dev for a purpose, and what became of it on test.

    threshold is None where no threshold on dev does it; then the rest is None too.
    held says whether the test Docs reach the target as well.
    """

    purpose: str
    threshold: float | None
    dev: Kept | None = None
    test: Kept | None = None
    held: bool | None = None

    def __str__(self) -> str:
        if self.dev is None or self.test is None:
            return (
                f"For {self.purpose}: no threshold on gold dev reaches it with {MIN_KEPT} or more "
                f"Docs kept."
            )
        return (
            f"For {self.purpose}: the threshold {self.threshold:.4f}, chosen on "
            f"{self.dev.coverage.n} gold dev Docs (keeps {self.dev.coverage.value:.3f}, right on "
            f"{self.dev.accuracy.value:.3f} of them), keeps {self.test.coverage} of "
            f"{self.test.coverage.n} test Docs; on these {self.test.accuracy.n} the student is "
            f"right on {self.test.accuracy}, the teacher on {self.test.teacher_accuracy.value:.3f}; "
            f"{'the target held' if self.held else 'the target did not hold'} on test."
        )


def kept_curve(docs: Marked) -> tuple[CurvePoint, ...]:
    """Compute coverage and accuracy for every threshold that makes a difference.

    docs (Marked): The Docs.
    RETURNS (tuple[CurvePoint, ...]): By ascending threshold, so by descending coverage.
    """
    order = np.argsort(-docs.confidence, kind="stable")
    sure = docs.confidence[order]
    last = np.flatnonzero(np.append(sure[1:] != sure[:-1], True))[::-1]
    n_kept = last + 1
    student = np.cumsum(docs.student_right[order])[last] / n_kept
    teacher = np.cumsum(docs.teacher_right[order])[last] / n_kept
    rows = zip(
        sure[last].tolist(), n_kept.tolist(), student.tolist(), teacher.tolist(), strict=True
    )
    return tuple(CurvePoint(t, n / len(sure), s, a, n) for t, n, s, a in rows)


def reaches_target(accuracy: float, teacher_accuracy: float) -> bool:
    """Say whether the kept Docs are as accurate as asked for in general: 98 %."""
    return accuracy >= TARGET


def reaches_teacher(accuracy: float, teacher_accuracy: float) -> bool:
    """Say whether the student is at the teacher's level on the kept Docs, less the margin."""
    return accuracy >= teacher_accuracy - MARGIN - 1e-9


AT_TARGET = f"{TARGET:.0%} accuracy"
AT_TEACHER = "the teacher's level"
LEVELS = {AT_TARGET: reaches_target, AT_TEACHER: reaches_teacher}


def choose_threshold(curve: Sequence[CurvePoint], purpose: str) -> float | None:
    """Return the lowest threshold on dev that serves a purpose.

    curve (Sequence[CurvePoint]): The curve on dev, by ascending threshold.
    purpose (str): A key of `LEVELS`.
    RETURNS (float | None): The threshold; None if none keeps enough Docs at that level.
    """
    reaches = LEVELS[purpose]
    for point in curve:
        if point.n_kept >= MIN_KEPT and reaches(point.accuracy, point.teacher_accuracy):
            return point.threshold
    return None


def keep(docs: Marked, threshold: float) -> Kept:
    """Say what a threshold keeps of a set of Docs, and how accurate that is.

    docs (Marked): The Docs.
    threshold (float): Docs with at least this confidence are kept.
    RETURNS (Kept): Coverage and accuracies.
    """
    kept = docs.confidence >= threshold
    n, n_kept = len(kept), int(kept.sum())
    return Kept(
        coverage=wilson(n_kept, n),
        accuracy=wilson(int(docs.student_right[kept].sum()), n_kept),
        teacher_accuracy=wilson(int(docs.teacher_right[kept].sum()), n_kept),
        combined=wilson(int(np.where(kept, docs.student_right, docs.teacher_right).sum()), n),
    )


def operate(dev: Marked, test: Marked, *, purpose: str) -> Operating:
    """Choose a threshold on dev and try it on test.

    dev (Marked): The gold dev Docs.
    test (Marked): The gold test Docs.
    purpose (str): A key of `LEVELS`.
    RETURNS (Operating): The threshold and what it does.
    """
    threshold = choose_threshold(kept_curve(dev), purpose)
    if threshold is None:
        return Operating(purpose, None)
    on_test = keep(test, threshold)
    held = LEVELS[purpose](on_test.accuracy.value, on_test.teacher_accuracy.value)
    return Operating(purpose, threshold, keep(dev, threshold), on_test, held)
