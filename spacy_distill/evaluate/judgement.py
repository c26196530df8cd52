"""All that needs gold: pairs, errors, calibration, cascade, cost and the verdict."""

from collections.abc import Sequence
from functools import partial

from ..contract import Contract
from ..scoring.calibration import (
    Calibration,
    apply_temperature,
    confidence,
    expected_calibration_error,
    fit_temperature,
)
from .acceptance import NO_CRITERIA, Criteria
from .attribution import attribute_errors
from .cascade import AT_TEACHER, LEVELS, Operating, kept_curve, operate
from .confusion import confusion_cells
from .gold import GoldSet
from .marked import Marked
from .paired import compare
from .result import Cost, GoldResult, Price
from .slices import slice_scores
from .speed import Speed
from .systems import STUDENT, TFIDF, System
from .verdict import acceptance_verdict, default_verdict


def judge(
    docs: Marked,
    systems: Sequence[System],
    *,
    test: GoldSet,
    dev: Marked | None,
    contract: Contract,
    temperature: float | None,
    speed: Speed,
    criteria: Criteria,
    price: Price | None,
) -> GoldResult:
    """Hold a student against gold and its teacher, and reach a verdict.

    docs (Marked): Student and teacher on the gold test Docs.
    systems (Sequence[System]): The rows of the main table.
    test (GoldSet): The test Docs themselves.
    dev (Marked | None): Student and teacher on the gold dev Docs.
    contract (Contract): The labels.
    temperature (float | None): The temperature that the student carries.
    speed (Speed): What the student costs to run.
    criteria (Criteria): The user's own criteria; the default rule decides if none is set.
    price (Price | None): What the teacher charges.
    RETURNS (GoldResult): The result.
    """
    labels, exclusive = contract.labels, contract.exclusive
    cascade = tuple(operate(dev, docs, purpose=purpose) for purpose in LEVELS) if dev else ()
    fallback = next((point for point in cascade if point.purpose == AT_TEACHER), None)
    difference = compare(docs.student_right, docs.teacher_right)
    if criteria == NO_CRITERIA:
        rows = {system.name: system for system in systems}
        verdict = default_verdict(difference, rows[STUDENT], tfidf=rows[TFIDF], fallback=fallback)
    else:
        verdict = acceptance_verdict(criteria, docs, dev=dev, speed=speed, labels=labels)
    confuse = partial(
        confusion_cells, gold=docs.gold, ids=test.ids, labels=labels, exclusive=exclusive
    )
    return GoldResult(
        n_dev=len(dev.gold) if dev else 0,
        difference=difference,
        confusion={x.name: confuse(x) for x in (docs.teacher, docs.student)},
        causes=attribute_errors(docs, ids=test.ids, texts=test.texts, labels=labels),
        calibration=calibrate(docs, dev, stored=temperature, exclusive=exclusive),
        curve=kept_curve(dev) if dev else (),
        cascade=cascade,
        slices=slice_scores(test.meta, docs.student_right, teacher=docs.teacher_right),
        cost=find_cost(price, fallback),
        verdict=verdict,
    )


def calibrate(
    docs: Marked, dev: Marked | None, *, stored: float | None, exclusive: bool
) -> Calibration:
    """Measure how far the student's confidence can be believed.

    docs (Marked): Student and teacher on the gold test Docs.
    dev (Marked | None): The same on gold dev, to fit a temperature on.
    stored (float | None): The temperature that the student carries.
    exclusive (bool): Whether exactly one label applies.
    RETURNS (Calibration): ECE on test, raw and at each temperature.
    """
    fitted = fit_temperature(dev.student.scores, dev.gold, exclusive=exclusive) if dev else None

    def error(temperature: float) -> float:
        scores = apply_temperature(docs.student.scores, temperature, exclusive=exclusive)
        sure = confidence(scores, docs.student.decided, exclusive=exclusive)
        return expected_calibration_error(sure, docs.student_right)

    return Calibration(
        stored=stored,
        fitted=fitted,
        ece_raw=error(1.0),
        ece_stored=None if stored is None else error(stored),
        ece_fitted=None if fitted is None else error(fitted),
        n=len(docs.gold),
    )


def find_cost(price: Price | None, fallback: Operating | None) -> Cost | None:
    """Return what the teacher charges for 1,000 Docs, alone and behind the student.

    price (Price | None): Its price; no costs without one.
    fallback (Operating | None): The threshold at the teacher's level.
    RETURNS (Cost | None): The cost.
    """
    if price is None:
        return None
    kept = fallback.test.coverage.value if fallback is not None and fallback.test else None
    left = None if kept is None else price.per_1k_docs * (1.0 - kept)
    return Cost(price.currency, price.per_1k_docs, left)
