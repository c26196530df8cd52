"""From a row to what its Doc is made of, or to the reason why there is none."""

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from srsly.msgpack import Packer

from ..attrs import content_id
from .gold import GoldRule, read_gold
from .rows import Problem, Reject, Row, encoding_problem

ID = "id"
META = "meta"
# spaCy's tokenizers take quadratic time for unbroken punctuation: seconds from here on.
MAX_PUNCTUATION = 1_000
PUNCTUATION = re.compile(rf"(?:[^\w\s]|_){{{MAX_PUNCTUATION + 1}}}")


@dataclass(frozen=True)
class Columns:
    """The columns that hold the text, the user's own id and, where there is one, the gold label."""

    text: str
    id: str = ID
    gold: str | None = None

    def required(self) -> set[str]:
        """Return the columns that a source can't do without: all but the default id."""
        return {name for name in (self.text, self.id, self.gold) if name} - {ID}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a Doc is made of; key is the content id as a number, gold is None without a column."""

    row: Row
    text: str
    source: str
    meta: dict[str, Any]
    gold: tuple[str, ...] | None
    key: int


def make_entry(
    row: Row, columns: Columns, rule: GoldRule, *, max_chars: int, file_name: str
) -> Entry | Reject:
    """Judge one row.

    row (Row): The row.
    columns (Columns): Where its text, id and gold are.
    rule (GoldRule): What its gold may be.
    max_chars (int): The length that its text may have.
    file_name (str): Stands, with the line, for an id where the row has none.
    RETURNS (Entry | Reject): What its Doc is made of; a reject for the first thing that is wrong.
    """
    problem = text_problem(row, columns.text, max_chars)
    if problem is not None:
        return row.reject(problem)
    gold = read_gold(row.values.get(columns.gold), rule) if columns.gold is not None else None
    if isinstance(gold, Problem):
        return row.reject(gold)
    text = row.values[columns.text]
    source = _read_id(row.values.get(columns.id)) or f"{file_name}:{row.line}"
    meta = _read_meta(row.values, columns)
    problem = _storage_problem([source, meta, gold])
    if problem is not None:
        return row.reject(problem)
    return Entry(row, text, source, meta, gold, int(content_id(text), 16))


def text_problem(row: Row, column: str, max_chars: int) -> Problem | None:
    """Find why the text of a row can't become a Doc; None if it can."""
    if column not in row.values:
        found = ", ".join(map(repr, list(row.values)[:20]))
        return Problem("no such column", f"no {column!r} among {found}")
    text = row.values[column]
    if not isinstance(text, str):
        return Problem("not text", f"{column!r} is {json.dumps(text)[:40]}")
    if not text.strip():
        return Problem("empty", f"{column!r} is {text[:20]!r}")
    if len(text) > max_chars:
        return Problem("over length", f"{len(text):,} characters, at most {max_chars:,} allowed")
    if PUNCTUATION.search(text):
        return Problem("over length", f"over {MAX_PUNCTUATION:,} punctuation marks without a break")
    return encoding_problem(text)


def _read_id(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int) else ""


def _read_meta(values: dict[str, Any], columns: Columns) -> dict[str, Any]:
    own = values.get(META)
    used = {columns.text, columns.id, columns.gold}
    if isinstance(own, dict):
        used.add(META)
    else:
        own = {}
    rest = {name: value for name, value in values.items() if name not in used}
    return {**rest, **own}


def _storage_problem(values: list[Any]) -> Problem | None:
    try:
        _packer().pack([[[values]]])  # as deep as a Doc's record is in its DocBin
    except UnicodeEncodeError as error:
        return Problem("bad encoding", f"the escape {error.object[error.start]!r} is no character")
    except ValueError:
        return Problem("not JSON", "nested too deeply to be stored")
    return None


@cache
def _packer() -> Packer:
    # One for all rows: making one searches the environment's entry points, as msgpack_dumps does.
    return Packer(use_bin_type=True)
