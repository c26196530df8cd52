"""Ship, ship with fallback, or don't ship: the verdict and its reasons, with the numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from .acceptance import Check, Criteria, check_quality, check_speed
from .cascade import MARGIN, MIN_KEPT, Operating
from .marked import Marked
from .paired import Difference
from .speed import Speed
from .systems import System

Word = Literal["ship", "ship with fallback", "don't ship"]
MIN_COVERAGE = 0.5
NO_DEV = "Without gold dev Docs no threshold for a fallback can be chosen."


@dataclass(frozen=True)
class Verdict:
    """The verdict.

    word (str): "ship", "ship with fallback" or "don't ship".
    reasons (tuple[str, ...]): Why, in sentences with numbers.
    threshold (float | None): The confidence below which the teacher is asked, with a fallback.
    checks (tuple[Check, ...]): The user's criteria on all test Docs.
    kept_checks (tuple[Check, ...]): Those of quality on the test Docs above a dev-chosen threshold.
    """

    word: Word
    reasons: tuple[str, ...]
    threshold: float | None = None
    checks: tuple[Check, ...] = ()
    kept_checks: tuple[Check, ...] = ()


def default_verdict(
    difference: Difference, student: System, *, tfidf: System, fallback: Operating | None
) -> Verdict:
    """Decide without criteria of the user's: is the student at the teacher's level?

    difference (Difference): Student minus teacher accuracy on test.
    student (System): The student's scores.
    tfidf (System): The baseline's.
    fallback (Operating | None): The threshold at the teacher's level; None without gold dev.
    RETURNS (Verdict): "ship" if the worst of the difference is at least -.02 and the student
        beats the baseline; "ship with fallback" if the threshold keeps half of the test Docs
        and the teacher's level holds on them.
    """
    near = difference.worst >= -MARGIN - 1e-9
    ours, theirs = _accuracy(student), _accuracy(tfidf)
    above = ours > theirs
    reasons = [
        f"Student minus teacher accuracy on {difference.accuracy.n} gold Docs: "
        f"{difference.accuracy}. To ship, the worst that it may well be, {difference.worst:.3f}, "
        f"must be at least -{MARGIN}: {_met(near)}.",
        f"Student's accuracy: {ours:.3f} must be above {tfidf.name}'s {theirs:.3f}: {_met(above)}.",
    ]
    if near and above:
        return Verdict("ship", tuple(reasons))
    if fallback is None or fallback.test is None:
        reasons.append(NO_DEV if fallback is None else str(fallback))
        return Verdict("don't ship", tuple(reasons))
    coverage, n_dev = fallback.test.coverage, fallback.dev.coverage.n if fallback.dev else 0
    enough = coverage.value >= MIN_COVERAGE
    reasons.append(
        f"Fallback: the threshold {fallback.threshold:.4f}, at the teacher's level on "
        f"{n_dev} gold dev Docs, must keep at least half of the test Docs and keeps "
        f"{coverage}: {_met(enough)}."
    )
    if not enough:
        return Verdict("don't ship", tuple(reasons))
    reasons.append(
        f"On the {fallback.test.accuracy.n} test Docs kept, the student's accuracy is "
        f"{fallback.test.accuracy}, the teacher's {fallback.test.teacher_accuracy.value:.3f}: the "
        f"teacher's level less {MARGIN} {'held' if fallback.held else 'did not hold'} on test."
    )
    if not fallback.held:
        return Verdict("don't ship", tuple(reasons))
    return Verdict("ship with fallback", tuple(reasons), fallback.threshold)


def acceptance_verdict(
    criteria: Criteria, test: Marked, *, dev: Marked | None, speed: Speed, labels: Sequence[str]
) -> Verdict:
    """Decide by the user's own criteria.

    criteria (Criteria): The criteria.
    test (Marked): The student on the gold test Docs.
    dev (Marked | None): The student on the gold dev Docs, to choose a threshold on.
    speed (Speed): What the student costs to run.
    labels (Sequence[str]): The labels, in the order of the columns.
    RETURNS (Verdict): "ship" if all are met; "ship with fallback" if only those of quality are
        missed and they are met on the half or more of the test Docs above a dev-chosen threshold.
    """
    everything = np.ones(len(test.gold), dtype=bool)
    quality = check_quality(criteria, test, labels=labels, rows=everything)
    running = check_speed(criteria, speed)
    checks = quality + running
    reasons = tuple(map(str, checks))
    if all(check.met for check in checks):
        return Verdict("ship", reasons, checks=checks)
    if not all(check.met for check in running):
        return Verdict("don't ship", reasons, checks=checks)
    kept = _kept_verdict(criteria, test, dev, labels)
    return replace(kept, reasons=reasons + kept.reasons, checks=checks)


def _kept_verdict(
    criteria: Criteria, test: Marked, dev: Marked | None, labels: Sequence[str]
) -> Verdict:
    if dev is None:
        return Verdict("don't ship", (NO_DEV,))
    threshold = _accepted_threshold(criteria, dev, labels)
    if threshold is None:
        reason = (
            f"No confidence threshold keeps at least {MIN_KEPT} of the {len(dev.gold)} gold dev "
            f"Docs and meets the criteria of quality on them."
        )
        return Verdict("don't ship", (reason,))
    rows = test.confidence >= threshold
    checks = check_quality(criteria, test, labels=labels, rows=rows)
    coverage = float(rows.mean())
    reason = (
        f"Above a confidence of {threshold:.4f}, the lowest that meets them on {len(dev.gold)} "
        f"gold dev Docs, the student keeps {coverage:.3f} of the {len(rows)} test Docs; a fallback "
        f"needs at least half."
    )
    on_kept = tuple(f"On the kept Docs: {check}" for check in checks)
    good = coverage >= MIN_COVERAGE and all(check.met for check in checks)
    return Verdict(
        "ship with fallback" if good else "don't ship",
        (reason, *on_kept),
        threshold if good else None,
        kept_checks=checks,
    )


def _accepted_threshold(criteria: Criteria, dev: Marked, labels: Sequence[str]) -> float | None:
    sure = dev.confidence
    for threshold in np.unique(sure).tolist():
        rows = sure >= threshold
        if rows.sum() < MIN_KEPT:
            return None
        checks = check_quality(criteria, dev, labels=labels, rows=rows)
        if all(check.met for check in checks):
            return float(threshold)
    return None


def _accuracy(system: System) -> float:
    return system.accuracy.value if system.accuracy is not None else 0.0


def _met(fact: bool) -> str:
    return "met" if fact else "missed"
