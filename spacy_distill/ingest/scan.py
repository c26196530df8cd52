"""The first pass over a source: what becomes of every row, with nothing kept but text ids."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .entries import Entry
from .rows import Problem, Reject


@dataclass(frozen=True)
class IngestReport:
    """What became of the rows of a source: n_rows = n_docs + n_copies + all rejects.

    n_rows (int): Rows read; blank lines don't count.
    n_docs (int): Docs written: the different texts.
    n_copies (int): Rows merged into the Doc of an earlier row with exactly the same text.
    rejects (dict[str, int]): Rows that did not become Docs, by reason, most frequent first.
    examples (dict[str, Reject]): The first reject of each reason.
    """

    n_rows: int
    n_docs: int
    n_copies: int
    rejects: dict[str, int]
    examples: dict[str, Reject]

    def to_json(self) -> dict[str, Any]:
        """Return the counts as a JSON-serializable dict."""
        return {
            "n_rows": self.n_rows,
            "n_docs": self.n_docs,
            "n_copies": self.n_copies,
            "rejects": self.rejects,
        }


@dataclass
class Scan:
    """Finds copies and counts rejects; it grows by one number and one reference a text.

    gold (dict[int, tuple | None]): The gold of the first row of each text, by the text's key.
    copies (Counter[int]): Rows after the first, for the texts that have any.
    rejects (Counter[str]): Rejects by reason.
    examples (dict[str, Reject]): The first reject of each reason.
    """

    gold: dict[int, tuple[str, ...] | None] = field(default_factory=dict)
    copies: Counter[int] = field(default_factory=Counter)
    rejects: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Reject] = field(default_factory=dict)
    _seen: dict[tuple[str, ...] | None, tuple[str, ...] | None] = field(default_factory=dict)

    def rejected(self, entries: Iterable[Entry | Reject]) -> Iterator[Reject]:
        """Go through all rows once.

        entries (Iterable[Entry | Reject]): What became of each row by itself.
        YIELDS (Reject): The rejects, and the rows whose gold contradicts an earlier copy's.
        """
        for entry in entries:
            reject = entry if isinstance(entry, Reject) else self._add(entry)
            if reject is not None:
                self.rejects[reject.reason] += 1
                self.examples.setdefault(reject.reason, reject)
                yield reject

    def report(self) -> IngestReport:
        """Return the counts."""
        n_docs, n_copies, n_rejects = len(self.gold), self.copies.total(), self.rejects.total()
        rejects = dict(self.rejects.most_common())
        return IngestReport(n_docs + n_copies + n_rejects, n_docs, n_copies, rejects, self.examples)

    def _add(self, entry: Entry) -> Reject | None:
        if entry.key not in self.gold:
            # One object for equal labels, or each text would hold its own.
            self.gold[entry.key] = self._seen.setdefault(entry.gold, entry.gold)
            return None
        first = self.gold[entry.key]
        if entry.gold != first:
            detail = f"{_join(entry.gold)} here, but {_join(first)} where the text came first"
            return entry.row.reject(Problem("conflicting gold", detail))
        self.copies[entry.key] += 1
        return None


def _join(gold: tuple[str, ...] | None) -> str:
    return ", ".join(gold or ()) or "no label"
