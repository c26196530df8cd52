"""Rows of CSV files with a header, cut at commas, semicolons or tabs, and TSV at tabs alone."""

import re
from collections.abc import Iterator
from pathlib import Path

from ..errors import UserError
from .files import COMPRESSED, SourceFile
from .lines import open_text
from .records import read_records
from .rows import Columns, Problem, Reject, Row, encoding_problem

TAB_ENDINGS = (".tsv", ".tsv" + COMPRESSED)
DELIMITERS = (",", ";", "\t")
QUOTED = re.compile(r'"[^"]*"')
HEADER_CHARS = 1_000_000


def read_table(file: SourceFile, columns: Columns, max_chars: int) -> Iterator[Row | Reject]:
    """Stream the rows of a CSV or TSV file.

    file (SourceFile): The file.
    columns (Columns): Unused; the header names the columns.
    max_chars (int): The length that a text may have.
    YIELDS (Row | Reject): One per record that is not blank.
    RAISES (UserError): If the header is blank, not UTF-8, or names a column twice.
    """
    with open_text(file.path, newline="") as stream:
        header_line = stream.readline(HEADER_CHARS)
    delimiter = "\t" if file.ending in TAB_ENDINGS else find_delimiter(header_line)
    with open_text(file.path, newline="") as stream:
        records = read_records(stream, file.name, delimiter, max_chars)
        header = _read_header(next(records, None), file.path)
        for record in records:
            yield _parse_record(record, header) if isinstance(record, Row) else record


def find_delimiter(header: str) -> str:
    """Return the delimiter that cuts a header line into most columns; a comma if none does."""
    unquoted = QUOTED.sub("", header)
    return max(DELIMITERS, key=unquoted.count)


def _read_header(record: Row | Reject | None, path: Path) -> list[str]:
    cells = record.values["cells"] if isinstance(record, Row) and record.line == 1 else []
    header = [cell.strip() for cell in cells]
    named = [name for name in header if name]
    if not named or encoding_problem("".join(named)):
        raise UserError(f"{path} has no header that can be read; line 1 must name the columns.")
    if len(set(named)) < len(named):
        raise UserError(f"{path} has two columns of one name: {', '.join(named)}; rename one.")
    return header


def _parse_record(record: Row, header: list[str]) -> Row | Reject:
    cells = record.values["cells"]
    problem = encoding_problem("".join(cells))
    if problem is None and len(cells) != len(header):
        detail = (
            f"{len(cells)} cells, but the header names {len(header)}: a missing quotation mark?"
        )
        problem = Problem("not CSV", detail)
    if problem is not None:
        return record.reject(problem)
    values = {name: cell for name, cell in zip(header, cells, strict=True) if name}
    return Row(record.file, record.line, values, record.raw)
