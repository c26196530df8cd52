"""The thresholds that a student of several labels carries: from which score on each applies.

Stock `textcat_multilabel` leaves probabilities in `doc.cats`, so the code that calls the pipeline
decides; it needs nothing of this package for that:

    thresholds = nlp.meta["distill"]["thresholds"]["llm"]
    labels = [label for label, score in doc.cats.items() if score >= thresholds[label]]
"""

from pathlib import Path

from ..contract import Contract
from ..scoring.thresholds import choose_thresholds
from .meta import store_choice
from .scored import Scored


def store_thresholds(student: Path | str, held_out: Scored, contract: Contract) -> dict[str, float]:
    """Choose a student's thresholds and keep them in the student's `meta.json`.

    student (Path | str): The trained pipeline; its weights and scores stay as they are.
    held_out (Scored): Scores on Docs that were not learned from, with human labels or, for want of
        them, the teacher's.
    contract (Contract): The component's name and labels.
    RETURNS (dict[str, float]): By label. They stand under `distill.thresholds.<component>`; how they
        are chosen says `spacy_distill.scoring.thresholds`.
    """
    chosen = choose_thresholds(held_out.scores, held_out.labels).tolist()
    thresholds = dict(zip(contract.labels, chosen, strict=True))
    store_choice(student, "thresholds", {contract.name: thresholds})
    return thresholds
