"""One system's row in the tables: its scores on gold, each with its interval, and its agreement."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..scoring.calibration import expected_calibration_error
from ..scoring.intervals import Interval, interval, resampled_sums
from ..scoring.predictions import Predictions, correct
from ..scoring.scores import Points, label_counts, points, ratio
from ..scoring.ty import Bools

TEACHER = "teacher"
STUDENT = "student"
GOLD_STUDENT = "student on gold"
TFIDF = "TF-IDF + LR"
MAJORITY = "majority"


@dataclass(frozen=True)
class LabelScores:
    """Precision, recall and F1 of one label.

    label (str): The label.
    n_gold (int): How many test Docs have it.
    n_decided (int): To how many Docs the system assigns it.
    threshold (float | None): The score from which on it does so; None if exactly one label applies.
    """

    label: str
    n_gold: int
    n_decided: int
    precision: Interval
    recall: Interval
    f1: Interval
    threshold: float | None = None


@dataclass(frozen=True)
class System:
    """One row of the main table.

    accuracy (Interval | None): Share of Docs with exactly the gold labels; None without gold.
    macro_f1 (Interval | None): Mean F1 of the labels that occur in gold or among the decisions.
    micro_f1 (Interval | None): F1 over all decisions; only where labels are not exclusive.
    agreement (Interval | None): Share of the Docs that the teacher has answered on which both
        decide alike; None for the teacher itself.
    ece (float | None): Expected calibration error; None if all scores are 0 or 1.
    n_absent (int): Docs without a usable answer; they count as wrong.
    """

    name: str
    accuracy: Interval | None
    macro_f1: Interval | None
    micro_f1: Interval | None
    agreement: Interval | None
    ece: float | None
    n_absent: int
    labels: tuple[LabelScores, ...] = ()
    docs_per_s: float | None = None


def score_system(
    predictions: Predictions,
    gold: Bools,
    *,
    teacher: Predictions,
    labels: Sequence[str],
    exclusive: bool,
    docs_per_s: float | None = None,
) -> System:
    """Score one system on gold.

    predictions (Predictions): What the system says.
    gold (Bools): Shape (Docs, labels).
    teacher (Predictions): What the teacher says, for agreement.
    labels (Sequence[str]): The labels, in the order of the columns.
    exclusive (bool): Whether exactly one label applies.
    docs_per_s (float | None): Its speed, where it was measured.
    RETURNS (System): The scores.
    """
    values = points(resampled_sums(label_counts(predictions, gold)))
    n = len(gold)
    return replace(
        compare_system(predictions, teacher=teacher, docs_per_s=docs_per_s),
        accuracy=interval(values.accuracy, n),
        macro_f1=interval(values.macro_f1, n),
        micro_f1=None if exclusive else interval(values.micro_f1, n),
        ece=system_ece(predictions, gold),
        labels=label_scores(values, predictions, gold=gold, labels=labels),
    )


def label_scores(
    values: Points, predictions: Predictions, *, gold: Bools, labels: Sequence[str]
) -> tuple[LabelScores, ...]:
    """Return the scores of each label; an interval's n is what its denominator counts."""
    n_gold, n_decided = gold.sum(axis=0).tolist(), predictions.decided.sum(axis=0).tolist()
    chosen = predictions.thresholds
    thresholds = [None] * len(labels) if chosen is None else chosen.tolist()
    return tuple(
        LabelScores(
            label=label,
            n_gold=n_gold[i],
            n_decided=n_decided[i],
            precision=interval(values.precision[:, i], n_decided[i]),
            recall=interval(values.recall[:, i], n_gold[i]),
            f1=interval(values.f1[:, i], len(gold)),
            threshold=thresholds[i],
        )
        for i, label in enumerate(labels)
    )


def compare_system(
    predictions: Predictions, *, teacher: Predictions, docs_per_s: float | None = None
) -> System:
    """Describe one system by its agreement with the teacher alone: all there is without gold."""
    return System(
        name=predictions.name,
        accuracy=None,
        macro_f1=None,
        micro_f1=None,
        agreement=agreement(predictions, teacher),
        ece=None,
        n_absent=int((~predictions.known).sum()),
        docs_per_s=docs_per_s,
    )


def agreement(predictions: Predictions, teacher: Predictions) -> Interval | None:
    """Return how often a system decides as the teacher does, where the teacher has answered."""
    if predictions is teacher:
        return None
    alike = correct(predictions, teacher.decided) & teacher.known
    counts = np.column_stack([alike, teacher.known]).astype(np.float64)
    sums = resampled_sums(counts)
    return interval(ratio(sums[:, 0], sums[:, 1]), int(teacher.known.sum()))


def system_ece(predictions: Predictions, gold: Bools) -> float | None:
    """Return the ECE over Docs with an answer; None for a system that is always certain."""
    known = predictions.known
    if np.isin(predictions.scores, (0.0, 1.0)).all():
        return None
    return expected_calibration_error(
        predictions.confidence[known], correct(predictions, gold)[known]
    )
