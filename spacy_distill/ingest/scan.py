"""The first pass over a source: what becomes of every row, with nothing kept but text ids."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .conditions import Excluded
from .entries import Entry
from .rows import Problem, Reject


@dataclass
class Scan:
    """Finds copies and counts what is left out; it grows by one number and one reference a text.

    gold (dict[int, tuple | None]): The gold of the first row of each text, by the text's key.
    copies (Counter[int]): Rows after the first, for the texts that have any.
    earlier (Counter[int]): Copies that an earlier ingest has merged into the rows of a text.
    rejects (Counter[str]): Rejects by reason.
    examples (dict[str, Reject]): The first reject of each reason.
    excluded (Counter[str]): Rows that are not wanted, by the condition that they don't meet.
    """

    gold: dict[int, tuple[str, ...] | None] = field(default_factory=dict)
    copies: Counter[int] = field(default_factory=Counter)
    earlier: Counter[int] = field(default_factory=Counter)
    rejects: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Reject] = field(default_factory=dict)
    excluded: Counter[str] = field(default_factory=Counter)
    _seen: dict[tuple[str, ...] | None, tuple[str, ...] | None] = field(default_factory=dict)

    def rejected(self, entries: Iterable[Entry | Reject | Excluded]) -> Iterator[Reject]:
        """Go through all rows once.

        entries (Iterable[Entry | Reject | Excluded]): What became of each row by itself.
        YIELDS (Reject): The rejects, and the rows whose gold contradicts an earlier copy's.
        """
        for entry in entries:
            if isinstance(entry, Excluded):
                self.excluded[entry.reason] += 1
                continue
            reject = entry if isinstance(entry, Reject) else self._add(entry)
            if reject is not None:
                self.rejects[reject.reason] += 1
                self.examples.setdefault(reject.reason, reject)
                yield reject

    def keep(self, keys: Iterable[int], reason: str) -> None:
        """Keep some of the texts and exclude all others, their copies too.

        keys (Iterable[int]): The keys of the texts to keep.
        reason (str): Why the others are not wanted.
        """
        n_before = len(self.gold) + self.copies.total()
        self.gold = {key: self.gold[key] for key in keys}
        self.copies = Counter({key: n for key, n in self.copies.items() if key in self.gold})
        n_excluded = n_before - len(self.gold) - self.copies.total()
        if n_excluded:
            self.excluded[reason] += n_excluded

    def first_rows(
        self, entries: Iterable[Entry | Reject | Excluded]
    ) -> Iterator[tuple[Entry, int]]:
        """Go through all rows again and find the first of each text that is kept.

        entries (Iterable[Entry | Reject | Excluded]): The rows, as in the first pass.
        YIELDS (tuple[Entry, int]): The row, and the number of its copies, with those of an earlier
            ingest. Its text leaves the scan.
        """
        for entry in entries:
            if isinstance(entry, Entry) and entry.key in self.gold:
                del self.gold[entry.key]
                yield entry, self.copies[entry.key] + self.earlier[entry.key]

    def _add(self, entry: Entry) -> Reject | None:
        if entry.key not in self.gold:
            # One object for equal labels, or each text would hold its own.
            self.gold[entry.key] = self._seen.setdefault(entry.gold, entry.gold)
        elif entry.gold != (first := self.gold[entry.key]):
            detail = f"{_join(entry.gold)} here, but {_join(first)} where the text came first"
            return entry.row.reject(Problem("conflicting gold", detail))
        else:
            self.copies[entry.key] += 1
        if entry.row.copies:
            self.earlier[entry.key] += entry.row.copies
        return None


def _join(gold: tuple[str, ...] | None) -> str:
    return ", ".join(gold or ()) or "no label"
