"""Two systems on the same gold texts: each one's scores, and their difference with a paired test."""

from dataclasses import dataclass

import numpy as np

from ..scoring.intervals import Interval, interval, mcnemar, resampled_sums
from ..scoring.predictions import Predictions, correct
from ..scoring.scores import label_counts, points
from ..scoring.ty import Bools


@dataclass(frozen=True)
class Scores:
    """One side's scores on the shared texts: accuracy counts a text only if all labels are right."""

    accuracy: Interval
    macro_f1: Interval


@dataclass(frozen=True)
class Versus:
    """B against A on the same texts.

    name (str): What is compared, such as "student".
    n (int): The texts that both have.
    a (Scores): The first system's scores on these texts.
    b (Scores): The second system's.
    accuracy (Interval): B minus A, with the paired bootstrap.
    macro_f1 (Interval): B minus A, with the paired bootstrap.
    p_value (float): Two-sided p-value of McNemar's exact test of accuracy.
    n_only_a (int): Texts that only A has right.
    n_only_b (int): Texts that only B has right.
    """

    name: str
    n: int
    a: Scores
    b: Scores
    accuracy: Interval
    macro_f1: Interval
    p_value: float
    n_only_a: int
    n_only_b: int

    def __str__(self) -> str:
        return (
            f"{self.name}: B minus A in accuracy {signed(self.accuracy)}, in macro-F1 "
            f"{signed(self.macro_f1)} on {self.n} texts; only A is right on {self.n_only_a}, only B "
            f"on {self.n_only_b} (McNemar's exact p = {self.p_value:.3g})."
        )


def versus(a: Predictions, b: Predictions, gold: Bools, *, name: str) -> Versus:
    """Hold two systems against each other on the same gold texts.

    a (Predictions): The first system.
    b (Predictions): The second system, on the same texts in the same order.
    gold (Bools): What is right, shape (texts, labels); at least one text.
    name (str): What is compared.
    RETURNS (Versus): Scores, differences and the paired test.
    """
    n = len(gold)
    counts = np.hstack([label_counts(a, gold), label_counts(b, gold)])
    on_a, on_b = map(points, np.hsplit(resampled_sums(counts), 2))
    right_a, right_b = correct(a, gold), correct(b, gold)
    n_only_a, n_only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    return Versus(
        name=name,
        n=n,
        a=Scores(interval(on_a.accuracy, n), interval(on_a.macro_f1, n)),
        b=Scores(interval(on_b.accuracy, n), interval(on_b.macro_f1, n)),
        accuracy=interval(on_b.accuracy - on_a.accuracy, n),
        macro_f1=interval(on_b.macro_f1 - on_a.macro_f1, n),
        p_value=mcnemar(n_only_b, n_only_a),
        n_only_a=n_only_a,
        n_only_b=n_only_b,
    )


def signed(value: Interval) -> str:
    """Return a difference with its sign and interval."""
    return f"{value.value:+.3f} [{value.low:+.3f}, {value.high:+.3f}]"
