"""What `harvest` did: rows, Docs, labels, and every row that could not be used, counted by reason."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from spacy.tokens import Doc

from ...attrs import get_distill
from ...plain import as_plain
from .found import Found, LeftOut, Unusable
from .settle import Settled


@dataclass
class HarvestReport:
    """The counts of a harvest.

    outcomes counts answers by the audit's outcome, labels adds up the soft labels; rejects and
    left_out count rows by reason, examples hold the first reject of each. models counts the models
    that rows name; not_stored says for how many rows the answers did not go to the answer store, and
    why. n_stored counts the answers that are new in the store.
    """

    format: str
    inputs: list[str]
    teacher: str
    component: str
    n_rows: int = 0
    n_docs: int = 0
    n_labelled: int = 0
    n_stored: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    labels: dict[str, float] = field(default_factory=dict)
    rejects: Counter[str] = field(default_factory=Counter)
    examples: dict[str, dict[str, Any]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    not_stored: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON-able values."""
        return dict(as_plain(self))

    def count_row(self, row: Found | Unusable | LeftOut) -> None:
        """Count a row as it comes from its file."""
        self.n_rows += 1
        if isinstance(row, LeftOut):
            self.left_out[row.reason] += 1
        elif isinstance(row, Found):
            self.notes.update(row.notes)
            self.models.update(row.models)

    def count_reject(self, reject: Unusable) -> None:
        """Count a row that could not be used."""
        self.rejects[reject.reason] += 1
        if reject.reason not in self.examples:
            self.examples[reject.reason] = reject.to_json()

    def count_settled(self, settled: Settled) -> None:
        """Count what became of a text."""
        self.notes.update(settled.notes)
        self.not_stored.update(settled.not_stored)
        if settled.doc is not None:
            self.count_doc(settled.doc)

    def count_doc(self, doc: Doc) -> None:
        """Count a Doc that is written, with its labels and the outcomes of its answers."""
        record = get_distill(doc)
        self.n_docs += 1
        self.n_labelled += bool(record.get("n_ok"))
        self.outcomes.update(answer["outcome"] for answer in record.get("answers", ()))
        for name, score in doc.cats.items():
            self.labels[name] = self.labels.get(name, 0.0) + score
