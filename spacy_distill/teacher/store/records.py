"""Whole rows of a store, as they are listed, exported, imported and merged."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from ...ty import Track, untracked
from .opening import open_store
from .rows import INSERT_ANSWER, INSERT_PROMPT
from .selection import CHOSEN, Selection
from .text import from_cell, to_cell
from .transaction import explained, writing

JOINED = f"FROM answers JOIN prompts ON sha256 = prompt_sha256 WHERE {CHOSEN}"
COLUMNS = """SELECT key, sample, prompt_sha256, model, params, status, response, reason,
finish_reason, usage, latency, created, tags, logprobs, text"""
# An answer that comes from elsewhere replaces a failure, a failure nothing
INSERT_RECORD = f"{INSERT_ANSWER} AND excluded.status != 'failed'"


class Record(NamedTuple):
    """One answer or failure with all that is kept of it.

    params, usage, tags and logprobs are JSON, the last of them None where there are none; created
    is a time in UTC.
    """

    key: str
    sample: int
    prompt_sha256: str
    model: str
    params: str
    status: str
    response: str | None
    reason: str
    finish_reason: str
    usage: str
    latency: float
    created: str
    tags: str
    logprobs: str | None
    prompt: str

    def to_json(self) -> dict[str, Any]:
        """Return the record as it is exported."""
        return {
            "key": self.key,
            "sample": self.sample,
            "prompt_sha256": self.prompt_sha256,
            "prompt": self.prompt,
            "response": self.response,
            "status": self.status,
            "reason": self.reason,
            "finish_reason": self.finish_reason,
            "model": self.model,
            "params": json.loads(self.params),
            "usage": json.loads(self.usage),
            "latency": self.latency,
            "created": self.created,
            "tags": json.loads(self.tags),
            "logprobs": None if self.logprobs is None else json.loads(self.logprobs),
        }


def read_records(
    path: Path | str, selection: Selection | None = None, *, track: Track = untracked
) -> Iterator[Record]:
    """Stream the records of a store, each prompt's together and its samples in order.

    path (Path | str): The store; opened read-only.
    selection (Selection | None): Which of them; None for all.
    track (Track): Shows progress.
    YIELDS (Record): The records.
    RAISES (UserError): If there is no store, or it cannot be read.
    """
    order = "ORDER BY prompt_sha256, key, sample"
    total = count_answers(path, selection)
    with reading(path, selection) as connection, explained(Path(path)):
        rows = connection.execute(f"{COLUMNS} {JOINED} {order}")
        yield from track(map(as_record, rows), total=total, desc="Answers", unit="answers")


def newest(path: Path | str, n: int, selection: Selection | None = None) -> list[Record]:
    """Return the records that were added last, the newest at the end.

    path (Path | str): The store; opened read-only.
    n (int): How many at most.
    selection (Selection | None): Among which of them; None for all.
    RETURNS (list[Record]): The records.
    """
    order = "ORDER BY created DESC, key, sample LIMIT ?"
    with reading(path, selection) as connection, explained(Path(path)):
        rows = connection.execute(f"{COLUMNS} {JOINED} {order}", (n,)).fetchall()
    return [as_record(row) for row in reversed(rows)]


def count_answers(path: Path | str, selection: Selection | None = None) -> int:
    """Return how many answers and failures a selection holds."""
    with reading(path, selection) as connection, explained(Path(path)):
        return int(connection.execute(f"SELECT count(*) {JOINED}").fetchone()[0])


def reading(path: Path | str, selection: Selection | None) -> "closing[sqlite3.Connection]":
    """Open a store read-only, for statements with `JOINED`."""
    connection = open_store(Path(path), read_only=True)
    (selection or Selection()).attach(connection)
    return closing(connection)


def as_record(row: Sequence[Any]) -> Record:
    """Return a row of `COLUMNS` as a record."""
    return Record._make(from_cell(cell) if isinstance(cell, bytes) else cell for cell in row)


def insert_records(connection: sqlite3.Connection, records: Sequence[Record]) -> int:
    """Insert records in one transaction; the answers that are there stay.

    connection (sqlite3.Connection): The store that they come into.
    records (Sequence[Record]): The records.
    RETURNS (int): How many of them are in the store now and were not before.
    """
    prompts = [(record.prompt_sha256, to_cell(record.prompt)) for record in records]
    answers = [
        tuple(to_cell(value) if isinstance(value, str) else value for value in record[:-1])
        for record in records
    ]
    with writing(connection):
        connection.executemany(INSERT_PROMPT, prompts)
        return connection.executemany(INSERT_RECORD, answers).rowcount
