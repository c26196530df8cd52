"""SQLite's transactions and errors, as the answer store uses them."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from ...errors import UserError

LOCK_TIMEOUT = 60.0  # seconds that a second process waits for the one that writes
ADVICE = {
    "file is not a database": "give another path for the store",
    "database disk image is malformed": "restore it from a copy",
    "database or disk is full": "free some space and run again: what was answered is kept",
    "disk I/O error": "check the disk and the limit on file sizes: what was answered is kept",
    "database is locked": "another process has been writing for a minute; run again",
    "attempt to write a readonly database": "make the file and its folder writable",
}


@contextmanager
def writing(
    connection: sqlite3.Connection, *, synchronous: Literal["FULL", "NORMAL"] = "FULL"
) -> Iterator[None]:
    """Write in one transaction, which begins by locking out other writers.

    connection (sqlite3.Connection): In autocommit mode.
    synchronous (str): "FULL" waits until the disk has it; after "NORMAL" a power cut, and nothing
        else, can undo it.
    """
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # after some errors SQLite has rolled back itself
            connection.execute("ROLLBACK")
        raise


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ones that name the store and say what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        folder = os.path.dirname(path) or "."
        advice = ADVICE.get(str(error), f"check the file and that {folder} is writable")
        raise UserError(f"Answer store {path}: {error}; {advice}.") from error
