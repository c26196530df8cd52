"""What a system says about a list of Docs, as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .calibration import apply_temperature, confidence
from .ty import Bools, Floats

THRESHOLD = 0.5


@dataclass(frozen=True)
class Predictions:
    """What one system says about n Docs.

    name (str): The system's name, as in the tables.
    scores (Floats): Shape (n, labels), as in `doc.cats`; 0.0 where a label is absent.
    decided (Bools): Shape (n, labels): the labels that the system assigns.
    known (Bools): Shape (n,): False where the system has no usable answer.
    confidence (Floats): Shape (n,): how sure it is of the whole decision, after its temperature.
    thresholds (Floats | None): Shape (labels,): the scores from which on it assigns each label; None
        if it assigns exactly one.
    """

    name: str
    scores: Floats
    decided: Bools
    known: Bools
    confidence: Floats
    thresholds: Floats | None = None


def make_predictions(
    name: str,
    scores: Floats,
    *,
    exclusive: bool,
    known: Bools | None = None,
    threshold: float | Floats = THRESHOLD,
    temperature: float = 1.0,
) -> Predictions:
    """Turn scores into decisions and confidences.

    name (str): The system's name.
    scores (Floats): Shape (Docs, labels).
    exclusive (bool): Whether the best label is assigned, or every label from its threshold on.
    known (Bools | None): Which Docs have a usable answer; all by default.
    threshold (float | Floats): The threshold of labels that are not exclusive: one for all, or an
        array of shape (labels,).
    temperature (float): The temperature for confidences; decisions are made on the raw scores.
    RETURNS (Predictions): The predictions; nothing is decided where nothing is known.
    """
    known = np.ones(len(scores), dtype=bool) if known is None else known
    n_labels = scores.shape[1]
    thresholds = None if exclusive else np.broadcast_to(threshold, n_labels).astype(np.float64)
    if thresholds is None:
        decided = np.arange(n_labels) == scores.argmax(axis=1)[:, None]
    else:
        decided = scores >= thresholds
    decided = decided & known[:, None]
    cooled = apply_temperature(scores, temperature, exclusive=exclusive)
    sure = confidence(cooled, decided, exclusive=exclusive)
    return Predictions(name, scores, decided, known, np.where(known, sure, 0.0), thresholds)


def correct(predictions: Predictions, gold: Bools) -> Bools:
    """Say for each Doc whether the decision equals gold exactly, for every label.

    RETURNS (Bools): Shape (Docs,); False where the system has no usable answer.
    """
    return np.asarray(predictions.known & (predictions.decided == gold).all(axis=1))


def cats_scores(cats: Sequence[Mapping[str, float]], labels: Sequence[str]) -> Floats:
    """Return the scores of Docs as an array of shape (Docs, labels), 0.0 for absent labels."""
    rows = [[scores.get(label, 0.0) for label in labels] for scores in cats]
    return np.asarray(rows, dtype=np.float64).reshape(len(rows), len(labels))
