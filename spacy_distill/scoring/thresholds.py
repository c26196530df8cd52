"""The score from which on a label is assigned, for labels that are not exclusive.

The threshold with the highest F1 on some hundred Docs is high by luck as well as by merit (Fan and
Lin 2007 on SCut), and can serve new Docs worse than 0.5. So Breiman's one-standard-error rule (CART,
1984) decides: of all thresholds that are as good as the best to within one standard error of the
difference, the one nearest 0.5. Where Docs are too few to tell, that is 0.5 itself. Thresholds help
scores that are off, of rare labels above all; they hardly change what a good student decides.
"""

import numpy as np

from .predictions import THRESHOLD
from .ty import Bools, Floats

MIN_DOCS = 10
# The best threshold of a calibrated score is half the best F1 (Lipton et al. 2014): one below 0.1
# would belong to a label that is hardly ever right.
STEPS = np.arange(-40, 41)
CANDIDATES = np.round(THRESHOLD + STEPS / 100, 2)


def choose_thresholds(scores: Floats, gold: Bools) -> Floats:
    """Choose a threshold for each label.

    scores (Floats): Probabilities of Docs that were not learned from, shape (Docs, labels).
    gold (Bools): The labels that apply, same shape.
    RETURNS (Floats): Shape (labels,).
    """
    columns = range(scores.shape[1])
    return np.asarray([label_threshold(scores[:, i], gold[:, i]) for i in columns])


def label_threshold(scores: Floats, gold: Bools) -> float:
    """Choose the threshold of one label.

    scores (Floats): Probabilities, shape (Docs,).
    gold (Bools): Whether the label applies, same shape.
    RETURNS (float): From 0.1 to 0.9 in steps of 0.01; 0.5 if fewer than 10 Docs have the label or
        fewer than 10 lack it.
    """
    n_with = int(gold.sum())
    if min(n_with, len(gold) - n_with) < MIN_DOCS:
        return THRESHOLD
    f1, influence = f1_influence(scores[:, None] >= CANDIDATES, gold[:, None])
    best = int(f1.argmax())
    error = standard_error(influence - influence[:, [best]])
    as_good = np.flatnonzero(f1[best] - f1 <= error)
    nearest = np.lexsort((-f1[as_good], np.abs(STEPS[as_good])))[0]
    return float(CANDIDATES[as_good[nearest]])


def f1_influence(assigned: Bools, gold: Bools) -> tuple[Floats, Floats]:
    """Return F1, and what each Doc contributes to its error (the delta method for a ratio).

    assigned (Bools): Whether the label is assigned, shape (Docs, thresholds).
    gold (Bools): Whether it applies, shape (Docs, 1), at least once.
    RETURNS (tuple[Floats, Floats]): F1, shape (thresholds,), and contributions that add up to 0,
        shape (Docs, thresholds).
    """
    twice = 2.0 * (assigned & gold)
    counts = assigned.astype(np.float64) + gold
    totals = counts.sum(axis=0)
    f1 = twice.sum(axis=0) / totals
    return f1, (twice - f1 * counts) / totals


def standard_error(influence: Floats) -> Floats:
    """Return the standard error of a sum over Docs, shape (thresholds,).

    influence (Floats): What each of two Docs or more contributes, shape (Docs, thresholds). With the
        unbiased variance a difference that one Doc makes is within one standard error.
    """
    n = len(influence)
    return np.asarray(np.sqrt((influence**2).sum(axis=0) * n / (n - 1)))
