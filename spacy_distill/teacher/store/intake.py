"""Answers from elsewhere into a store: exported files, and other stores."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from ...errors import UserError
from ...io import atomic_path
from ...ty import Track, untracked
from .opening import open_store
from .parsing import parse_record
from .records import Record, insert_records, read_records
from .transaction import explained

BATCH = 500  # records in one transaction
SHOWN = 500  # characters of a row that stand in the rejects


@dataclass
class Intake:
    """What became of the answers of one file or store.

    source (Path): The file or store.
    n_read (int): Its answers and failures, or its rows.
    n_added (int): Those that are in the store now and were not before.
    n_known (int): Those to which the store holds an answer already, or for failures anything.
    n_rejected (int): Rows that cannot be used.
    first_reject (str): The first of them: line and reason.
    """

    source: Path
    n_read: int = 0
    n_added: int = 0
    n_known: int = 0
    n_rejected: int = 0
    first_reject: str = ""


def import_answers(
    source: Path | str,
    store: Path | str,
    *,
    rejects_path: Path | str | None = None,
    track: Track = untracked,
) -> Intake:
    """Add exported answers to a store; what it holds stays, only its failures give way.

    source (Path | str): A file that `export_answers` has written, gzipped or not.
    store (Path | str): The store; made where there is none.
    rejects_path (Path | str | None): JSON Lines file for rows that cannot be used, with line and
        reason.
    track (Track): Shows progress.
    RETURNS (Intake): The counts.
    RAISES (UserError): If a file cannot be read or written; what was read before is kept.
    """
    found = Intake(Path(source))
    lines = track(read_lines(found.source), desc="Import", unit="rows")
    if rejects_path is None:
        add_records(parse_lines(lines, found, None), store, found)
        return found
    with atomic_path(rejects_path) as temporary, temporary.open("w", encoding="utf8") as rejects:
        add_records(parse_lines(lines, found, rejects), store, found)
    return found


def merge_stores(
    sources: Sequence[Path | str], store: Path | str, *, track: Track = untracked
) -> list[Intake]:
    """Add the answers of stores to one; the first answer stays, failures give way.

    sources (Sequence[Path | str]): The stores to read, in order; they stay as they are.
    store (Path | str): The store to add to; made where there is none.
    track (Track): Shows progress.
    RETURNS (list[Intake]): The counts of each.
    RAISES (UserError): If one of them is no store, or stands there twice.
    """
    paths = [Path(path) for path in sources]
    resolved = [path.resolve() for path in (Path(store), *paths)]
    if len(set(resolved)) < len(resolved):
        raise UserError("A store can't be merged with itself; name each of them once.")
    for path in paths:
        open_store(path, read_only=True).close()  # before anything is written
    merged = [Intake(path) for path in paths]
    for found in merged:
        add_records(read_records(found.source, track=track), store, found)
        found.n_read = found.n_added + found.n_known
    return merged


def add_records(records: Iterable[Record], store: Path | str, found: Intake) -> None:
    """Insert records into a store, and count them."""
    path = Path(store)
    stream = iter(records)
    with closing(open_store(path)) as connection:
        while batch := list(islice(stream, BATCH)):
            with explained(path):
                n_added = insert_records(connection, batch)
            found.n_added += n_added
            found.n_known += len(batch) - n_added


def parse_lines(lines: Iterable[bytes], found: Intake, rejects: IO[str] | None) -> Iterator[Record]:
    """Yield the records of lines; those that are none are counted and written to the rejects."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        found.n_read += 1
        try:
            yield parse_record(line)
        except ValueError as error:
            found.n_rejected += 1
            found.first_reject = found.first_reject or f"line {number}: {error}"
            if rejects is not None:
                row = line[:SHOWN].decode("utf8", "replace")
                reject = {"file": str(found.source), "line": number, "reason": str(error)}
                rejects.write(json.dumps({**reject, "row": row}) + "\n")


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file, gzipped if it ends in `.gz`.

    RAISES (UserError): If there is no such file, or it is damaged.
    """
    if not path.is_file():
        raise UserError(f"No file {path}; `spacy distill answers export` writes one.")
    opened: Any = gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")
    try:
        with opened as file:
            yield from file
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UserError(
            f"{path} is damaged ({error}); what was read before is kept. Write it again."
        ) from error
