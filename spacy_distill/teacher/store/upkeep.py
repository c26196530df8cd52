"""Look after a store: what it holds, and forgetting answers for good."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ...attrs import doc_id, get_distill
from ...errors import UserError
from ...io import count_docs, read_docs
from ...ty import Track, untracked
from .answers import AnswerStore
from .opening import open_store
from .records import JOINED, reading
from .selection import Selection
from .totals import ModelTotals, TagTotals, tag_totals
from .transaction import explained, writing

DELETE = f"DELETE FROM answers WHERE rowid IN (SELECT answers.rowid {JOINED})"  # noqa: S608
DELETE_PROMPTS = """
DELETE FROM prompts WHERE NOT EXISTS (SELECT 1 FROM answers WHERE prompt_sha256 = sha256)
"""


@dataclass(frozen=True)
class StoreStats:
    """What a store holds.

    n_bytes (int): Its size on the disk.
    n_prompts (int): Different prompts.
    n_claims (int): Requests that somebody is asking now, as far as the store knows.
    models (list[ModelTotals]): Answers and tokens by model.
    tags (list[TagTotals]): Answers by model and tag.
    """

    n_bytes: int
    n_prompts: int
    n_claims: int
    models: list[ModelTotals]
    tags: list[TagTotals]


def store_stats(path: Path | str) -> StoreStats:
    """Count what a store holds.

    path (Path | str): The store; opened read-only.
    RETURNS (StoreStats): The counts.
    RAISES (UserError): If there is no store, or it cannot be read.
    """
    with AnswerStore(path, read_only=True) as store, reading(path, None) as connection:
        with explained(store.path):
            return StoreStats(
                n_bytes=store.n_bytes,
                n_prompts=count_rows(connection, "prompts"),
                n_claims=count_rows(connection, "claims"),
                models=store.totals(),
                tags=tag_totals(connection),
            )


def count_rows(connection: sqlite3.Connection, table: str) -> int:
    """Return the number of rows of a table; 0 where a store of an earlier version lacks it."""
    known = connection.execute("SELECT count(*) FROM pragma_table_info(?)", (table,)).fetchone()[0]
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) if known else 0  # noqa: S608


def delete_answers(path: Path | str, selection: Selection) -> int:
    """Delete answers, and overwrite what stood there.

    path (Path | str): The store.
    selection (Selection): Which answers; one without conditions means all of them.
    RETURNS (int): How many answers and failures were deleted. A prompt goes with its last answer.
    RAISES (UserError): If there is no store, or another process keeps it open: the answers are
        deleted then, but may still stand in the file's free space.
    """
    path = Path(path)
    if not path.exists():
        raise UserError(f"No answer store at {path}; check the path.")
    AnswerStore(path).close()  # takes in what dead processes had written down
    with explained(path), closing(open_store(path)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        selection.attach(connection)
        with writing(connection):
            n_deleted = connection.execute(DELETE).rowcount
            connection.execute(DELETE_PROMPTS)
        connection.execute("VACUUM")
        (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise UserError(
            f"{n_deleted} answers were deleted from {path}, but another process has it open, and "
            f"their text may still stand in the free space of its files; end it and delete again."
        )
    return n_deleted


def traces(corpus: Path | str, ids: Iterable[str], *, track: Track = untracked) -> list[str]:
    """Find what the prompts about Docs can be recognised by.

    corpus (Path | str): A corpus; if it was labelled, prompts with a masked text or a part of one
        are found as well, since its Docs know the SHA-256 of their prompts.
    ids (Iterable[str]): The content ids of the Docs, or the user's own.
    track (Track): Shows progress.
    RETURNS (list[str]): Texts and SHA-256 sums of prompts, for `Selection.about`.
    RAISES (UserError): If an id is not in the corpus.
    """
    wanted, seen, found = set(ids), set(), []
    for doc in track(read_docs(corpus), total=count_docs(corpus), desc=f"{corpus}"):
        record = get_distill(doc)
        names = wanted & {doc_id(doc), record.get("source", "")}
        if names:
            seen |= names
            found += [doc.text, *(answer["prompt_sha256"] for answer in record.get("answers", ()))]
    if wanted != seen:
        raise UserError(f"{corpus} has no text with the id {sorted(wanted - seen)[0]!r}.")
    return [trace for trace in found if trace.strip()]
