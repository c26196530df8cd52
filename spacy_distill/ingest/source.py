"""A source of rows: the files that it consists of, their formats, and what becomes of each row."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ..errors import UserError
from ..ty import Track
from .conditions import Excluded
from .docbin import read_docbin
from .entries import Entry, Judge
from .files import COMPRESSED, SourceFile
from .jsonl import read_jsonl
from .parquet import read_parquet
from .rows import Columns, Reject, Row
from .table import read_table
from .txt import read_txt

Reader = Callable[[SourceFile, Columns, int], Iterator[Row | Reject]]

TEXT_READERS: dict[str, Reader] = {
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".csv": read_table,
    ".tsv": read_table,
    ".txt": read_txt,
}
READERS: dict[str, Reader] = {
    **TEXT_READERS,
    **{ending + COMPRESSED: reader for ending, reader in TEXT_READERS.items()},
    ".parquet": read_parquet,
    ".spacy": read_docbin,
}


def judge_rows(
    files: Sequence[SourceFile], judge: Judge, track: Track, *, desc: str
) -> Iterator[Entry | Reject | Excluded]:
    """Read files from their start and judge every row by itself.

    files (Sequence[SourceFile]): The files, read one after the other.
    judge (Judge): Judges a row.
    track (Track): Shows progress.
    desc (str): What the progress is of.
    YIELDS (Entry | Reject | Excluded): What the row's Doc is made of, or why there is none.
    RAISES (UserError): If a file can't be read, or, at its end, a column was in none of its rows.
    """
    rows = (row for file in files for row in read_rows(file, judge.columns, judge.max_chars))
    for row in track(rows, desc=desc):
        yield judge(row) if isinstance(row, Row) else row


def read_rows(file: SourceFile, columns: Columns, max_chars: int) -> Iterator[Row | Reject]:
    """Stream the rows of a file by the format that its ending names.

    RAISES (UserError): If it can't be read, or, at its end, a column was in none of its rows.
    """
    rows = READERS[file.ending](file, columns, max_chars)
    try:
        yield from _require_columns(rows, columns, file.path)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{file.path} can't be read to its end: {error}") from error


def _require_columns(
    rows: Iterator[Row | Reject], columns: Columns, path: Path
) -> Iterator[Row | Reject]:
    missing = columns.required()
    found: list[str] = []
    for row in rows:
        if isinstance(row, Row):
            missing.difference_update(row.values)
            found = found or list(row.values)[:20]
        yield row
    if missing and found:
        raise UserError(
            f"{path} has no column {' or '.join(map(repr, sorted(missing)))}; it has "
            f"{', '.join(map(repr, found))}. Name the columns that hold text, id and gold."
        )
