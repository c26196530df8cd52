"""The tables of an answer store by version, and how an older store becomes one of today."""

import sqlite3
from pathlib import Path

from ...errors import UserError
from .transaction import writing

APPLICATION_ID = 0x5344414E  # "SDAN": tells our files from other SQLite files
# Statements that lead from each version to the next; a new store goes through all of them.
# What was released is never edited: a change is one more entry.
MIGRATIONS = (
    (
        "CREATE TABLE prompts (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE answers (
            key TEXT NOT NULL,
            sample INTEGER NOT NULL,
            prompt_sha256 TEXT NOT NULL REFERENCES prompts (sha256),
            model TEXT NOT NULL,
            params TEXT NOT NULL,
            status TEXT NOT NULL,
            response TEXT,
            reason TEXT NOT NULL,
            finish_reason TEXT NOT NULL,
            usage TEXT NOT NULL,
            latency REAL NOT NULL,
            created TEXT NOT NULL,
            tags TEXT NOT NULL,
            PRIMARY KEY (key, sample)
        ) WITHOUT ROWID""",
        "CREATE INDEX answers_prompt ON answers (prompt_sha256)",
    ),
    (
        "DROP INDEX answers_prompt",
        "ALTER TABLE answers RENAME TO answers_1",
        "ALTER TABLE prompts RENAME TO prompts_1",
        # With rowids: half the size and half the time, since prompts rarely fit a page of an index
        "CREATE TABLE prompts (sha256 TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL)",
        """CREATE TABLE answers (
            key TEXT NOT NULL,
            sample INTEGER NOT NULL,
            prompt_sha256 TEXT NOT NULL REFERENCES prompts (sha256),
            model TEXT NOT NULL,
            params TEXT NOT NULL,
            status TEXT NOT NULL,
            response TEXT,
            reason TEXT NOT NULL,
            finish_reason TEXT NOT NULL,
            usage TEXT NOT NULL,
            latency REAL NOT NULL,
            created TEXT NOT NULL,
            tags TEXT NOT NULL,
            logprobs TEXT,
            PRIMARY KEY (key, sample)
        )""",
        "INSERT INTO prompts SELECT * FROM prompts_1",
        "INSERT INTO answers SELECT *, NULL FROM answers_1",
        "DROP TABLE answers_1",
        "DROP TABLE prompts_1",
        "CREATE INDEX answers_prompt ON answers (prompt_sha256)",
        """CREATE TABLE owners (
            id TEXT PRIMARY KEY,
            pid INTEGER NOT NULL,
            host TEXT NOT NULL,
            heartbeat REAL NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE claims (
            key TEXT NOT NULL,
            sample INTEGER NOT NULL,
            owner TEXT NOT NULL,
            PRIMARY KEY (key, sample)
        ) WITHOUT ROWID""",
        "CREATE INDEX claims_owner ON claims (owner)",
        """CREATE TABLE batch_jobs (
            tag TEXT PRIMARY KEY,
            model TEXT NOT NULL,
            params TEXT NOT NULL,
            state TEXT NOT NULL,
            file_id TEXT NOT NULL,
            batch_id TEXT NOT NULL,
            n_rows INTEGER NOT NULL,
            sent REAL NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE batch_rows (
            key TEXT NOT NULL,
            sample INTEGER NOT NULL,
            job TEXT,
            number INTEGER NOT NULL,
            prompt TEXT NOT NULL,
            tries INTEGER NOT NULL,
            hopeless INTEGER NOT NULL,
            PRIMARY KEY (key, sample)
        )""",
        "CREATE INDEX batch_rows_job ON batch_rows (job, number)",
    ),
)
SCHEMA_VERSION = len(MIGRATIONS)
# Stands before the table of a version-1 file that is only read
VERSION_1_VIEW = """
CREATE TEMP VIEW answers AS SELECT key, sample, prompt_sha256, model, params, status, response,
reason, finish_reason, usage, latency, created, tags, NULL AS logprobs FROM main.answers
"""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a store, or an empty database, to today's version in one transaction.

    connection (sqlite3.Connection): Open for writing; nothing happens if it is of today.
    """
    if stored_version(connection) == SCHEMA_VERSION:
        return
    with writing(connection):
        for statements in MIGRATIONS[stored_version(connection) :]:  # another may have been first
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def adapt(connection: sqlite3.Connection) -> None:
    """Let a store of an earlier version be read as one of today, without writing to it."""
    if stored_version(connection) == 1:
        connection.execute(VERSION_1_VIEW)


def stored_version(connection: sqlite3.Connection) -> int:
    """Return the schema version of an open store; 0 for an empty database."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check_schema(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a database that is no answer store, or one of a later version.

    RAISES (UserError): If it is.
    """
    version = stored_version(connection)
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID or not version:
        raise UserError(f"{path} is not an answer store; give another path for the store.")
    if version > SCHEMA_VERSION:
        raise UserError(
            f"{path} has schema version {version}, this spacy-distill knows up to "
            f"{SCHEMA_VERSION}; install a later spacy-distill."
        )
