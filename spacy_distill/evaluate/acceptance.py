"""The user's own `[acceptance]` criteria: read, checked and listed as met or missed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from math import isnan
from pathlib import Path
from typing import Any

from confection import Config
from thinc.api import ConfigValidationError

from ..errors import UserError
from ..scoring.scores import label_counts, points
from ..scoring.ty import Bools
from .marked import Marked
from .speed import Speed


@dataclass(frozen=True)
class Criteria:
    """What a student must reach on gold test to ship; what is not set is not asked for.

    min_accuracy (float | None): Accuracy, from 0 to 1 (exact match if several labels may apply).
    min_macro_f1 (float | None): Macro-F1, from 0 to 1.
    min_recall (Mapping[str, float]): Recall per label, from 0 to 1.
    max_latency_ms (float | None): 95th percentile of the time for one Doc, in milliseconds.
    max_size_mb (float | None): Size on disk, in MB.
    min_docs_per_s (float | None): Throughput in batches, in Docs per second.
    """

    min_accuracy: float | None = None
    min_macro_f1: float | None = None
    min_recall: Mapping[str, float] = field(default_factory=dict)
    max_latency_ms: float | None = None
    max_size_mb: float | None = None
    min_docs_per_s: float | None = None


@dataclass(frozen=True)
class Check:
    """One criterion and what the student reaches; value is None where it cannot be measured."""

    criterion: str
    required: float
    value: float | None
    met: bool

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.criterion} {self.required:g}: missed (no gold Doc to measure it on)."
        return f"{self.criterion} {self.required:g}: {_met(self.met)} ({self.value:.4g})."


NO_CRITERIA = Criteria()
KEYS = tuple(entry.name for entry in fields(Criteria))
SHARES = ("min_accuracy", "min_macro_f1", "min_recall")


def read_criteria(path: Path | str, labels: Sequence[str]) -> Criteria:
    """Read the `[acceptance]` block of a config file.

    path (Path | str): The file.
    labels (Sequence[str]): The task's labels, for min_recall.
    RETURNS (Criteria): The criteria; none where the block is absent or empty.
    RAISES (UserError): For an unknown key or label or a value that makes no sense.
    """
    if not Path(path).is_file():
        raise UserError(f"No acceptance config at {path}; leave --acceptance out for the default.")
    try:
        block = Config().from_disk(path).get("acceptance", {})
    except (ConfigValidationError, ValueError) as error:
        raise UserError(f"{path} is not a valid config: {error}") from error
    unknown = [key for key in block if key not in KEYS]
    if unknown:
        raise UserError(
            f"Unknown key {unknown[0]!r} in [acceptance] of {path}; valid are {', '.join(KEYS)}."
        )
    recalls = block.get("min_recall", {})
    if not isinstance(recalls, dict):
        raise UserError(f"min_recall in {path} is a block of its own: [acceptance.min_recall].")
    strange = [label for label in recalls if label not in labels]
    if strange:
        raise UserError(
            f"Unknown label {strange[0]!r} in [acceptance.min_recall] of {path}; the labels are "
            f"{', '.join(labels)}."
        )
    for key, value in [*block.items(), *(("min_recall", value) for value in recalls.values())]:
        if value is not recalls:
            _check_value(key, value, path)
    return Criteria(**block)


def check_quality(
    criteria: Criteria, docs: Marked, *, labels: Sequence[str], rows: Bools
) -> tuple[Check, ...]:
    """Check the criteria of quality on some of the Docs.

    criteria (Criteria): The criteria.
    docs (Marked): The student on gold Docs.
    labels (Sequence[str]): The labels, in the order of the columns.
    rows (Bools): Which Docs to look at.
    RETURNS (tuple[Check, ...]): One check per criterion that is set. A recall that cannot be
        measured, since none of these Docs has the label, counts as missed.
    """
    sums = label_counts(docs.student, docs.gold)[rows].sum(axis=0, keepdims=True)
    values = points(sums)
    recalls = dict(zip(labels, values.recall[0].tolist(), strict=True))
    checks = [
        _at_least("min_accuracy", criteria.min_accuracy, float(values.accuracy[0])),
        _at_least("min_macro_f1", criteria.min_macro_f1, float(values.macro_f1[0])),
        *(
            _at_least(f"min_recall of {label}", required, recalls[label])
            for label, required in criteria.min_recall.items()
        ),
    ]
    return tuple(check for check in checks if check is not None)


def check_speed(criteria: Criteria, speed: Speed) -> tuple[Check, ...]:
    """Check the criteria of latency, size and throughput.

    RETURNS (tuple[Check, ...]): One check per criterion that is set.
    """
    checks = [
        _at_most("max_latency_ms", criteria.max_latency_ms, speed.latency_p95_ms),
        _at_most("max_size_mb", criteria.max_size_mb, speed.size_mb),
        _at_least("min_docs_per_s", criteria.min_docs_per_s, speed.docs_per_s),
    ]
    return tuple(check for check in checks if check is not None)


def _met(fact: bool) -> str:
    return "met" if fact else "missed"


def _at_least(name: str, required: float | None, value: float) -> Check | None:
    if required is None:
        return None
    return Check(name, required, None if isnan(value) else value, value >= required)


def _at_most(name: str, required: float | None, value: float) -> Check | None:
    return None if required is None else Check(name, required, value, value <= required)


def _check_value(key: str, value: Any, path: Path | str) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or value < 0 or (key in SHARES and value > 1):
        span = "from 0 to 1" if key in SHARES else "of at least 0"
        raise UserError(f"{key} in {path} must be a number {span}, found {value!r}.")
