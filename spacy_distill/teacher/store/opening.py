"""Make, check and open the file of an answer store."""

import os
import sqlite3
import tempfile
from pathlib import Path

from ...errors import UserError
from .schema import adapt, check_schema, migrate
from .transaction import LOCK_TIMEOUT, explained

SQLITE_HEADER = b"SQLite format 3\0"


def open_store(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open an answer store.

    path (Path): The file; made, with its folders, unless `read_only`. One of an earlier version is
        brought to today's unless `read_only`.
    read_only (bool): Open an existing store without ever writing to it.
    RETURNS (sqlite3.Connection): In autocommit mode, for use by several threads in turn.
    RAISES (UserError): If it is no answer store, comes from a later version, or cannot be opened.
    """
    with explained(path):
        if not path.exists():
            if read_only:
                raise UserError(f"No answer store at {path}; `spacy distill label` makes one.")
            create_store(path)
        check_header(path)
        uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"
        connection = connect(uri)
        try:
            check_schema(connection, path)
            (adapt if read_only else migrate)(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def connect(uri: str) -> sqlite3.Connection:
    """Open a SQLite file in autocommit mode: transactions begin and end where the code says so."""
    return sqlite3.connect(
        uri, uri=True, timeout=LOCK_TIMEOUT, check_same_thread=False, isolation_level=None
    )


def create_store(path: Path) -> None:
    """Make an empty store, complete from the first moment that another process can see it.

    path (Path): The file; left alone if another process was first.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        new = Path(folder) / path.name
        connection = connect(new.absolute().as_uri())
        migrate(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.close()
        try:
            os.link(new, path)  # unlike a rename, never replaces what another process has made
        except FileExistsError:
            return
        except OSError:  # a file system without hard links
            if not path.exists():
                os.replace(new, path)


def check_header(path: Path) -> None:
    """Refuse a file that is no SQLite file, before SQLite takes a short one for an empty database.

    RAISES (UserError): If it is none.
    """
    if path.is_dir():
        raise UserError(f"{path} is a folder; give the path of a file for the answer store.")
    with path.open("rb") as file:
        if file.read(len(SQLITE_HEADER)) != SQLITE_HEADER:
            raise UserError(f"{path} is not an answer store; give another path for the store.")
