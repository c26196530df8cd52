"""After training: the temperature and the thresholds that a student carries."""

from dataclasses import dataclass
from pathlib import Path

from ..contract import Contract
from .scored import score_dev, score_gold
from .temperature import store_temperature
from .thresholds import store_thresholds
from .train import BEST, Trained


@dataclass(frozen=True)
class Tuned:
    """What was chosen for a student, and on how many Docs.

    temperature (float | None): None without human labels.
    thresholds (dict[str, float]): By label; empty if exactly one label applies.
    n (int): The number of Docs.
    """

    temperature: float | None
    thresholds: dict[str, float]
    n: int


def tune(
    trained: Trained,
    contract: Contract,
    *,
    gold_dev: Path | str | None = None,
    dev_path: Path | str,
) -> Tuned:
    """Choose a student's temperature and thresholds, and keep them in its `meta.json`.

    trained (Trained): A training run.
    contract (Contract): The component's name and labels.
    gold_dev (Path | str | None): A corpus with human labels, which decide.
    dev_path (Path | str): The corpus that stopped the training. Without human labels the teacher's
        decide on thresholds there, by the scores of the run that it has stopped: a student that was
        refitted has learned from it.
    RETURNS (Tuned): What was chosen.
    RAISES (UserError): If the corpus has no labels to choose by.
    """
    if gold_dev is not None:
        scored = score_gold(trained.path, gold_dev, contract)
        temperature = store_temperature(trained.path, scored, contract)
    elif not contract.exclusive:
        scored = score_dev(trained.path.parent / BEST, dev_path, contract)
        temperature = None
    else:
        return Tuned(None, {}, 0)
    thresholds = {} if contract.exclusive else store_thresholds(trained.path, scored, contract)
    return Tuned(temperature, thresholds, len(scored.labels))
