"""The Docs of each corpus that `convert` writes, streamed from what it reads."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from spacy.tokens import Doc

from ..contract import Contract
from ..errors import UserError
from ..io import read_docs
from .labels import PickLabels, harden
from .report import ConvertReport
from .split import Place
from .weights import Balance, balance_weights, weigh_docs


def placed_docs(
    path: Path | str, places: Sequence[Place], wanted: Place, *, pick: PickLabels
) -> Iterator[Doc]:
    """Stream the Docs of one place with the labels they are written with.

    path (Path | str): The corpus that was split.
    places (Sequence[Place]): The place of each of its Docs.
    wanted (Place): "train" or "dev".
    pick (PickLabels): Picks the labels.
    YIELDS (Doc): The Docs, in order.
    """
    for doc, place in zip(read_docs(path), places, strict=True):
        if place == wanted:
            labels = pick(doc)
            if not isinstance(labels, str):
                doc.cats = labels
                yield doc


def train_docs(
    path: Path | str, places: Sequence[Place], *, pick: PickLabels, balance: Balance
) -> Iterator[Doc]:
    """Stream the training Docs, weighed against the frequency of their labels if that is wanted.

    path, places, pick: As for `placed_docs`.
    balance (Balance): How to weigh; "none" sets no weights.
    YIELDS (Doc): The Docs, in order.
    """
    docs = placed_docs(path, places, "train", pick=pick)
    if balance != "none":
        weights = balance_weights((doc.cats for doc in docs), balance)
        docs = weigh_docs(placed_docs(path, places, "train", pick=pick), weights)
    yield from docs


def hard_docs(docs: Iterable[Doc], contract: Contract) -> Iterator[Doc]:
    """Pass Docs through with hard labels."""
    for doc in docs:
        doc.cats = harden(doc.cats, contract)
        yield doc


def gold_docs(path: Path | str, *, pick: PickLabels, report: ConvertReport) -> Iterator[Doc]:
    """Stream the Docs of a gold corpus that have usable human labels.

    path (Path | str): The corpus.
    pick (PickLabels): Picks the human labels.
    report (ConvertReport): Counts the others.
    YIELDS (Doc): The Docs, with the human labels in `doc.cats`.
    """
    for doc in read_docs(path):
        labels = pick(doc)
        if isinstance(labels, str):
            report.leave_out(str(path), doc, labels)
        else:
            doc.cats = labels
            yield doc


def check_gold(path: Path | str, *, pick: PickLabels, contract: Contract) -> None:
    """Make sure that at least one Doc of a gold corpus has usable human labels.

    RAISES (UserError): If none has, with the reason for the last Doc.
    """
    reason = "it is empty"
    for doc in read_docs(path):
        labels = pick(doc)
        if not isinstance(labels, str):
            return
        reason = f"the last one: {labels}"
    raise UserError(
        f"No Doc of the gold corpus {path} can be used ({reason}); the labels of the task are "
        f"{list(contract.labels)}. Ingest it with its gold labels, or map them with a label map."
    )
