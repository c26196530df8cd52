"""The answer store: one SQLite file in which every paid answer is kept before it is used."""

import hashlib
import json
import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any

from ..errors import UserError
from ..ty import Answer, Request

APPLICATION_ID = 0x5344414E  # "SDAN": tells our files from other SQLite files
SCHEMA_VERSION = 1
SQLITE_HEADER = b"SQLite format 3\0"
SCHEMA = """
CREATE TABLE prompts (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE answers (
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
) WITHOUT ROWID;
CREATE INDEX answers_prompt ON answers (prompt_sha256);
"""
SELECT = "SELECT status, response, reason, finish_reason, latency, usage FROM answers"
# The first answer stays: labels may hang on it already. Only a failure gives way.
INSERT = """
INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key, sample) DO UPDATE SET
    status = excluded.status, response = excluded.response, reason = excluded.reason,
    finish_reason = excluded.finish_reason, usage = excluded.usage, latency = excluded.latency,
    created = excluded.created, tags = excluded.tags
WHERE answers.status = 'failed'
"""
LOCK_TIMEOUT = 60.0  # seconds that a second process waits for the one that writes


def prompt_sha256(prompt: str) -> str:
    """Return the SHA-256 of a prompt's UTF-8 bytes as 64 hexadecimal digits."""
    return hashlib.sha256(prompt.encode("utf8")).hexdigest()


def answer_key(prompt: str, model: str, params: Mapping[str, Any]) -> str:
    """Return the key of an answer: everything that it depends on but the sample number.

    prompt (str): The rendered prompt.
    model (str): The model's name.
    params (Mapping[str, Any]): Every parameter that changes an answer; JSON-able.
    RETURNS (str): 64 hexadecimal digits; independent of the order of the parameters.
    """
    content = json.dumps([prompt, model, dict(params)], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(content.encode("ascii")).hexdigest()


class AnswerStore:
    """Keeps answers by prompt, model, parameters and sample number in one SQLite file.

    path (Path | str): The file; made, with its folders, unless `read_only`.
    read_only (bool): Open an existing store without ever writing to it.
    tags (Mapping[str, str] | None): Free-form tags that go with every answer added, such as a run's name.
    RAISES (UserError): If the file is no answer store, comes from a later version, or cannot be opened.

    An answer is committed before `add` returns. The journal is SQLite's write-ahead log, so a killed
    process loses nothing that was added (a power cut can lose the last moments), and other processes
    and threads use the store meanwhile.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        read_only: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self.path = Path(path)
        self._tags = json.dumps(dict(tags or {}), sort_keys=True)
        self._lock = threading.Lock()
        with explained(self.path):
            self._connection = self._open(read_only)

    def __enter__(self) -> "AnswerStore":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __len__(self) -> int:
        """Return the number of answers; failed requests are not answers."""
        query = "SELECT count(*) FROM answers WHERE status != 'failed'"
        return int(self._connection.execute(query).fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def get(self, request: Request, model: str, params: Mapping[str, Any]) -> Answer | None:
        """Return what is known of a request.

        request (Request): The prompt and sample number.
        model (str): The model's name.
        params (Mapping[str, Any]): Its parameters.
        RETURNS (Answer | None): The answer or the failure; None if it was never asked.
        """
        key = answer_key(request.prompt, model, params)
        with explained(self.path), self._lock:
            row = self._connection.execute(
                f"{SELECT} WHERE key = ? AND sample = ?", (key, request.sample)
            ).fetchone()
        if row is None:
            return None
        status, response, reason, finish_reason, latency, usage = row
        return Answer(request, response, status, reason, finish_reason, latency, json.loads(usage))

    def recorded(self) -> Iterator[tuple[str, int, str, str]]:
        """Yield prompt, sample number, response and the model's name and parameters of each answer."""
        query = (
            "SELECT text, sample, response, model || ' ' || params FROM answers "
            "JOIN prompts ON sha256 = prompt_sha256 WHERE status = 'answered' "
            "ORDER BY sha256, key, sample"
        )
        with explained(self.path), self._lock:
            yield from self._connection.execute(query)

    def add(self, answer: Answer, model: str, params: Mapping[str, Any]) -> None:
        """Store one answer before returning; what is answered once is never replaced.

        answer (Answer): The answer or failure.
        model (str): The model's name.
        params (Mapping[str, Any]): Its parameters.
        RAISES (UserError): If the store cannot be written, such as on a full disk.
        """
        prompt = answer.request.prompt
        sha256 = prompt_sha256(prompt)
        row = (
            answer_key(prompt, model, params),
            answer.request.sample,
            sha256,
            model,
            json.dumps(dict(params), sort_keys=True),
            answer.status,
            answer.response,
            answer.reason,
            answer.finish_reason,
            json.dumps(answer.usage),
            answer.latency,
            datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            self._tags,
        )
        with explained(self.path), self._lock, self._connection:
            self._connection.execute(
                "INSERT OR IGNORE INTO prompts VALUES (?, ?)", (sha256, prompt)
            )
            self._connection.execute(INSERT, row)

    def _open(self, read_only: bool) -> sqlite3.Connection:
        if not self.path.exists():
            if read_only:
                raise UserError(f"No answer store at {self.path}; `spacy distill label` makes one.")
            create_store(self.path)
        check_header(self.path)
        uri = f"{self.path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"
        connection = sqlite3.connect(uri, uri=True, timeout=LOCK_TIMEOUT, check_same_thread=False)
        try:
            check_schema(connection, self.path)
            connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            connection.close()
            raise
        return connection


def create_store(path: Path) -> None:
    """Make an empty store, complete from the first moment that another process can see it.

    path (Path): The file; left alone if another process was first.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        new = Path(folder) / path.name
        connection = sqlite3.connect(new)
        connection.executescript(SCHEMA)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
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
    with path.open("rb") as file:
        if file.read(len(SQLITE_HEADER)) != SQLITE_HEADER:
            raise UserError(f"{path} is not an answer store; give another path for the store.")


def check_schema(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a database that is no answer store, or one of a later version.

    RAISES (UserError): If it is.
    """
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise UserError(f"{path} is not an answer store; give another path for the store.")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise UserError(
            f"{path} has schema version {version}, this spacy-distill knows up to "
            f"{SCHEMA_VERSION}; install a later spacy-distill."
        )


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ones that name the store and say what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        advice = {
            "file is not a database": "give another path for the store",
            "database disk image is malformed": "restore it from a copy",
            "database or disk is full": "free some space and run again: what was answered is kept",
            "database is locked": "another process has been writing for a minute; run again",
            "unable to open database file": f"check that {os.path.dirname(path) or '.'} is writable",
        }.get(str(error), "check the file")
        raise UserError(f"Answer store {path}: {error}; {advice}.") from error
