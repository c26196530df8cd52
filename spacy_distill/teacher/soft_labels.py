"""The soft label of one answer, from the log-probabilities of its tokens."""

from dataclasses import replace

from ..ty import Answer
from .audit import LabelSpace
from .logprobs import is_end, token_bytes
from .masses import Masses, weigh

MAX_UNKNOWN = 0.05
POSITIVE, NEGATIVE = "POS", "NEG"


def soft_label(
    answer: Answer, labels: tuple[str, ...], space: LabelSpace
) -> tuple[dict[str, float] | None, str]:
    """Return the probability of each label, given that the answer is one of them.

    answer (Answer): An answer that passed the audit.
    labels (tuple[str, ...]): The labels that apply according to the audit.
    space (LabelSpace): The task's labels.
    RETURNS (tuple[dict[str, float] | None, str]): The score of each label; None if the answer must
        count as a whole vote, and why, if it came with log-probabilities of which one label applies.
    """
    if not answer.logprobs or not (space.exclusive or space.binary):
        return None, ""
    if space.binary:
        (label,) = space.labels
        scores, reason = read_scores(answer, POSITIVE if labels else NEGATIVE, binary(space))
        return (scores and {label: scores[POSITIVE]}), reason
    return read_scores(answer, labels[0], space)


def binary(space: LabelSpace) -> LabelSpace:
    """Return the space of the two answers to a task with a single label."""
    return replace(space, by_answer={POSITIVE: POSITIVE, NEGATIVE: NEGATIVE}, normalize=str.upper)


def read_scores(
    answer: Answer, label: str, space: LabelSpace
) -> tuple[dict[str, float] | None, str]:
    """Return the score of each label if the log-probabilities are clear enough, else why not."""
    if not belong(answer):
        return None, "whole vote: the log-probabilities are of another text than the answer"
    masses = weigh(answer.logprobs, space)
    if label not in masses.reached:
        return None, f"whole vote: the tokens do not lead to {label!r}"
    if masses.unknown > MAX_UNKNOWN:
        return None, f"whole vote: the log-probabilities leave {masses.unknown:.0%} open"
    return spread(masses), ""


def belong(answer: Answer) -> bool:
    """Say whether the tokens with log-probabilities are those of the response, no more and no less."""
    raw = b"".join(token_bytes(x.token) for x in answer.logprobs if not is_end(x.token))
    return raw.decode("utf8", "replace").strip() == (answer.response or "").strip()


def spread(masses: Masses) -> dict[str, float]:
    """Give what is open to the labels that it is open for, and leave out what is no label.

    masses (Masses): The masses; some of it must be known.
    RETURNS (dict[str, float]): The scores, which add up to 1.0. What is open goes to the labels in
        proportion to what is known of them; equally if nothing is.
    """
    scores = dict(masses.known)
    for labels, mass in masses.open.items():
        known = sum(masses.known[label] for label in labels)
        for label in labels:
            scores[label] += mass * (masses.known[label] / known if known else 1 / len(labels))
    total = sum(scores.values())
    return {label: score / total for label, score in scores.items()}
