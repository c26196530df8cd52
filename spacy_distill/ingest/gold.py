"""The human labels of a row: read, checked against the task's labels, and mapped."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..contract import LabelMap
from .rows import Problem


@dataclass(frozen=True)
class GoldRule:
    """What a row's gold may be.

    labels (Collection[str] | None): The teacher's labels before the label map; None allows any.
    label_map (LabelMap): Old label to new label, or to None to drop it; the new ones are allowed in
        the source as well.
    exclusive (bool): Whether exactly one label applies.
    """

    labels: Collection[str] | None = None
    label_map: LabelMap = field(default_factory=dict)
    exclusive: bool = True


def read_gold(value: Any, rule: GoldRule) -> tuple[str, ...] | Problem:
    """Read the human labels of one row.

    value (Any): The value of the gold column: a label or a list of labels.
    rule (GoldRule): What is allowed.
    RETURNS (tuple[str, ...] | Problem): The mapped labels, sorted, each once; or what is wrong. An
        empty list is gold where labels are not exclusive: none of them applies.
    """
    labels = _as_labels(value)
    if isinstance(labels, Problem):
        return labels
    for label in labels:
        if not _is_allowed(label, rule):
            allowed = ", ".join(rule.labels or ())
            return Problem("gold not in labels", f"{label!r} is none of {allowed}")
    mapped = (rule.label_map.get(label, label) for label in labels)
    kept = tuple(sorted({label for label in mapped if label is not None}))
    if rule.exclusive and not kept:
        return Problem("no gold", f"the label map drops {', '.join(labels)}" if labels else "[]")
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


def _is_allowed(label: str, rule: GoldRule) -> bool:
    if rule.labels is None or label in rule.labels:
        return True
    return label in rule.label_map.values()
