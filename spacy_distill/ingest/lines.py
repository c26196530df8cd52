"""Lines of text files, plain or compressed, of which none is too long to be held."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO, cast

from ..errors import UserError
from .files import COMPRESSED, SourceFile
from .rows import Problem, Reject, Row, encoding_problem

MAX_LINE = 16_000_000  # characters; what is longer is passed over without being held
ESCAPED = 12  # characters that JSON may need for one


def open_text(path: Path, *, newline: str | None = None) -> TextIO:
    """Open a text file, with bytes that are not UTF-8 kept as lone surrogates.

    path (Path): The file: UTF-8, with or without a byte order mark, and compressed if it ends so.
    newline (str | None): As for `open`: None turns every line end into one line feed, "" leaves them.
    RETURNS (TextIO): The open file.
    RAISES (UserError): If it begins as UTF-16 does, or with a NUL byte.
    """
    opener = gzip.open if path.suffix.lower() == COMPRESSED else open
    with opener(path, "rb") as file:
        head = file.read(4)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head:
        raise UserError(f"{path} is UTF-16 or no text at all; save it as UTF-8.")
    stream = opener(path, "rt", encoding="utf-8-sig", errors="surrogateescape", newline=newline)
    return cast(TextIO, stream)


def line_limit(max_chars: int) -> int:
    """Return how long a line may be where a text may have `max_chars` characters."""
    return max(MAX_LINE, ESCAPED * max_chars)


def cut_lines(stream: TextIO, limit: int) -> Iterator[str]:
    """Stream the lines of a file; of a line over the limit, only limit + 1 characters.

    stream (TextIO): The open file.
    limit (int): How many characters a line may have, its end included.
    YIELDS (str): The lines, with their ends.
    """
    while line := stream.readline(limit + 1):
        yield line
        rest = line
        while len(rest) > limit and not rest.endswith(("\n", "\r")):
            rest = stream.readline(limit + 1)


def too_long(limit: int) -> Problem:
    """Return the problem of a line over the limit."""
    return Problem("over length", f"the line is above the limit of {limit:,} characters")


def read_lines(file: SourceFile, max_chars: int) -> Iterator[Row | Reject]:
    """Stream the lines that are not blank.

    file (SourceFile): The file.
    max_chars (int): The length that a text may have.
    YIELDS (Row | Reject): Rows without values, whose raw text is the whole line; a reject where it
        is not UTF-8, or too long to be held.
    """
    limit = line_limit(max_chars)
    with open_text(file.path) as stream:
        for number, line in enumerate(cut_lines(stream, limit), start=1):
            if line.isspace():
                continue
            row = Row(file.name, number, {}, line)
            problem = too_long(limit) if len(line) > limit else encoding_problem(line)
            yield row if problem is None else row.reject(problem)
