"""Let several teachers vote: from the corpora that each has labelled to one with averaged labels."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from spacy.tokens import Doc

from ..attrs import doc_id, get_distill
from ..contract import Contract
from ..errors import UserError
from ..io import count_docs, read_docs, write_docs
from ..ty import Track, untracked
from .votes import count_votes


@dataclass
class VoteReport:
    """What a vote of several teachers came to.

    n_labelled counts the Docs with a label, by_corpus how many each teacher had labelled; n_voted
    counts those that several had, n_unanimous those on which all of these agree; labels adds up the
    soft labels per label.
    """

    corpora: list[str]
    weights: list[float]
    by_corpus: list[int]
    n_docs: int = 0
    n_labelled: int = 0
    n_voted: int = 0
    n_unanimous: int = 0
    labels: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON-able values."""
        return asdict(self)


def vote(
    corpora: Sequence[Path | str],
    output: Path | str,
    *,
    contract: Contract,
    weights: Sequence[float] | None = None,
    track: Track = untracked,
) -> VoteReport:
    """Average the labels of several teachers for the same texts, and write them as one corpus.

    corpora (Sequence[Path | str]): What `label` has written for each teacher: the same Docs in the
        same order.
    output (Path | str): Where the corpus goes.
    contract (Contract): The contract of the teachers, which have the same labels.
    weights (Sequence[float] | None): How much each teacher counts, such as its accuracy on gold dev;
        None for all the same.
    track (Track): Shows progress.
    RETURNS (VoteReport): The counts.
    RAISES (UserError): If the corpora hold other Docs or labels, or a weight is not above 0.
    """
    weights = [1.0] * len(corpora) if weights is None else list(weights)
    check_weights(corpora, weights)
    counts = {str(path): count_docs(path) for path in corpora}
    if len(set(counts.values())) > 1:
        raise UserError(f"The corpora differ in size: {counts}. Label the same texts with each.")
    report = VoteReport(list(map(str, corpora)), weights, [0] * len(corpora))
    docs = voted(corpora, contract, weights, report)
    total = next(iter(counts.values()))
    write_docs(track(docs, total=total, desc=f"Vote on {output}"), output)
    return report


def check_weights(corpora: Sequence[Path | str], weights: Sequence[float]) -> None:
    """Refuse a vote of fewer than two corpora, or weights that do not fit them.

    RAISES (UserError): If a corpus comes twice, or there is not one weight above 0 for each.
    """
    if len({Path(path).resolve() for path in corpora}) < max(len(corpora), 2):
        raise UserError(f"A vote needs two different corpora or more, not {[*map(str, corpora)]}.")
    if len(weights) != len(corpora) or not all(isfinite(x) and x > 0 for x in weights):
        raise UserError(
            f"The weights are {list(weights)} for {len(corpora)} corpora; give one above 0 for each, "
            f"in the same order."
        )


def voted(
    corpora: Sequence[Path | str],
    contract: Contract,
    weights: Sequence[float],
    report: VoteReport,
) -> Iterator[Doc]:
    """Go through the corpora in step, and yield the first one's Docs with the labels of all."""
    streams = (read_docs(path) for path in corpora)
    for i, docs in enumerate(zip(*streams, strict=True)):
        check_docs(docs, corpora, i, contract)
        report.by_corpus = [
            n + bool(doc.cats) for n, doc in zip(report.by_corpus, docs, strict=True)
        ]
        yield counted(join_votes(docs, weights, contract), report)


def join_votes(docs: Sequence[Doc], weights: Sequence[float], contract: Contract) -> Doc:
    """Put the labels, answers and agreement of several teachers on one Doc.

    docs (Sequence[Doc]): The same text as each teacher has labelled it. Those without labels have
        no vote.
    weights (Sequence[float]): How much each teacher counts.
    contract (Contract): The teachers' contract.
    RETURNS (Doc): The first Doc. Its agreement is that of the teachers; it has none if only one of
        them could label it.
    """
    voters = [(doc, weight) for doc, weight in zip(docs, weights, strict=True) if doc.cats]
    ballots = [{label: doc.cats[label] for label in contract.labels} for doc, _ in voters]
    cats, agreement = count_votes(
        ballots, exclusive=contract.exclusive, weights=[weight for _, weight in voters]
    )
    records = [get_distill(doc) for doc in docs]
    answers = [answer for record in records for answer in record.get("answers", ())]
    n_soft = [record["n_soft"] for record in records if "n_soft" in record]
    joined = {
        "answers": answers or None,  # trained teachers leave none
        "n_ok": sum(record.get("n_ok", 0) for record in records),
        "n_soft": sum(n_soft) if n_soft else None,
        "agreement": agreement,
    }
    docs[0].cats = cats
    kept = {key: value for key, value in records[0].items() if key not in joined}
    docs[0]._.distill = kept | {key: value for key, value in joined.items() if value is not None}
    return docs[0]


def counted(doc: Doc, report: VoteReport) -> Doc:
    """Count a Doc in a report."""
    record = get_distill(doc)
    report.n_docs += 1
    report.n_labelled += bool(doc.cats)
    report.n_voted += "agreement" in record
    report.n_unanimous += record.get("agreement") == 1.0
    for label, score in doc.cats.items():
        report.labels[label] = report.labels.get(label, 0.0) + score
    return doc


def check_docs(
    docs: Sequence[Doc], corpora: Sequence[Path | str], i: int, contract: Contract
) -> None:
    """Check that Docs are the same text with labels of the contract.

    RAISES (UserError): If not, with the place, the ids or the labels.
    """
    for doc, path in zip(docs, corpora, strict=True):
        if doc.text != docs[0].text:
            raise UserError(
                f"Doc {i} is {doc_id(docs[0])} in {corpora[0]}, but {doc_id(doc)} in {path}; label "
                f"the same corpus with each teacher."
            )
        if doc.cats and set(doc.cats) != set(contract.labels):
            raise UserError(
                f"Doc {doc_id(doc)} in {path} has the labels {sorted(doc.cats)}, but the teacher's "
                f"are {sorted(contract.labels)}; use one label set, or a --label-map to it."
            )
        if get_distill(doc).get("verdicts"):
            raise UserError(
                f"{path} is curated already; let the teachers vote on what came before."
            )
