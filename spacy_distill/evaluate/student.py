"""The student: loaded, held against the teacher's contract, and run over texts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from spacy.language import Language

from ..contract import Contract
from ..errors import UserError
from ..scoring.predictions import THRESHOLD, Predictions, cats_scores, make_predictions
from ..scoring.ty import Floats
from ..ty import Track, untracked

BATCH_SIZE = 64


def load_student(path: Path | str, contract: Contract) -> Language:
    """Load a student and check it against the teacher's contract.

    path (Path | str): The folder of a saved pipeline.
    contract (Contract): What the student must offer.
    RETURNS (Language): The pipeline.
    RAISES (UserError): If the component is missing or has other labels, with what was found.
    """
    nlp = spacy.load(path)
    if contract.name not in nlp.pipe_names:
        raise UserError(
            f"The student {path} has no component {contract.name!r}, only {nlp.pipe_names}; train "
            f"it under the teacher component's name."
        )
    labels = nlp.pipe_labels[contract.name]
    if set(labels) != set(contract.labels):
        raise UserError(
            f"The student {path} has the labels {sorted(labels)}, its teacher "
            f"{sorted(contract.labels)}; train it on the teacher's labels."
        )
    return nlp


def student_temperature(nlp: Language, name: str) -> float | None:
    """Return the temperature that a student carries in its meta, if it carries one."""
    stored = nlp.meta.get("distill", {}).get("temperature", {}).get(name)
    return None if stored is None else float(stored)


def student_thresholds(nlp: Language, contract: Contract) -> Floats:
    """Return the thresholds of a student's labels.

    nlp (Language): The student's pipeline.
    contract (Contract): The component's name and labels.
    RETURNS (Floats): Shape (labels,): those that its meta carries, else its component's own.
    """
    component: Any = nlp.get_pipe(contract.name)
    default = getattr(component, "cfg", {}).get("threshold", THRESHOLD)
    stored = nlp.meta.get("distill", {}).get("thresholds", {}).get(contract.name, {})
    return np.asarray([stored.get(label, default) for label in contract.labels], dtype=np.float64)


def untuned(nlp: Language, predictions: Predictions, *, contract: Contract) -> list[Predictions]:
    """Return what a student would say with 0.5 for every threshold, as a row to compare with.

    nlp (Language): The student's pipeline.
    predictions (Predictions): What it says with its own thresholds.
    contract (Contract): The contract with its labels.
    RETURNS (list[Predictions]): One; none if its own thresholds are 0.5, or it assigns one label.
    """
    thresholds = predictions.thresholds
    if thresholds is None or (thresholds == THRESHOLD).all():
        return []
    plain = make_predictions(
        f"{predictions.name} at {THRESHOLD}",
        predictions.scores,
        exclusive=False,
        temperature=student_temperature(nlp, contract.name) or 1.0,
    )
    return [plain]


def predict(
    nlp: Language,
    texts: Sequence[str],
    *,
    name: str,
    contract: Contract,
    track: Track = untracked,
) -> Predictions:
    """Run a student over texts, the whole pipeline as in production.

    nlp (Language): The student's pipeline.
    texts (Sequence[str]): The texts.
    name (str): The system's name in the tables.
    contract (Contract): The contract with its labels.
    track (Track): Shows progress.
    RETURNS (Predictions): Its predictions at its stored thresholds, with confidences at its stored
        temperature.
    """
    docs = track(nlp.pipe(texts, batch_size=BATCH_SIZE), total=len(texts), desc=f"Run {name}")
    scores = cats_scores([dict(doc.cats) for doc in docs], contract.labels)
    return make_predictions(
        name,
        scores,
        exclusive=contract.exclusive,
        threshold=student_thresholds(nlp, contract),
        temperature=student_temperature(nlp, contract.name) or 1.0,
    )
