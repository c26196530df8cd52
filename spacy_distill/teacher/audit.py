"""The response audit: which answers of a text classification teacher may become labels."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..refusals import REFUSAL
from ..ty import Answer, Audited, Outcome

NONE = "==NONE=="
DECORATION = " \t\r\n`'\"“”‘’*_."


@dataclass(frozen=True)
class LabelSpace:
    """What a text classification task accepts as an answer.

    by_answer (Mapping[str, str]): Normalised answer to label.
    normalize (Callable[[str], str]): The task's normaliser.
    exclusive (bool): Whether exactly one label applies.
    allow_none (bool): Whether `==NONE==` says that no label applies.
    binary (bool): Whether there is one label, answered by POS or NEG.
    """

    by_answer: Mapping[str, str]
    normalize: Callable[[str], str]
    exclusive: bool
    allow_none: bool
    binary: bool

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels of the task."""
        return tuple(self.by_answer.values())


def audit(answer: Answer, space: LabelSpace) -> Audited:
    """Judge one answer to a text classification prompt of spacy-llm's TextCat v1 to v3.

    answer (Answer): What came back.
    space (LabelSpace): The task's labels.
    RETURNS (Audited): The outcome; only "ok" has labels.
    """
    if answer.status != "answered" or answer.response is None:
        outcome: Outcome = answer.status if answer.status != "answered" else "failed"
        return Audited(outcome, answer.reason or answer.finish_reason or "no response")
    response = answer.response.strip()
    if not response:
        return Audited("unparsed", "the answer is empty")
    if REFUSAL.match(response):
        return Audited("refused", shortened(response))
    if space.binary:
        return audit_binary(response, space)
    return audit_labels(response, space)


def audit_binary(response: str, space: LabelSpace) -> Audited:
    """Judge the answer to a task with a single label: POS or NEG."""
    answer = response.strip(DECORATION).upper()
    if answer == "POS":
        return Audited("ok", labels=space.labels)
    if answer == "NEG":
        return Audited("ok", labels=())
    return Audited("unparsed", f"neither POS nor NEG: {shortened(response)}")


def audit_labels(response: str, space: LabelSpace) -> Audited:
    """Judge an answer that should be one label or, if not exclusive, several with commas."""
    if response.strip(DECORATION) == NONE and not space.exclusive and space.allow_none:
        return Audited("ok", labels=())
    parts = [part for part in re.split(r"[,\n]", response) if part.strip()]
    found = [known_label(part, space) for part in parts]
    labels = tuple(dict.fromkeys(label for label in found if label is not None))
    if None in found:
        return audit_unknown(response, parts, found, space)
    if not labels:
        return Audited("unparsed", f"no label: {shortened(response)}")
    if space.exclusive and len(labels) != 1:
        return Audited("several", f"several labels for an exclusive task: {shortened(response)}")
    return Audited("ok", labels=labels)


def audit_unknown(
    response: str, parts: list[str], found: list[str | None], space: LabelSpace
) -> Audited:
    """Say how an answer with something in it that is no label went wrong."""
    longest = max(len(label.split()) for label in space.labels)
    unknown = [part.strip() for part, label in zip(parts, found, strict=True) if label is None]
    if any(len(part.split()) > longest + 1 for part in unknown):
        return Audited("unparsed", f"no plain list of labels: {shortened(response)}")
    last = space.normalize(parts[-1].strip())
    if found[-1] is None and len(unknown) == 1 and len(last) > 2 and starts_label(last, space):
        return Audited("truncated", f"a label is cut off: {shortened(response)}")
    return Audited("outside", f"not among the labels: {shortened(', '.join(unknown))}")


def known_label(part: str, space: LabelSpace) -> str | None:
    """Return the label that a part of an answer names, also in quotes or with a full stop."""
    exact = space.by_answer.get(space.normalize(part.strip()))
    return exact or space.by_answer.get(space.normalize(part.strip(DECORATION)))


def starts_label(answer: str, space: LabelSpace) -> bool:
    """Say whether an answer is the beginning of a label."""
    return any(known.startswith(answer) for known in space.by_answer)


def shortened(text: str, n: int = 80) -> str:
    """Return a text on one line, cut after n characters."""
    line = " ".join(text.split())
    return line if len(line) <= n else line[: n - 1] + "…"
