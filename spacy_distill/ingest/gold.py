"""The human labels of a row: read, and checked against the task's labels."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from .rows import Problem


@dataclass(frozen=True)
class GoldRule:
    """What a row's gold may be.

    labels (Collection[str] | None): The labels that it may have; None allows any.
    exclusive (bool): Whether exactly one label applies.
    """

    labels: Collection[str] | None = None
    exclusive: bool = True


def read_gold(value: Any, rule: GoldRule) -> tuple[str, ...] | Problem:
    """Read the human labels of one row.

    value (Any): The value of the gold column: a label or a list of labels.
    rule (GoldRule): What is allowed.
    RETURNS (tuple[str, ...] | Problem): The labels, sorted, each once; or what is wrong. An
        empty list is gold where labels are not exclusive: none of them applies.
    """
    labels = _as_labels(value)
    if isinstance(labels, Problem):
        return labels
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


def _as_labels(value: Any) -> Sequence[str] | Problem:
    labels = value if isinstance(value, list) else [value]
    if value is None or value == "":
        return Problem("no gold", f"the value is {value!r}")
    if not all(isinstance(label, str) for label in labels):
        return Problem("gold not in labels", f"{value!r} is neither text nor a list of texts")
    return [label.strip() for label in labels]
