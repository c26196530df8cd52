"""The temperature that a student carries, so that its scores can be read as confidences."""

from pathlib import Path

from ..contract import Contract
from ..scoring.calibration import fit_temperature
from .meta import store_choice
from .scored import Scored


def store_temperature(student: Path | str, gold: Scored, contract: Contract) -> float:
    """Fit a student's temperature on gold Docs and keep it in the student's `meta.json`.

    student (Path | str): The trained pipeline; its weights and scores stay as they are.
    gold (Scored): Its scores on Docs with human labels.
    contract (Contract): The component's name and labels.
    RETURNS (float): The temperature (above 1: the student is too sure of itself). It stands under
        `distill.temperature.<component>`.
    """
    temperature = fit_temperature(gold.scores, gold.labels, exclusive=contract.exclusive)
    store_choice(student, "temperature", {contract.name: temperature})
    return temperature
