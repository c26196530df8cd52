"""A file of rows: what is refused as a whole, and what becomes of each row by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError
from ..ty import Track
from .entries import Columns, Entry, make_entry
from .gold import GoldRule
from .jsonl import read_jsonl
from .rows import Reject, Row
from .table import read_table

READERS = {
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".csv": read_table,
    ".tsv": read_table,
}


@dataclass(frozen=True)
class Source:
    """A JSONL or CSV file, and how its rows are meant.

    path (Path): The file.
    columns (Columns): Where text, id and gold are.
    rule (GoldRule): What gold may be.
    max_chars (int): The length that a text may have.
    """

    path: Path
    columns: Columns
    rule: GoldRule
    max_chars: int

    def entries(self, track: Track, *, desc: str) -> Iterator[Entry | Reject]:
        """Read the file from its start and judge every row by itself.

        track (Track): Shows progress.
        desc (str): What the progress is of.
        YIELDS (Entry | Reject): What the row's Doc is made of, or why there is none.
        RAISES (UserError): At the end, if a column was in none of the rows.
        """
        rows = READERS[self.path.suffix.lower()](self.path, self.max_chars)
        for row in track(self._require_columns(rows), desc=desc):
            yield self._judge(row) if isinstance(row, Row) else row

    def _judge(self, row: Row) -> Entry | Reject:
        return make_entry(
            row, self.columns, self.rule, max_chars=self.max_chars, file_name=self.path.name
        )

    def _require_columns(self, rows: Iterator[Row | Reject]) -> Iterator[Row | Reject]:
        missing = self.columns.required()
        found: list[str] = []
        for row in rows:
            if isinstance(row, Row):
                missing.difference_update(row.values)
                found = found or list(row.values)[:20]
            yield row
        if missing and found:
            raise UserError(
                f"{self.path} has no column {' or '.join(map(repr, sorted(missing)))}; it has "
                f"{', '.join(map(repr, found))}. Name the columns that hold text, id and gold."
            )


def check_file(path: Path) -> None:
    """Refuse what can't be read as a whole.

    path (Path): The source.
    RAISES (FileNotFoundError): If there is nothing at the path.
    RAISES (UserError): For a folder, an unknown format, an empty file, or one that is not UTF-8
        from its first bytes on.
    """
    if not path.exists():
        raise FileNotFoundError(f"No file {path}; give a JSONL or CSV file with one text a row.")
    if not path.is_file():
        raise UserError(f"{path} is not a file; give one JSONL or CSV file.")
    if path.suffix.lower() not in READERS:
        raise UserError(
            f"{path} has the ending {path.suffix!r}, but ingest reads {', '.join(READERS)}: JSON "
            "with one object a line, or CSV with a header."
        )
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise UserError(f"{path} is empty; it must have one text a row.")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head:
        raise UserError(f"{path} is UTF-16 or no text at all; save it as UTF-8.")
