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
    "bad date",
    "bad value",
]
RAW_LENGTH = 500
TEXT = "text"
ID = "id"
META = "meta"
NUL_MARK = "\udc00"  # stands for a NUL byte where a parser would stumble over it
UNDECODED = re.compile("[\0\ud800-\udfff]")


class Problem(NamedTuple):
    """Why a row can't become a Doc."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that does not become a Doc.

    file (str): The file's name, below the source where that is a folder.
    line (int): The line on which the row begins, or the row's number where a format has no lines.
    reason (Reason): One of a few words, to count by.
    detail (str): What exactly is wrong, with the value.
    row (str): The start of the row as it stands in the file.
    """

    file: str
    line: int
    reason: Reason
    detail: str
    row: str

    @property
    def place(self) -> str:
        """Return file and line."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a source.

    file (str): The file's name, below the source where that is a folder.
    line (int): The line on which the row begins, or the row's number where a format has no lines.
    values (dict[str, Any]): Its values by column.
    raw (str): The start of its text in the file, at least; empty where the format is no text.
    copies (int): Exact copies that an earlier ingest has merged into it.
    """

    file: str
    line: int
    values: dict[str, Any]
    raw: str
    copies: int = 0

    @property
    def place(self) -> str:
        """Return file and line."""
        return f"{self.file}:{self.line}"

    def reject(self, problem: Problem) -> Reject:
        """Return the reject that this row is, written as UTF-8 whatever the row holds."""
        raw = self.raw or ", ".join(
            f"{name}: {str(value)[:RAW_LENGTH]}" for name, value in self.values.items()
        )
        start = raw[: 2 * RAW_LENGTH].strip()[:RAW_LENGTH].replace(NUL_MARK, "\0")
        row = start.encode("utf8", "backslashreplace").decode("utf8")
        return Reject(self.file, self.line, *problem, row)


@dataclass(frozen=True)
class Columns:
    """The columns that hold the text, the user's own id and, where there is one, the gold label."""

    text: str = TEXT
    id: str = ID
    gold: str | None = None

    def required(self) -> set[str]:
        """Return the columns that a file can't do without: all but the default id."""
        return {name for name in (self.text, self.id, self.gold) if name} - {ID}


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
