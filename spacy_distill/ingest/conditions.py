"""The conditions of a subset, each as a rule that judges one row by itself."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from ..errors import UserError
from ..language import weigh_languages
from .rows import META, Problem, Row
from .subset import Subset

LANGUAGE_SCORE = 0.1  # what a language may weigh against the likeliest other one
MIN_CHARS = 10  # fewer speak for no language
ISO_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ].*)?")
MISSING = object()
CONSTANTS = {True: "true", False: "false", None: "null"}


@dataclass(frozen=True, slots=True)
class Excluded:
    """A row that is not wanted, and by which condition."""

    reason: str


Rule = Callable[[Row, str], Excluded | Problem | None]


@dataclass
class ColumnRule:
    """Judges the value of one column.

    key (str): The column, or a dotted path into a nested one.
    judge (Callable): Judges the value; it gets MISSING where there is none.
    found (bool): Whether any row had the column.
    columns (list[str]): The columns of the first row that had not.
    """

    key: str
    judge: Callable[[Any], Excluded | Problem | None]
    found: bool = False
    columns: list[str] = field(default_factory=list)

    def __call__(self, row: Row, text: str) -> Excluded | Problem | None:
        """Judge a row."""
        value = find_value(row.values, self.key)
        if value is not MISSING:
            self.found = True
        elif not self.columns:
            self.columns = list(row.values)[:20]
        return self.judge(value)

    def require(self) -> None:
        """Refuse a column that none of the rows has had.

        RAISES (UserError): If there were rows, but none with the column.
        """
        if self.columns and not self.found:
            columns = ", ".join(map(repr, self.columns))
            raise UserError(f"No row has {self.key!r}, which the subset names, but {columns}.")


def column_rules(subset: Subset) -> list[ColumnRule]:
    """Make the rules that need a row's columns, where one copy of a text may pass and one not.

    RAISES (UserError): If a date of the subset can't be read.
    """
    rules = [
        ColumnRule(key, partial(_where, key=key, wanted=_as_list(values)))
        for key, values in subset.where.items()
    ]
    if subset.date_column is not None:
        since = _day(subset.since, date.min)
        until = _day(subset.until, date.max)
        if since > until:
            raise UserError(f"The first day, {since}, is after the last one, {until}; swap them.")
        judge = partial(_between, column=subset.date_column, since=since, until=until)
        rules.append(ColumnRule(subset.date_column, judge))
    return rules


def text_rules(subset: Subset) -> list[Rule]:
    """Make the rules that need the text alone.

    RAISES (UserError): If a regular expression is not valid.
    """
    rules: list[Rule] = []
    if subset.match is not None:
        rules.append(partial(_match, pattern=_compile(subset.match)))
    if subset.no_match is not None:
        rules.append(partial(_no_match, pattern=_compile(subset.no_match)))
    if subset.languages:
        rules.append(partial(_language, languages=_as_list(subset.languages)))
    return rules


def find_value(values: Mapping[str, Any], key: str) -> Any:
    """Find a value by its column or dotted path, in a row's metadata object or in the row itself.

    RETURNS (Any): The value; MISSING if there is none.
    """
    for mapping in (values.get(META), values):
        found = _walk(mapping, [key])
        found = _walk(mapping, key.split(".")) if found is MISSING else found
        if found is not MISSING:
            return found
    return MISSING


def _walk(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return MISSING
        value = value[name]
    return value


def _where(value: Any, *, key: str, wanted: Collection[str]) -> Excluded | None:
    known = isinstance(value, bool) or value is None
    text = CONSTANTS[value] if known else str(value)
    return None if value is not MISSING and text in wanted else Excluded(f"where {key}")


def _between(value: Any, *, column: str, since: date, until: date) -> Excluded | Problem | None:
    try:
        day = _parse_day(value)
    except ValueError:
        shown = "missing" if value is MISSING else repr(value)[:40]
        return Problem("bad date", f"{column!r} is {shown}; an ISO date is 2025-12-31")
    return None if since <= day <= until else Excluded("date")


def _match(row: Row, text: str, *, pattern: re.Pattern[str]) -> Excluded | None:
    return None if pattern.search(text) else Excluded("match")


def _no_match(row: Row, text: str, *, pattern: re.Pattern[str]) -> Excluded | None:
    return Excluded("no match") if pattern.search(text) else None


def _language(row: Row, text: str, *, languages: Sequence[str]) -> Excluded | None:
    text = text.strip()
    if len(text) < MIN_CHARS or weigh_languages(text, languages)[0] >= LANGUAGE_SCORE:
        return None
    return Excluded("language")


def _as_list(values: str | Sequence[str]) -> list[str]:
    return [values] if isinstance(values, str) else list(values)


def _compile(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UserError(f"{pattern!r} is no regular expression: {error}.") from error


def _day(value: str | None, default: date) -> date:
    try:
        return default if value is None else _parse_day(value)
    except ValueError as error:
        raise UserError(f"{value!r} is no ISO date; give one such as 2025-12-31.") from error


def _parse_day(value: Any) -> date:
    match = ISO_DATE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"no ISO date: {value!r}")
    return date.fromisoformat(match.group(1))
