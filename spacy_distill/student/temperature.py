"""The temperature that a student carries, so that its scores can be read as confidences."""

from pathlib import Path

import numpy as np
import spacy

from ..contract import Contract, gold_cats
from ..errors import UserError
from ..io import read_docs, read_json, write_json
from ..scoring.calibration import fit_temperature
from ..scoring.predictions import cats_scores

BATCH_SIZE = 64


def store_temperature(
    student: Path | str, gold_path: Path | str, contract: Contract
) -> tuple[float, int]:
    """Fit a student's temperature on gold Docs and keep it in the student's `meta.json`.

    student (Path | str): The trained pipeline; its weights and scores stay as they are.
    gold_path (Path | str): A corpus with human labels, the same one that thresholds are chosen on.
    contract (Contract): The component's name and labels.
    RETURNS (tuple[float, int]): The temperature (above 1: the student is too sure of itself), and the
        number of Docs it was fitted on. It stands under `distill.temperature.<component>`.
    RAISES (UserError): If no Doc of the corpus has gold.
    """
    nlp = spacy.load(student)
    golds, texts = [], []
    for doc in read_docs(gold_path, nlp.vocab):
        cats = gold_cats(doc, contract)
        if cats is not None:
            golds.append(cats)
            texts.append(doc.text)
    if not texts:
        raise UserError(f"No Doc in {gold_path} has a human label; ingest it with --gold COLUMN.")
    predicted = [dict(doc.cats) for doc in nlp.pipe(texts, batch_size=BATCH_SIZE)]
    temperature = fit_temperature(
        cats_scores(predicted, contract.labels),
        np.asarray(cats_scores(golds, contract.labels), dtype=bool),
        exclusive=contract.exclusive,
    )
    meta_path = Path(student) / "meta.json"
    meta = read_json(meta_path)
    meta.setdefault("distill", {}).setdefault("temperature", {})[contract.name] = temperature
    write_json(meta_path, meta)
    return temperature, len(texts)
