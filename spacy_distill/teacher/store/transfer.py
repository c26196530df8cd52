"""Answers as JSON Lines: all that is kept of them, or as a recording to replay."""

import gzip
import json
from collections.abc import Iterable, Iterator
from itertools import count, groupby, takewhile
from pathlib import Path
from typing import Any

from ...errors import UserError
from ...io import atomic_path
from ...ty import Track, untracked
from .records import Record, read_records
from .selection import Selection
from .text import to_cell


def export_answers(
    store: Path | str,
    out: Path | str,
    selection: Selection | None = None,
    *,
    track: Track = untracked,
) -> int:
    """Write answers and failures with everything that is kept of them.

    store (Path | str): The store; opened read-only.
    out (Path | str): A JSON Lines file, gzipped if it ends in `.gz`.
    selection (Selection | None): Which of them; None for all.
    track (Track): Shows progress.
    RETURNS (int): The number of rows.
    """
    records = read_records(store, selection, track=track)
    return write_rows(out, (record.to_json() for record in records))


def export_recording(
    store: Path | str,
    out: Path | str,
    selection: Selection | None = None,
    *,
    track: Track = untracked,
) -> int:
    """Write prompts with their answers, as `spacy-distill.Replay.v1` reads them.

    store (Path | str): The store; opened read-only.
    out (Path | str): A JSON Lines file, gzipped if it ends in `.gz`.
    selection (Selection | None): Which answers; None for all.
    track (Track): Shows progress.
    RETURNS (int): The number of prompts. One without a first answer is left out, and of one that
        lacks an answer in between only those before it are written: their place is their number.
    RAISES (UserError): If one prompt has answers of several models or parameters.
    """
    records = read_records(store, selection, track=track)
    return write_rows(out, recordings(records, store))


def recordings(records: Iterable[Record], store: Path | str) -> Iterator[dict[str, Any]]:
    """Yield the prompts and responses of records, each prompt's together.

    RAISES (UserError): If one prompt has answers of several models or parameters.
    """
    answered = (record for record in records if record.status == "answered")
    for _, group in groupby(answered, key=prompt_of):
        found = list(group)
        if len({record.key for record in found}) > 1:
            models = sorted({f"{record.model} {record.params}" for record in found})
            raise UserError(
                f"{store} holds answers of several models or parameters to one prompt: {models}. "
                f"Export those of one model or tag."
            )
        numbered = zip(count(), found, strict=False)
        responses = [r.response for i, r in takewhile(is_in_place, numbered)]
        if responses:
            yield {"prompt": found[0].prompt, "responses": responses}


def prompt_of(record: Record) -> str:
    """Return the SHA-256 of a record's prompt."""
    return record.prompt_sha256


def is_in_place(numbered: tuple[int, Record]) -> bool:
    """Say whether no sample is missing before a record."""
    return numbered[0] == numbered[1].sample


def write_rows(out: Path | str, rows: Iterable[dict[str, Any]]) -> int:
    """Write rows as JSON Lines, gzipped if the path ends in `.gz`; returns their number."""
    n = 0
    with atomic_path(out) as temporary:
        zipped = Path(out).suffix == ".gz"
        opened: Any = gzip.open(temporary, "wb", 6) if zipped else temporary.open("wb")
        with opened as file:
            for row in rows:
                line = json.dumps(row, ensure_ascii=False)
                if isinstance(to_cell(line), bytes):  # lone surrogates need escapes
                    line = json.dumps(row)
                file.write(f"{line}\n".encode())
                n += 1
    return n
