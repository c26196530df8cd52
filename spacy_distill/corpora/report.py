"""What `convert` wrote, and what it left out and why."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from spacy.tokens import Doc

from ..attrs import doc_id, get_distill
from ..contract import Contract
from ..plain import as_plain
from .labels import REJECTED, harden

MAX_REJECTS = 100


@dataclass
class SplitReport:
    """The labels of one corpus that was written.

    soft adds up the scores per label; hard counts the Docs in which the label has the highest
    score or, if several labels may apply, at least 0.5.
    """

    n: int = 0
    soft: dict[str, float] = field(default_factory=dict)
    hard: dict[str, int] = field(default_factory=dict)

    def watch(self, docs: Iterable[Doc], contract: Contract) -> Iterator[Doc]:
        """Pass the Docs of the corpus through and count their labels."""
        self.soft = dict.fromkeys(contract.labels, 0.0)
        self.hard = dict.fromkeys(contract.labels, 0)
        for doc in docs:
            self.n += 1
            hard = harden(doc.cats, contract)
            for label, score in doc.cats.items():
                self.soft[label] += score
                self.hard[label] += int(hard[label])
            yield doc


@dataclass
class ConvertReport:
    """What `convert` did.

    splits holds the written corpora by name. left_out counts, per corpus read, the Docs that were
    not written, by reason. rejects names the first hundred whose human labels can't be used.
    """

    settings: dict[str, Any]
    splits: dict[str, SplitReport] = field(default_factory=dict)
    left_out: dict[str, Counter[str]] = field(default_factory=dict)
    rejects: list[dict[str, Any]] = field(default_factory=list)

    def leave_out(self, corpus: str, doc: Doc, reason: str) -> None:
        """Count a Doc that is not written, and name it if its human labels are the reason."""
        self.left_out.setdefault(corpus, Counter())[reason] += 1
        if reason in REJECTED and len(self.rejects) < MAX_REJECTS:
            record = get_distill(doc)
            names = {"corpus": corpus, "id": doc_id(doc), "source": record.get("source", "")}
            self.rejects.append({**names, "gold": list(record["gold"]), "reason": reason})

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON-able values."""
        return dict(as_plain(self))
