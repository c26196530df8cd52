"""The human labels of a row: read, and checked against the task's labels."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import UserError
from .rows import Problem

NONE = "==NONE=="  # says "no label applies", as teachers answer


@dataclass(frozen=True)
class GoldRule:
    """What a row's gold may be.

    labels (Collection[str] | None): The labels that it may have; None allows any.
    exclusive (bool): Whether exactly one label applies.
    separator (str | None): What stands between several labels in one value; a value that holds
        it alone is an empty list where labels are not exclusive.
    """

    labels: Collection[str] | None = None
    exclusive: bool = True
    separator: str | None = None

    def __post_init__(self) -> None:
        if self.separator == "":
            raise UserError("The gold separator is empty; give one such as ';'.")


def read_gold(value: Any, rule: GoldRule) -> tuple[str, ...] | Problem:
    """Read the human labels of one row.

    value (Any): The value of the gold column: a label or a list of labels.
    rule (GoldRule): What is allowed.
    RETURNS (tuple[str, ...] | Problem): The labels, sorted, each once; or what is wrong. Where
        labels are not exclusive, an empty list is gold that says that none of them applies, and so
        is "==NONE=="; an empty value is no gold.
    """
    labels = _as_labels(value, rule)
    if isinstance(labels, Problem):
        return labels
    if not rule.exclusive and NONE in labels:
        others = [label for label in labels if label != NONE]
        if others:
            detail = f"{NONE} beside other labels: {', '.join(others)}"
            return Problem("gold not in labels", detail)
        return ()
    for label in labels:
        if rule.labels is not None and label not in rule.labels:
            allowed = ", ".join(rule.labels)
            return Problem("gold not in labels", f"{label!r} is none of {allowed}")
    kept = tuple(sorted(set(labels)))
    if rule.exclusive and not kept:
        return Problem("no gold", "the list is empty")
    if rule.exclusive and len(kept) > 1:
        return Problem("several gold labels", f"exactly one may apply: {', '.join(kept)}")
    return kept


def _as_labels(value: Any, rule: GoldRule) -> Sequence[str] | Problem:
    advice = "" if rule.exclusive else f"; write {NONE} where no label applies"
    if value is None or (isinstance(value, str) and not value.strip()):
        return Problem("no gold", f"the value is {value!r}{advice}")
    if rule.separator is not None and isinstance(value, str):
        if not rule.exclusive and value.strip() == rule.separator.strip():
            return []
        labels = [label.strip() for label in value.split(rule.separator)]
        named = [label for label in labels if label]
        return named or Problem("no gold", f"{value!r} has none{advice}")
    labels = value if isinstance(value, list) else [value]
    if not all(isinstance(label, str) for label in labels):
        return Problem("gold not in labels", f"{value!r} is neither text nor a list of texts")
    return [label.strip() for label in labels]
