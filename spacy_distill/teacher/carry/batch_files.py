"""The two halves of a batch job put together: its input file, and its output or error file."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing

from .found import Place, Unusable
from .rows import Row

SCHEMA = """
CREATE TABLE halves (
    number INTEGER PRIMARY KEY, custom_id TEXT, is_request INTEGER, file TEXT, line INTEGER, row TEXT
);
CREATE INDEX by_id ON halves (custom_id, is_request);
"""
INSERT = "INSERT INTO halves (custom_id, is_request, file, line, row) VALUES (?, ?, ?, ?, ?)"
# Per half its partners: for an answer the different requests of its id, for a request the answers.
PARTNERS = """
SELECT is_request, file, line, row, custom_id,
    (SELECT count(DISTINCT row) FROM halves AS other
     WHERE other.custom_id = half.custom_id AND other.is_request != half.is_request),
    (SELECT row FROM halves AS other
     WHERE other.custom_id = half.custom_id AND other.is_request != half.is_request LIMIT 1)
FROM halves AS half ORDER BY number
"""


def joined(rows: Iterable[Row | Unusable]) -> Iterator[Row | Unusable]:
    """Join the rows that are halves of a call, in whatever order they come; hand on all others.

    rows (Iterable[Row | Unusable]): The rows of all files.
    YIELDS (Row | Unusable): Whole rows; a reject for a half without the other, and for an answer
        whose id two different requests have: the files of several jobs may use the same ids.
    """
    with closing(sqlite3.connect("")) as halves:
        halves.executescript(SCHEMA)
        for row in rows:
            if isinstance(row, Unusable) or not is_half(row):
                yield row
                continue
            values = row.values
            is_request = "body" in values
            text = json.dumps(values, sort_keys=True)
            place = row.place
            halves.execute(INSERT, (values["custom_id"], is_request, place.file, place.line, text))
        for is_request, file, line, text, custom_id, n_partners, partner in halves.execute(
            PARTNERS
        ):
            row = Row(Place(file, line), json.loads(text), text)
            if not is_request and n_partners == 1:
                yield Row(row.place, {**json.loads(partner), **row.values}, text)
            elif not is_request and n_partners > 1:
                detail = (
                    f"several requests have the custom_id {custom_id!r}; give one job at a time"
                )
                yield row.unusable("ambiguous id", detail)
            elif not n_partners:
                missing = "answer" if is_request else "request"
                detail = f"none has the custom_id {custom_id!r}; give both files of the job"
                yield row.unusable(f"no {missing}", detail)


def is_half(row: Row) -> bool:
    """Say whether a row is a line of a batch's input file, or of its output or error file."""
    named = isinstance(row.values.get("custom_id"), str)
    return named and ("body" in row.values) != ("response" in row.values)
