"""The findings that are better said than tabulated, with their numbers."""

from collections.abc import Iterator

from ..scoring.calibration import Calibration
from .result import Cost, Report


def sentences(report: Report) -> list[str]:
    """Say what the tables of a report do not show.

    report (Report): The report.
    RETURNS (list[str]): Sentences: the paired test, micro-F1, the cascade, calibration and cost.
    """
    gold = report.gold
    if gold is None:
        return []
    difference = gold.difference
    return [
        f"Student minus teacher accuracy: {difference.accuracy} on {difference.accuracy.n} Docs; "
        f"only the student is right on {difference.n_better}, only the teacher on "
        f"{difference.n_worse} (McNemar's exact p = {difference.p_value:.3g}).",
        *_micro(report),
        *map(str, gold.cascade),
        *_calibration(gold.calibration),
        *_cost(gold.cost),
    ]


def _micro(report: Report) -> Iterator[str]:
    rows = [f"{x.name} {x.micro_f1}" for x in report.systems if x.micro_f1 is not None]
    if rows:
        yield f"Micro-F1: {'; '.join(rows)}."


def _calibration(calibration: Calibration) -> Iterator[str]:
    yield f"Expected calibration error of the student's raw scores: {calibration.ece_raw:.3f}."
    if calibration.stored is not None:
        yield (
            f"At the temperature that it carries, {calibration.stored:.2f}: "
            f"{calibration.ece_stored:.3f}; its thresholds are on that scale."
        )
    elif calibration.fitted is not None:
        yield (
            f"At the temperature that fits gold dev, {calibration.fitted:.2f}: "
            f"{calibration.ece_fitted:.3f}; it carries none, so its thresholds are on raw scores."
        )


def _cost(cost: Cost | None) -> Iterator[str]:
    if cost is None:
        return
    yield f"1,000 Docs cost {cost.teacher:.2f} {cost.currency} by the teacher."
    if cost.with_fallback is not None:
        yield (
            f"Behind the student, at the threshold for the teacher's level, they cost "
            f"{cost.with_fallback:.2f} {cost.currency}."
        )
