"""What a run of the curator found, counted while the Docs stream by."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from spacy.tokens import Doc

from ..attrs import VerdictRecord, doc_id, get_distill

MAX_EXAMPLES = 10
MAX_EXAMPLE_CHARS = 100


@dataclass
class FilterReport:
    """What one filter dropped.

    alone counts the Docs that no other filter dropped; examples hold id, source, start of the
    text, score and evidence of the first ten.
    """

    dropped: int = 0
    alone: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class CurateReport:
    """What a curator did to one corpus.

    labels_before and labels_after add up the soft labels of all Docs and of the kept ones.
    """

    corpus: str
    filters: dict[str, FilterReport]
    n: int = 0
    kept: int = 0
    labels_before: dict[str, float] = field(default_factory=dict)
    labels_after: dict[str, float] = field(default_factory=dict)

    def watch(self, docs: Iterable[Doc]) -> Iterator[Doc]:
        """Pass curated Docs through and count them.

        docs (Iterable[Doc]): Docs with verdicts of the report's filters.
        YIELDS (Doc): The same Docs.
        """
        for doc in docs:
            self.n += 1
            add_labels(self.labels_before, doc)
            drops = [v for v in get_distill(doc)["verdicts"] if not v["keep"]]
            if not drops:
                self.kept += 1
                add_labels(self.labels_after, doc)
            for verdict in drops:
                self.count_drop(doc, verdict, alone=len(drops) == 1)
            yield doc

    def count_drop(self, doc: Doc, verdict: VerdictRecord, *, alone: bool) -> None:
        """Count a Doc for the filter that dropped it, and keep it as an example if there's room."""
        report = self.filters[verdict["filter"]]
        report.dropped += 1
        report.alone += alone
        if len(report.examples) < MAX_EXAMPLES:
            example = {
                "id": doc_id(doc),
                "source": get_distill(doc).get("source", ""),
                "text": doc.text[:MAX_EXAMPLE_CHARS],
                "score": verdict["score"],
                "evidence": verdict["evidence"],
            }
            report.examples.append(example)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON-able values."""
        return asdict(self)


def add_labels(totals: dict[str, float], doc: Doc) -> None:
    """Add a Doc's labels to the sums per label."""
    for label, score in doc.cats.items():
        totals[label] = totals.get(label, 0.0) + score
