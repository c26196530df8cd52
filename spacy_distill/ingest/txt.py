"""Rows of plain text files: one text a line."""

from collections.abc import Iterator

from .files import SourceFile
from .lines import read_lines
from .rows import Columns, Reject, Row


def read_txt(file: SourceFile, columns: Columns, max_chars: int) -> Iterator[Row | Reject]:
    """Stream the lines of a text file.

    file (SourceFile): The file.
    columns (Columns): The name that the text gets is that of the text column.
    max_chars (int): The length that a text may have.
    YIELDS (Row | Reject): One per line that is not blank.
    """
    for row in read_lines(file, max_chars):
        if isinstance(row, Reject):
            yield row
        else:
            yield Row(row.file, row.line, {columns.text: row.raw.rstrip("\n")}, row.raw)
