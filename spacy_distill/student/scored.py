"""A student's scores on Docs whose labels are known: what it is tuned on after training."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import spacy
from spacy.tokens import Doc

from ..contract import Contract, check_gold_labels, gold_cats
from ..errors import UserError
from ..io import read_docs
from ..scoring.predictions import cats_scores
from ..scoring.ty import Bools, Floats

BATCH_SIZE = 64
NO_GOLD = "No Doc in {corpus} has a human label; ingest it with --gold COLUMN."
KnownCats = Callable[[Doc, Contract], dict[str, float] | None]


@dataclass(frozen=True)
class Scored:
    """Docs with the labels that they have and the scores that a student gives them.

    scores (Floats): Probabilities, shape (Docs, labels).
    labels (Bools): The labels that apply, same shape.
    """

    scores: Floats
    labels: Bools


def score_gold(student: Path | str, corpus: Path | str, contract: Contract) -> Scored:
    """Run a student over the Docs of a corpus that have human labels.

    student (Path | str): The trained pipeline.
    corpus (Path | str): The corpus; the student must not have learned from it.
    contract (Contract): The component's name and labels.
    RETURNS (Scored): Its scores beside the human labels.
    RAISES (UserError): If no Doc of the corpus has gold, or one has gold of another task.
    """
    scored = _score(student, corpus, contract, known=checked_cats)
    if scored is None:
        raise UserError(NO_GOLD.format(corpus=corpus))
    return scored


def check_gold(corpus: Path | str, contract: Contract) -> None:
    """Make sure, before a student is trained, that a corpus has human labels of the contract.

    RAISES (UserError): If it has none, or one of another task.
    """
    golds = [checked_cats(doc, contract) for doc in read_docs(corpus)]
    if all(cats is None for cats in golds):
        raise UserError(NO_GOLD.format(corpus=corpus))


def checked_cats(doc: Doc, contract: Contract) -> dict[str, float] | None:
    """Return the human labels of a Doc in the form of `doc.cats`; None if it has none.

    RAISES (UserError): If they are not those of the contract.
    """
    check_gold_labels(doc, contract)
    return gold_cats(doc, contract)


def score_dev(student: Path | str, corpus: Path | str, contract: Contract) -> Scored:
    """Run a student over the Docs of a dev corpus that have all labels of `doc.cats`.

    student, corpus, contract: As for `score_gold`.
    RETURNS (Scored): Its scores beside the teacher's labels.
    RAISES (UserError): If no Doc of the corpus has all labels.
    """
    scored = _score(student, corpus, contract, known=complete_cats)
    if scored is None:
        raise UserError(f"No Doc in {corpus} has all of the labels {list(contract.labels)}.")
    return scored


def complete_cats(doc: Doc, contract: Contract) -> dict[str, float] | None:
    """Return the labels of a Doc; None if one of the task's is absent."""
    return dict(doc.cats) if doc.cats.keys() >= set(contract.labels) else None


def _score(
    student: Path | str, corpus: Path | str, contract: Contract, *, known: KnownCats
) -> Scored | None:
    nlp = spacy.load(student)
    labelled = [(doc.text, known(doc, contract)) for doc in read_docs(corpus, nlp.vocab)]
    texts = [text for text, cats in labelled if cats is not None]
    if not texts:
        return None
    predicted = [dict(doc.cats) for doc in nlp.pipe(texts, batch_size=BATCH_SIZE)]
    right = cats_scores([cats for _, cats in labelled if cats is not None], contract.labels)
    return Scored(cats_scores(predicted, contract.labels), right >= 0.5)
