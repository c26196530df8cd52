"""The labels that a corpus is written with: the teacher's as they are, hard ones, or gold."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

from spacy.tokens import Doc

from ..attrs import doc_id
from ..contract import Contract, gold_labels
from ..errors import UserError

LabelSource = Literal["teacher", "gold"]
Cats = dict[str, float]
PickLabels = Callable[[Doc], Cats | str]  # a Doc's labels, or why it has none

NO_LABEL = "without a label"
FOREIGN_LABEL = "human label that the task doesn't have"
SEVERAL_LABELS = "several human labels, but the task is exclusive"
REJECTED = (FOREIGN_LABEL, SEVERAL_LABELS)


def configure_labels(source: LabelSource, contract: Contract) -> PickLabels:
    """Return the function that picks the labels of a Doc.

    source ("teacher" | "gold"): `doc.cats`, or the human labels of the same Docs.
    contract (Contract): The labels of the task.
    RETURNS (PickLabels): From a Doc to its labels, or to the reason why it has none.
    """
    if source == "gold":
        return partial(pick_gold, contract=contract)
    return partial(pick_teacher, contract=contract)


def pick_teacher(doc: Doc, *, contract: Contract) -> Cats | str:
    """Pick the teacher's labels as they are: soft, and absent where nothing is known.

    RAISES (UserError): If the Doc has labels that the task doesn't.
    """
    foreign = [label for label in doc.cats if label not in contract.labels]
    if foreign:
        raise UserError(
            f"Doc {doc_id(doc)} has the labels {foreign}, but those of the teacher are "
            f"{list(contract.labels)}; label with the same teacher config and label map."
        )
    return dict(doc.cats) or NO_LABEL


def pick_gold(doc: Doc, *, contract: Contract) -> Cats | str:
    """Pick the human labels of a Doc, mapped: 1.0 or 0.0 for each label of the task."""
    mapped = gold_labels(doc, contract)
    if mapped is None:
        return NO_LABEL
    if not set(mapped).issubset(contract.labels):
        return FOREIGN_LABEL
    if contract.exclusive and len(mapped) != 1:
        return SEVERAL_LABELS if mapped else NO_LABEL
    return {label: float(label in mapped) for label in contract.labels}


def harden(cats: Mapping[str, float], contract: Contract) -> Cats:
    """Turn soft labels into 0.0 and 1.0.

    cats (Mapping[str, float]): At least one label with its score.
    contract (Contract): The labels of the task.
    RETURNS (Cats): If exclusive, 1.0 for the highest score (the contract's first among equals) and
        0.0 for all other labels of the task; else 1.0 from 0.5 up, absent labels still absent.
    """
    if not contract.exclusive:
        return {label: float(score >= 0.5) for label, score in cats.items()}
    best = max((label for label in contract.labels if label in cats), key=cats.__getitem__)
    return {label: float(label == best) for label in contract.labels}
