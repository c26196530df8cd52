"""The result of an evaluation, as plain values."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from ..scoring.calibration import Calibration
from .attribution import Cause
from .cascade import CurvePoint, Operating
from .confusion import Cell
from .outcomes import Outcomes
from .paired import Difference
from .slices import Slice
from .speed import Speed
from .systems import System
from .verdict import Verdict


@dataclass(frozen=True)
class Price:
    """What the teacher charges for 1,000 Docs."""

    per_1k_docs: float
    currency: str = "USD"


@dataclass(frozen=True)
class Cost:
    """What the teacher charges for 1,000 Docs: asked about all, and about what a student leaves.

    with_fallback (float | None): At the threshold for the teacher's level; None without one.
    """

    currency: str
    teacher: float
    with_fallback: float | None


@dataclass(frozen=True)
class GoldResult:
    """What can be said with gold only.

    n_dev (int): Gold dev Docs; 0 without.
    confusion (dict[str, tuple[Cell, ...]]): Cells of the teacher and the student.
    causes (tuple[Cause, ...]): Where the student's errors come from.
    curve (tuple[CurvePoint, ...]): The cascade's curve on gold dev; empty without.
    cascade (tuple[Operating, ...]): The thresholds chosen on it; empty without.
    """

    n_dev: int
    difference: Difference
    confusion: dict[str, tuple[Cell, ...]]
    causes: tuple[Cause, ...]
    calibration: Calibration
    curve: tuple[CurvePoint, ...]
    cascade: tuple[Operating, ...]
    slices: tuple[Slice, ...]
    cost: Cost | None
    verdict: Verdict


@dataclass(frozen=True)
class Report:
    """The result of an evaluation.

    component (str): The component's name.
    labels (tuple[str, ...]): The labels.
    exclusive (bool): Whether exactly one label applies.
    n_test (int): Test Docs that count.
    n_without_gold (int): Test Docs left out since they have no gold while others do.
    n_train (int): Training Docs with a label.
    n_prompts (int): Different prompts behind the teacher's labels.
    prompts_sha256 (str): Digest of them.
    systems (tuple[System, ...]): Teacher, student and baselines.
    speed (Speed): What the student costs to run.
    gold (GoldResult | None): All that needs gold; None without, and then there is no verdict.
    notes (tuple[str, ...]): What a reader must know, in sentences.
    outcomes (Outcomes | None): What was decided about each test text, for the snapshot of the run.
    """

    component: str
    labels: tuple[str, ...]
    exclusive: bool
    n_test: int
    n_without_gold: int
    n_train: int
    n_prompts: int
    prompts_sha256: str
    systems: tuple[System, ...]
    speed: Speed
    gold: GoldResult | None
    notes: tuple[str, ...]
    outcomes: Outcomes | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON-able values, without the outcomes of each text."""
        data = asdict(replace(self, outcomes=None))
        del data["outcomes"]
        return data

    def system(self, name: str) -> System:
        """Return the row of one system."""
        return next(system for system in self.systems if system.name == name)
