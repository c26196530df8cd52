"""Rows of JSON Lines files: one object a line."""

import json
from collections.abc import Iterator

from ..errors import UserError
from .files import SourceFile
from .lines import read_lines
from .rows import Columns, Problem, Reject, Row

ADVICE = "write one object a line"
INT_RANGE = range(-(2**63), 2**64)  # what can be stored with a Doc as a number


def read_jsonl(file: SourceFile, columns: Columns, max_chars: int) -> Iterator[Row | Reject]:
    """Stream the rows of a JSONL file.

    file (SourceFile): The file.
    columns (Columns): Unused; the objects name their own.
    max_chars (int): The length that a text may have.
    YIELDS (Row | Reject): One per line that is not blank; a reject if it is not a JSON object.
    RAISES (UserError): If the file begins as a JSON array does.
    """
    for index, row in enumerate(read_lines(file, max_chars)):
        start = row.raw if isinstance(row, Row) else row.row
        if index == 0 and start.lstrip().startswith("["):
            raise UserError(f"{file.path} is a JSON array; write it as one object a line.")
        yield parse_line(row) if isinstance(row, Row) else row


def parse_line(row: Row) -> Row | Reject:
    """Read the values of a row from its raw text."""
    try:
        values = json.loads(row.raw.rstrip("\n"), parse_int=_parse_int)
    except RecursionError:
        return row.reject(Problem("not JSON", "nested too deeply"))
    except ValueError as error:
        return row.reject(Problem("not JSON", f"{error}; {ADVICE}"))
    if not isinstance(values, dict):
        found = row.raw[:100].strip()[:40]
        return row.reject(Problem("not JSON", f"expected an object, found {found}; {ADVICE}"))
    return Row(row.file, row.line, values, row.raw)


def _parse_int(digits: str) -> int | str:
    # Ids can have more digits than 64 bits hold, and more than Python converts: they stay text.
    if len(digits) > 20:
        return digits
    number = int(digits)
    return number if number in INT_RANGE else digits
