"""Confidence, how far it can be believed (ECE), and the temperature that mends it."""

from dataclasses import dataclass

import numpy as np

from .ty import Bools, Floats

N_BINS = 15
TEMPERATURES = np.geomspace(0.1, 10.0, 461)  # steps of 1 %
EPSILON = 1e-9


@dataclass(frozen=True)
class Calibration:
    """Expected calibration error of the student on test, with and without a temperature.

    stored (float | None): The temperature that the student carries; its thresholds use it.
    fitted (float | None): The temperature that fits the gold dev Docs best; None without them.
    ece_raw (float): ECE of the scores as in `doc.cats`.
    ece_stored (float | None): ECE at the stored temperature.
    ece_fitted (float | None): ECE at the fitted temperature.
    n (int): The number of test Docs.
    """

    stored: float | None
    fitted: float | None
    ece_raw: float
    ece_stored: float | None
    ece_fitted: float | None
    n: int


def confidence(scores: Floats, decided: Bools, *, exclusive: bool = True) -> Floats:
    """Return how sure a system is that its decision about each Doc is right as a whole.

    scores (Floats): Probabilities, shape (Docs, labels).
    decided (Bools): The labels assigned, same shape.
    exclusive (bool): Whether exactly one label applies.
    RETURNS (Floats): Per Doc the highest score or, if not exclusive, the product over labels of
        the probability of what was decided: the chance of an exact match, were labels independent.
    """
    if exclusive:
        return np.asarray(scores.max(axis=1), dtype=np.float64)
    return np.asarray(np.where(decided, scores, 1.0 - scores).prod(axis=1), dtype=np.float64)


def expected_calibration_error(
    confidences: Floats, correct: Bools, *, n_bins: int = N_BINS
) -> float:
    """Return the mean gap between confidence and accuracy over equally wide bins.

    confidences (Floats): One per Doc, from 0 to 1.
    correct (Bools): Whether each Doc is right.
    n_bins (int): The number of bins; each includes its upper end.
    RETURNS (float): From 0 (confidence is accuracy) to 1.
    """
    bins = np.clip(np.ceil(confidences * n_bins).astype(int) - 1, 0, n_bins - 1)
    gaps = np.bincount(bins, weights=confidences - correct, minlength=n_bins)
    return float(np.abs(gaps).sum() / len(confidences))


def apply_temperature(scores: Floats, temperature: float, *, exclusive: bool = True) -> Floats:
    """Soften (above 1) or sharpen (below 1) probabilities; the best label stays the best.

    scores (Floats): Probabilities, shape (Docs, labels).
    temperature (float): The temperature; 1.0 changes nothing.
    exclusive (bool): Softmax over the labels if true, else each label on its own.
    RETURNS (Floats): Probabilities of the same shape.
    """
    if temperature == 1.0:
        return scores
    clipped = np.clip(scores, EPSILON, 1.0 - EPSILON)
    logits = np.log(clipped) / temperature
    rest = np.log1p(-clipped) / temperature
    top = logits.max(axis=1, keepdims=True) if exclusive else np.maximum(logits, rest)
    powers = np.exp(logits - top)
    total = powers.sum(axis=1, keepdims=True) if exclusive else powers + np.exp(rest - top)
    return np.asarray(powers / total, dtype=np.float64)


def fit_temperature(scores: Floats, gold: Bools, *, exclusive: bool = True) -> float:
    """Find the temperature under which the gold labels are most likely.

    scores (Floats): Probabilities, shape (Docs, labels).
    gold (Bools): The labels that apply, same shape.
    exclusive (bool): Whether exactly one label applies.
    RETURNS (float): Between 0.1 and 10, to within 1 %; 1.0 for a student that makes no error, which
        says nothing of how sure it may be.
    """
    right = scores.argmax(axis=1) == gold.argmax(axis=1) if exclusive else (scores >= 0.5) == gold
    if right.all():
        return 1.0  # without an error the likeliest student is one that is always certain
    losses = [
        negative_log_likelihood(apply_temperature(scores, t, exclusive=exclusive), gold, exclusive)
        for t in TEMPERATURES
    ]
    return float(TEMPERATURES[int(np.argmin(losses))])


def negative_log_likelihood(scores: Floats, gold: Bools, exclusive: bool) -> float:
    """Return the mean negative log-likelihood of gold under probabilities."""
    clipped = np.clip(scores, EPSILON, 1.0 - EPSILON)
    positive = np.log(clipped)[gold].sum()
    negative = 0.0 if exclusive else np.log1p(-clipped)[~gold].sum()
    return float(-(positive + negative) / len(scores))
