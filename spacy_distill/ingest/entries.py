"""From a row to what its Doc is made of, or to the reason why there is none."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite, isnan
from typing import Any

from srsly.msgpack import Packer

from ..attrs import content_id
from .conditions import Excluded, Rule
from .gold import GoldRule, read_gold
from .rows import META, Columns, Problem, Reject, Row, encoding_problem

# spaCy's tokenizers take quadratic time for unbroken punctuation: seconds from here on.
MAX_PUNCTUATION = 1_000
PUNCTUATION = re.compile(rf"(?:[^\w\s]|_){{{MAX_PUNCTUATION + 1}}}")
EXACT = 2**53  # below it, a float holds every whole number


@dataclass(frozen=True, slots=True)
class Entry:
    """What a Doc is made of; key is the content id as a number, gold is None without a column."""

    row: Row
    text: str
    source: str
    meta: dict[str, Any]
    gold: tuple[str, ...] | None
    key: int


@dataclass(frozen=True)
class Judge:
    """Judges rows by themselves.

    columns (Columns): Where text, id and gold are.
    gold (GoldRule): What gold may be.
    max_chars (int): The length that a text may have.
    rules (Sequence[Rule]): The conditions that a row must meet.
    """

    columns: Columns
    gold: GoldRule
    max_chars: int
    rules: Sequence[Rule] = ()

    def __call__(self, row: Row) -> Entry | Reject | Excluded:
        """Judge one row.

        row (Row): The row.
        RETURNS (Entry | Reject | Excluded): What its Doc is made of; a reject for the first thing
            that is wrong, or the first condition that it does not meet.
        """
        problem = text_problem(row, self.columns.text, self.max_chars)
        if problem is not None:
            return row.reject(problem)
        text: str = row.values[self.columns.text]
        for rule in self.rules:
            verdict = rule(row, text)
            if verdict is not None:
                return row.reject(verdict) if isinstance(verdict, Problem) else verdict
        return self._entry(row, text)

    def _entry(self, row: Row, text: str) -> Entry | Reject:
        columns = self.columns
        gold = None
        if columns.gold is not None:
            gold = read_gold(row.values.get(columns.gold), self.gold)
        if isinstance(gold, Problem):
            return row.reject(gold)
        source = _read_id(row.values.get(columns.id)) or row.place
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
    if not text or text.isspace():
        return Problem("empty", f"{column!r} is {text[:20]!r}")
    if len(text) > max_chars:
        return Problem("over length", f"{len(text):,} characters, at most {max_chars:,} allowed")
    if PUNCTUATION.search(text):
        return Problem("over length", f"over {MAX_PUNCTUATION:,} punctuation marks without a break")
    return encoding_problem(text)


def _read_id(value: Any) -> str:
    if isinstance(value, float) and isfinite(value):
        # pandas writes whole numbers so where some are missing.
        return str(int(value) if value.is_integer() and abs(value) < EXACT else value)
    return str(value).strip() if isinstance(value, str | int) else ""


def _is_missing(value: Any) -> bool:
    if isinstance(value, float):
        return isnan(value)
    return value is None or (isinstance(value, str) and not value.strip())


def _read_meta(values: dict[str, Any], columns: Columns) -> dict[str, Any]:
    own = values.get(META)
    used = {columns.text, columns.gold}
    own_id = values.get(columns.id)
    if _read_id(own_id) or _is_missing(own_id):
        used.add(columns.id)
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
