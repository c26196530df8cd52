"""Other systems that have labelled the test texts, such as a smaller LLM that was tuned on them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ..attrs import doc_id
from ..contract import Contract
from ..errors import UserError
from ..io import read_docs
from ..scoring.predictions import Predictions, cats_scores, make_predictions
from .systems import GOLD_STUDENT, MAJORITY, STUDENT, TEACHER, TFIDF

TAKEN = (TEACHER, STUDENT, GOLD_STUDENT, TFIDF, MAJORITY)


def read_answered(
    corpora: Mapping[str, Path | str], *, ids: Sequence[str], contract: Contract
) -> list[Predictions]:
    """Read what other systems say about the test texts.

    corpora (Mapping[str, Path | str]): By the system's name, the test texts as `label` has labelled
        them with that system's config.
    ids (Sequence[str]): The content ids of the test texts.
    contract (Contract): The labels.
    RETURNS (list[Predictions]): One each, in the order of the ids; a text without a usable answer
        counts as wrong.
    RAISES (UserError): If a name is taken, or a corpus lacks a text.
    """
    taken = [name for name in corpora if name in TAKEN]
    if taken:
        raise UserError(f"A system can't be called {taken[0]!r}: that is a row of its own.")
    return [
        read_system(path, name=name, ids=ids, contract=contract) for name, path in corpora.items()
    ]


def read_system(
    path: Path | str, *, name: str, ids: Sequence[str], contract: Contract
) -> Predictions:
    """Read what one system says; see `read_answered`."""
    found = {doc_id(doc): dict(doc.cats) for doc in read_docs(path)}
    missing = [one for one in ids if one not in found]
    if missing:
        raise UserError(
            f"{path} lacks {len(missing)} of {len(ids)} test texts, such as {missing[0]}; label the "
            f"whole test corpus with the config of {name!r}."
        )
    cats = [found[one] for one in ids]
    return make_predictions(
        name,
        cats_scores(cats, contract.labels),
        exclusive=contract.exclusive,
        known=np.asarray([bool(scores) for scores in cats]),
    )
