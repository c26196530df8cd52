"""What became of the rows of a source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .files import Listing
from .rows import Reject
from .scan import Scan


@dataclass(frozen=True)
class IngestReport:
    """What became of the rows: n_rows = n_docs + n_copies + all rejects + all excluded.

    n_files (int): Files read.
    n_rows (int): Rows read; blank lines don't count.
    n_docs (int): Docs written: the different texts.
    n_copies (int): Rows merged into the Doc of an earlier row with exactly the same text.
    rejects (Mapping[str, int]): Rows that can't become Docs, by reason, most frequent first.
    excluded (Mapping[str, int]): Rows that are not wanted, by condition, most frequent first.
    skipped (Mapping[str, Sequence[str]]): Names of files in a folder that were not read, by reason.
    examples (Mapping[str, Reject]): The first reject of each reason.
    """

    n_files: int
    n_rows: int
    n_docs: int
    n_copies: int
    rejects: Mapping[str, int]
    excluded: Mapping[str, int]
    skipped: Mapping[str, Sequence[str]]
    examples: Mapping[str, Reject]

    def to_json(self) -> dict[str, Any]:
        """Return the counts as a JSON-serializable dict."""
        return {
            "n_files": self.n_files,
            "n_rows": self.n_rows,
            "n_docs": self.n_docs,
            "n_copies": self.n_copies,
            "rejects": dict(self.rejects),
            "excluded": dict(self.excluded),
            "skipped_files": {reason: list(names) for reason, names in self.skipped.items()},
        }

    def why_nothing(self) -> str:
        """Say what became of the rows of a source without a text that can be used."""
        counts = [
            f"{n:,} {reason} ({self.examples[reason].place}: {self.examples[reason].detail})"
            for reason, n in self.rejects.items()
        ]
        counts += [f"{n:,} left out by {reason!r}" for reason, n in self.excluded.items()]
        return "; ".join(counts) or "it has no rows"


def make_report(listing: Listing, scan: Scan) -> IngestReport:
    """Count what a first pass has found.

    listing (Listing): The files of the source.
    scan (Scan): The first pass.
    RETURNS (IngestReport): The counts.
    """
    n_docs, n_copies = len(scan.gold), scan.copies.total()
    n_left_out = scan.rejects.total() + scan.excluded.total()
    return IngestReport(
        n_files=len(listing.files),
        n_rows=n_docs + n_copies + n_left_out,
        n_docs=n_docs,
        n_copies=n_copies,
        rejects=dict(scan.rejects.most_common()),
        excluded=dict(scan.excluded.most_common()),
        skipped=listing.skipped,
        examples=scan.examples,
    )
