"""The student against the teacher on the same Docs."""

from dataclasses import dataclass

import numpy as np

from ..scoring.intervals import Interval, interval, mcnemar, resampled_sums, wilson
from ..scoring.ty import Bools


@dataclass(frozen=True)
class Difference:
    """Student minus teacher accuracy, with the paired bootstrap and McNemar's exact test.

    A Doc is right if all of its labels are; for labels that are not exclusive that is an exact
    match, which is strict, but a mean over labels would call a student right that misses them all.

    accuracy (Interval): The difference in accuracy.
    p_value (float): Two-sided p-value of McNemar's exact test.
    n_better (int): Docs that only the student has right.
    n_worse (int): Docs that only the teacher has right.
    """

    accuracy: Interval
    p_value: float
    n_better: int
    n_worse: int

    @property
    def worst(self) -> float:
        """The least that the difference may well be.

        The bootstrap shrinks to a point where the two hardly differ, however few the Docs are;
        Wilson's interval of the share that only the teacher has right does not.
        """
        n = self.accuracy.n
        return min(self.accuracy.low, self.n_better / n - wilson(self.n_worse, n).high)


def compare(student: Bools, teacher: Bools) -> Difference:
    """Compare two systems on the same Docs.

    student (Bools): Whether the student has each Doc right.
    teacher (Bools): Whether the teacher has each Doc right.
    RETURNS (Difference): The paired difference.
    """
    n = len(student)
    gains = (student.astype(np.float64) - teacher)[:, None]
    n_better = int((student & ~teacher).sum())
    n_worse = int((teacher & ~student).sum())
    return Difference(
        accuracy=interval(resampled_sums(gains)[:, 0] / n, n),
        p_value=mcnemar(n_better, n_worse),
        n_better=n_better,
        n_worse=n_worse,
    )
