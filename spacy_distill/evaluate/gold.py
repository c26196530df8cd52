"""Gold Docs with the teacher's stored answers, read from a labelled corpus."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from spacy.tokens import Doc

from ..attrs import doc_id, get_distill
from ..contract import Contract, check_gold_labels
from ..errors import UserError
from ..io import read_docs
from ..scoring.predictions import Predictions, cats_scores, make_predictions
from ..scoring.ty import Bools


@dataclass(frozen=True)
class GoldSet:
    """The Docs of a labelled corpus that have gold or, if none has, all of them.

    ids (list[str]): Content ids.
    texts (list[str]): Their texts.
    meta (list[dict]): Their metadata.
    gold (Bools | None): Shape (Docs, labels); None if no Doc has gold.
    teacher (Predictions): The teacher's stored labels.
    prompts (frozenset[str]): The SHA-256 of every prompt behind the teacher's answers.
    n_without_gold (int): How many Docs were left out for want of gold.
    """

    ids: list[str]
    texts: list[str]
    meta: list[dict[str, Any]]
    gold: Bools | None
    teacher: Predictions
    prompts: frozenset[str]
    n_without_gold: int


@dataclass(frozen=True)
class _Row:
    id: str
    text: str
    meta: dict[str, Any]
    cats: dict[str, float]
    gold: list[bool] | None
    prompts: list[str]


def read_gold_set(path: Path | str, contract: Contract) -> GoldSet:
    """Read gold and the teacher's answers from a labelled corpus.

    path (Path | str): A `.spacy` file or a folder of them.
    contract (Contract): The labels.
    RETURNS (GoldSet): The Docs as arrays.
    RAISES (UserError): If the corpus is empty or gold does not fit the contract.
    """
    rows = [_read_row(doc, contract) for doc in read_docs(path)]
    if not rows:
        raise UserError(f"{path} holds no Docs; ingest and label some texts first.")
    kept = [row for row in rows if row.gold is not None]
    gold = np.asarray([row.gold for row in kept], dtype=bool) if kept else None
    kept = kept or rows
    cats = [row.cats for row in kept]
    known = np.asarray([scores.keys() >= set(contract.labels) for scores in cats])
    if any(cats) and not known.any():
        found = next(sorted(scores) for scores in cats if scores)
        raise UserError(
            f"The Docs of {path} are labelled with {found}, but the teacher's labels are "
            f"{sorted(contract.labels)}; label them with this teacher, or give its label map."
        )
    teacher = make_predictions(
        "teacher",
        cats_scores(cats, contract.labels),
        exclusive=contract.exclusive,
        known=known,
    )
    return GoldSet(
        ids=[row.id for row in kept],
        texts=[row.text for row in kept],
        meta=[row.meta for row in kept],
        gold=gold,
        teacher=teacher,
        prompts=frozenset(prompt for row in kept for prompt in row.prompts),
        n_without_gold=len(rows) - len(kept),
    )


def prompt_hashes(doc: Doc) -> list[str]:
    """Return the SHA-256 of each prompt that the teacher was asked about a Doc."""
    return [answer["prompt_sha256"] for answer in get_distill(doc).get("answers", ())]


def _read_row(doc: Doc, contract: Contract) -> _Row:
    return _Row(
        id=doc_id(doc),
        text=doc.text,
        meta=dict(get_distill(doc).get("meta", {})),
        cats=dict(doc.cats),
        gold=_gold_row(doc, contract),
        prompts=prompt_hashes(doc),
    )


def _gold_row(doc: Doc, contract: Contract) -> list[bool] | None:
    names = check_gold_labels(doc, contract)
    return None if names is None else [label in names for label in contract.labels]
