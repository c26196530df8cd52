"""What was found, kept on disk until all of it is there, and given back text by text."""

import pickle
import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from types import TracebackType

from .found import Found

SCHEMA = """
CREATE TABLE found (number INTEGER PRIMARY KEY, text BLOB, first INTEGER, data BLOB);
CREATE INDEX by_text ON found (text, first);
CREATE INDEX by_first ON found (first, number);
"""
INSERT = """
INSERT INTO found (text, first, data) VALUES (
    :text,
    coalesce((SELECT min(first) FROM found WHERE text = :text),
             (SELECT coalesce(max(number), 0) + 1 FROM found)),
    :data
)
"""


class Spool:
    """Groups what was found by its text, in the order in which the texts came up first.

    The database is a temporary one of SQLite's, which goes when it is closed; memory does not grow
    with the rows.
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("")
        self._db.executescript(SCHEMA)

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._db.close()

    def add(self, found: Found) -> None:
        """Keep what a row says."""
        digest = sha256(found.text.encode("utf8")).digest()
        self._db.execute(INSERT, {"text": digest, "data": pickle.dumps(found)})

    def __len__(self) -> int:
        """Return the number of different texts."""
        return int(self._db.execute("SELECT count(DISTINCT text) FROM found").fetchone()[0])

    def by_text(self) -> Iterator[list[Found]]:
        """Yield what was found about each text."""
        rows = self._db.execute("SELECT first, data FROM found ORDER BY first, number")
        for _, group in groupby(rows, key=itemgetter(0)):
            yield [pickle.loads(data) for _, data in group]  # noqa: S301  (bytes of our own)
