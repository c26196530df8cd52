"""Accuracy, F1, precision and recall, for many resamples at once."""

from dataclasses import dataclass

import numpy as np

from .predictions import Predictions, correct
from .ty import Bools, Floats


@dataclass(frozen=True)
class Points:
    """Scores for several resamples at once: shape (resamples,) or (resamples, labels).

    NaN where a score is undefined: a label that no Doc has has no recall.
    """

    accuracy: Floats
    macro_f1: Floats
    micro_f1: Floats
    precision: Floats
    recall: Floats
    f1: Floats


def label_counts(predictions: Predictions, gold: Bools) -> Floats:
    """Return per Doc what the scores are sums of.

    RETURNS (Floats): Shape (Docs, 2 + 3 * labels): one, right or not, then per label right
        positives, decided positives and gold positives.
    """
    right = correct(predictions, gold)[:, None]
    columns = [np.ones_like(right), right, predictions.decided & gold, predictions.decided, gold]
    return np.hstack(columns).astype(np.float64)


def points(sums: Floats) -> Points:
    """Compute all scores from sums of `label_counts`, one row per resample."""
    n_docs, right = sums[:, 0], sums[:, 1]
    hits, decided, gold = np.split(sums[:, 2:], 3, axis=1)
    f1 = ratio(2 * hits, decided + gold)
    occurs = np.isfinite(f1)
    return Points(
        accuracy=ratio(right, n_docs),
        macro_f1=ratio(np.where(occurs, f1, 0.0).sum(axis=1), occurs.sum(axis=1)),
        micro_f1=ratio(2 * hits.sum(axis=1), (decided + gold).sum(axis=1)),
        precision=ratio(hits, decided),
        recall=ratio(hits, gold),
        f1=f1,
    )


def ratio(part: Floats, whole: Floats) -> Floats:
    """Divide, with NaN where the denominator is 0."""
    undefined = np.full(part.shape, np.nan)
    return np.asarray(np.divide(part, whole, out=undefined, where=whole > 0))
