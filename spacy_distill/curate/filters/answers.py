"""Filters on what the teacher answered: did any answer become a label, and do they agree?"""

from collections.abc import Callable
from functools import partial

from spacy.tokens import Doc

from ...attrs import AnswerRecord, VerdictRecord, get_distill


def create_unparsed_filter() -> Callable[[Doc], VerdictRecord]:
    """Create a filter that drops a Doc of which no answer became a label.

    RETURNS (Callable[[Doc], VerdictRecord]): The filter; its score is the number of good answers.
        A Doc that was labelled in another way than by asking is kept if it has labels.
    """
    return judge_parsed


def judge_parsed(doc: Doc) -> VerdictRecord:
    """Judge a Doc by how many answers became labels."""
    record = get_distill(doc)
    answers = record.get("answers")
    if answers is None:
        n_ok, evidence = int(bool(doc.cats)), "not asked" if doc.cats else "not asked, no labels"
    else:
        n_ok = record.get("n_ok", 0)
        evidence = "; ".join(_outcome(answer) for answer in answers) or "no answers"
    return VerdictRecord(
        filter="unparsed", keep=n_ok >= 1, score=float(n_ok), threshold=1.0, evidence=evidence
    )


def _outcome(answer: AnswerRecord) -> str:
    return f"{answer['outcome']} ({answer['reason']})" if answer["reason"] else answer["outcome"]


def create_agreement_filter(threshold: float) -> Callable[[Doc], VerdictRecord]:
    """Create a filter that drops a Doc on which the teacher's answers agree too little.

    threshold (float): The lowest agreement that is kept, from 0.0 to 1.0.
    RETURNS (Callable[[Doc], VerdictRecord]): The filter; its score is the agreement. A Doc with
        fewer than two answers has none and is kept.
    """
    return partial(judge_agreement, threshold=threshold)


def judge_agreement(doc: Doc, *, threshold: float) -> VerdictRecord:
    """Judge a Doc by the agreement of its answers."""
    agreement = get_distill(doc).get("agreement")
    labels = sorted(doc.cats.items(), key=lambda item: -item[1])
    votes = ", ".join(f"{label} {score:.2f}" for label, score in labels if score > 0.0)
    return VerdictRecord(
        filter="agreement",
        keep=agreement is None or agreement >= threshold,
        score=1.0 if agreement is None else agreement,
        threshold=threshold,
        evidence="fewer than two answers" if agreement is None else votes,
    )
