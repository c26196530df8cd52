"""The corpora of an evaluation, checked against each other."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..attrs import doc_id, get_distill
from ..contract import Contract
from ..errors import UserError
from ..io import read_docs
from ..scoring.predictions import cats_scores
from ..scoring.ty import Floats
from .gold import GoldSet, prompt_hashes, read_gold_set


@dataclass(frozen=True)
class TrainSet:
    """The Docs that the student learned from, as far as the teacher has labelled them.

    ids (list[str]): Content ids.
    texts (list[str]): Their texts.
    scores (Floats): The teacher's soft labels, shape (Docs, labels).
    weights (Floats): Each Doc's weight in training.
    prompts (frozenset[str]): The SHA-256 of every prompt behind the labels.
    """

    ids: list[str]
    texts: list[str]
    scores: Floats
    weights: Floats
    prompts: frozenset[str]


def read_train_set(path: Path | str, contract: Contract) -> TrainSet:
    """Read the labelled Docs of a training corpus; Docs whose label is absent are left out.

    RAISES (UserError): If no Doc has a label.
    """
    ids, texts, cats, weights = [], [], [], []
    prompts: set[str] = set()
    for doc in read_docs(path):
        if doc.cats:
            ids.append(doc_id(doc))
            texts.append(doc.text)
            cats.append(dict(doc.cats))
            weights.append(get_distill(doc).get("weight", 1.0))
            prompts.update(prompt_hashes(doc))
    if not ids:
        raise UserError(f"No Doc in {path} has a label; run the commands that label and convert.")
    return TrainSet(
        ids, texts, cats_scores(cats, contract.labels), np.asarray(weights), frozenset(prompts)
    )


@dataclass(frozen=True)
class Inputs:
    """The corpora of an evaluation.

    test (GoldSet): The test Docs, with gold or not.
    train (TrainSet): What the student learned from.
    dev (GoldSet | None): The dev Docs; None if there are none or none has gold.
    """

    test: GoldSet
    train: TrainSet
    dev: GoldSet | None

    @property
    def prompts(self) -> frozenset[str]:
        """The SHA-256 of every prompt behind the teacher's labels."""
        on_dev = self.dev.prompts if self.dev is not None else frozenset()
        return self.test.prompts | self.train.prompts | on_dev


def read_inputs(
    contract: Contract, *, test: Path | str, train: Path | str, dev: Path | str | None
) -> Inputs:
    """Read the corpora of an evaluation.

    contract (Contract): The labels.
    test (Path | str): The test corpus.
    train (Path | str): The training corpus.
    dev (Path | str | None): The gold dev corpus.
    RETURNS (Inputs): The corpora.
    RAISES (UserError): If one does not fit the contract, or a gold text was trained on.
    """
    on_dev = read_gold_set(dev, contract) if dev is not None else None
    inputs = Inputs(
        test=read_gold_set(test, contract),
        train=read_train_set(train, contract),
        dev=on_dev if on_dev is not None and on_dev.gold is not None else None,
    )
    for gold_set, path in ((inputs.test, test), (inputs.dev, dev)):
        leaks = set(gold_set.ids).intersection(inputs.train.ids) if gold_set is not None else set()
        if leaks:
            raise UserError(
                f"{len(leaks)} texts of {path} are also in the training corpus {train}, such as "
                f"{min(leaks)}; run `spacy distill convert` again, which keeps them apart."
            )
    return inputs
