"""What is read from a source, before anyone asks whether it makes a Doc: rows and rejects."""

import re
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Reason = Literal[
    "empty",
    "not text",
    "over length",
    "bad encoding",
    "not JSON",
    "not CSV",
    "no such column",
    "no gold",
    "several gold labels",
    "gold not in labels",
    "conflicting gold",
]
RAW_LENGTH = 500
NUL_MARK = "\udc00"  # stands for a NUL byte where a parser would stumble over it
UNDECODED = re.compile("[\0\ud800-\udfff]")


class Problem(NamedTuple):
    """Why a row can't become a Doc."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that does not become a Doc.

    line (int): The line of the file on which the row begins, from 1.
    reason (Reason): One of a few words, to count by.
    detail (str): What exactly is wrong, with the value.
    row (str): The start of the row as it stands in the file.
    """

    line: int
    reason: Reason
    detail: str
    row: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a source: its line, its values by column, and the start of its raw text."""

    line: int
    values: dict[str, Any]
    raw: str

    def reject(self, problem: Problem) -> Reject:
        """Return the reject that this row is."""
        return make_reject(self.line, self.raw, problem)


def make_reject(line: int, raw: str, problem: Problem) -> Reject:
    """Return a reject that can be written as UTF-8, whatever its row holds."""
    row = raw.strip()[:RAW_LENGTH].replace(NUL_MARK, "\0")
    return Reject(line, *problem, row.encode("utf8", "backslashreplace").decode("utf8"))


def encoding_problem(text: str) -> Problem | None:
    """Find what was no UTF-8, in a text that was decoded with `surrogateescape`.

    text (str): The text; bytes that could not be decoded stand in it as lone surrogates.
    RETURNS (Problem | None): The first such byte and what to do; None if there is none.
    """
    found = UNDECODED.search(text)
    if found is None:
        return None
    char, position = found.group(), found.start() + 1
    if char in ("\0", NUL_MARK):
        return Problem("bad encoding", f"NUL byte at character {position}")
    what = f"byte 0x{ord(char) - 0xDC00:02X}" if char >= "\udc80" else repr(char)
    detail = f"{what} at character {position} is not UTF-8; save the file as UTF-8"
    return Problem("bad encoding", detail)
