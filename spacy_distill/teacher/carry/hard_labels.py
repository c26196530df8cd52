"""The one answer to a Doc: gold before the teacher, and a soft label made hard."""

from dataclasses import dataclass

from spacy.tokens import Doc

from ...attrs import doc_id
from ...contract import Contract, gold_labels
from ...errors import UserError

NO_LABEL = "without a label"
INCOMPLETE = "without a label for some of the labels"
TIE = "tie between labels"
UNSURE = "below the lowest confidence"
BAD_GOLD = "gold that the task's labels don't allow"


@dataclass(frozen=True)
class HardLabels:
    """The labels that apply to a Doc, whether a person said so, and how sure the teacher was."""

    labels: tuple[str, ...]
    is_gold: bool
    confidence: float


def hard_labels(doc: Doc, contract: Contract, *, min_confidence: float) -> HardLabels | str:
    """Decide which labels apply to a Doc.

    doc (Doc): The Doc.
    contract (Contract): The labels.
    min_confidence (float): The lowest score of the leading label or, where labels are not exclusive,
        of the side that each label is on, from 0.0 to 1.0.
    RETURNS (HardLabels | str): The labels, or why there are none.
    RAISES (UserError): If the Doc has labels that the contract does not.
    """
    gold = gold_labels(doc, contract)
    if gold is not None:
        fits = set(gold) <= set(contract.labels) and (not contract.exclusive or len(gold) == 1)
        labels = tuple(name for name in contract.labels if name in gold)
        return HardLabels(labels, is_gold=True, confidence=1.0) if fits else BAD_GOLD
    check_labels(doc, contract)
    if not doc.cats:
        return NO_LABEL
    found = _leading(doc, contract) if contract.exclusive else _applying(doc, contract)
    if isinstance(found, HardLabels) and found.confidence < min_confidence:
        return UNSURE
    return found


def check_labels(doc: Doc, contract: Contract) -> None:
    """Refuse a corpus that another teacher has labelled.

    RAISES (UserError): If the Doc has labels that the contract does not.
    """
    foreign = [label for label in doc.cats if label not in contract.labels]
    if foreign:
        raise UserError(
            f"Doc {doc_id(doc)} has the labels {foreign}, but those of the teacher are "
            f"{list(contract.labels)}; give the config and label map that it was labelled with."
        )


def _leading(doc: Doc, contract: Contract) -> HardLabels | str:
    best = max(doc.cats.values())
    labels = tuple(name for name in contract.labels if doc.cats.get(name) == best)
    return TIE if len(labels) > 1 else HardLabels(labels, is_gold=False, confidence=best)


def _applying(doc: Doc, contract: Contract) -> HardLabels | str:
    if len(doc.cats) < len(contract.labels):
        return INCOMPLETE
    confidence = min(max(score, 1.0 - score) for score in doc.cats.values())
    labels = tuple(name for name in contract.labels if doc.cats[name] > 0.5)
    is_tie = any(score == 0.5 for score in doc.cats.values())
    return TIE if is_tie else HardLabels(labels, is_gold=False, confidence=confidence)
