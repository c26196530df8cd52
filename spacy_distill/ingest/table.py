"""Rows of CSV files with a header; the delimiter is a comma, a semicolon or a tab."""

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from ..errors import UserError
from .rows import NUL_MARK, RAW_LENGTH, Problem, Reason, Reject, Row, encoding_problem, make_reject

DELIMITERS = (",", ";", "\t")
QUOTED = re.compile(r'"[^"]*"')


def read_table(path: Path, max_chars: int) -> Iterator[Row | Reject]:
    """Stream the rows of a CSV file.

    path (Path): The file: UTF-8, with or without a byte order mark.
    max_chars (int): The length that a text may have; one cell may be that long at least.
    YIELDS (Row | Reject): One per record that is not blank.
    RAISES (UserError): If the header is blank, not UTF-8, or names a column twice.
    """
    csv.field_size_limit(max(csv.field_size_limit(), max_chars))
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        first_line = file.readline()
        delimiter = find_delimiter(first_line)
        records = read_records(chain([first_line], file), delimiter)
        header = _read_header(next(records, None), path)
        for record in records:
            yield _parse_record(record, header) if isinstance(record, Row) else record


def find_delimiter(header: str) -> str:
    """Return the delimiter that cuts a header line into most columns; a comma if none does."""
    unquoted = QUOTED.sub("", header)
    return max(DELIMITERS, key=unquoted.count)


def read_records(lines: Iterable[str], delimiter: str) -> Iterator[Row | Reject]:
    """Cut lines into records.

    lines (Iterable[str]): The lines, with their ends.
    delimiter (str): What stands between two cells.
    YIELDS (Row | Reject): Rows whose values are `{"cells": [...]}`; a reject for a stray or open
        quotation mark, and for a cell above the csv module's limit.
    """
    raw: list[str] = []
    reader = csv.reader(_watch(lines, raw), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        raw.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            detail = f"{error}; lines {line} to {reader.line_num} are skipped"
            reason: Reason = "over length" if "limit" in str(error) else "not CSV"
            yield make_reject(line, "".join(raw), Problem(reason, detail))
            continue
        if cells:
            yield Row(line, {"cells": cells}, "".join(raw))


def _watch(lines: Iterable[str], raw: list[str]) -> Iterator[str]:
    for line in lines:
        raw.append(line[:RAW_LENGTH])
        yield line.replace("\0", NUL_MARK)


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
    return Row(record.line, values, record.raw)
