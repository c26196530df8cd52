"""Rows of JSON Lines files, plain or gzipped, one at a time; a bad one is a reject."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from ...errors import UserError
from .found import Place, Unusable

MAX_LINE = 64_000_000  # bytes; what is longer is passed over without being held
ENDINGS = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")


@dataclass(frozen=True, slots=True)
class Row:
    """One object of a file."""

    place: Place
    values: dict[str, Any]
    raw: str

    def unusable(self, reason: str, detail: str) -> Unusable:
        """Return the reject that this row becomes."""
        return Unusable(self.place, reason, detail, self.raw)


def list_files(paths: Sequence[Path], endings: tuple[str, ...]) -> list[Path]:
    """Return the files of some paths, of which each may be a folder.

    paths (Sequence[Path]): Files and folders; a file may have any ending.
    endings (tuple[str, ...]): How the files of a folder end.
    RETURNS (list[Path]): The files, in order.
    RAISES (UserError): If a path does not exist, or a folder has no such file.
    """
    files: list[Path] = []
    for path in paths:
        found = [path] if path.is_file() else []
        if path.is_dir():
            found = sorted(x for x in path.iterdir() if x.is_file() and x.name.endswith(endings))
        if not found:
            what = (
                f"has no file that ends in {', '.join(endings)}" if path.exists() else "is missing"
            )
            raise UserError(f"{path} {what}.")
        files += found
    return files


def read_rows(paths: Sequence[Path]) -> Iterator[Row | Unusable]:
    """Stream the objects of JSON Lines files.

    paths (Sequence[Path]): Files, or folders of them.
    YIELDS (Row | Unusable): One per line that is not blank; a reject where it is no JSON object.
    """
    for path in list_files(paths, ENDINGS):
        try:
            yield from _read_file(path)
        except (OSError, EOFError) as error:
            yield Unusable(
                Place(path.name, 0), "unreadable file", f"{type(error).__name__}: {error}"
            )


def _read_file(path: Path) -> Iterator[Row | Unusable]:
    opened = gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")
    with cast(BinaryIO, opened) as file:
        number = 0
        while line := file.readline(MAX_LINE):
            number += 1
            place = Place(path.name, number)
            if len(line) == MAX_LINE and not line.endswith(b"\n"):
                yield Unusable(place, "not JSON", f"the line has more than {MAX_LINE:,} bytes")
                _skip_line(file)
            elif line.strip():
                yield _parse(place, line)


def _skip_line(file: BinaryIO) -> None:
    while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
        continue


def _parse(place: Place, line: bytes) -> Row | Unusable:
    raw = line.decode("utf8", errors="replace").strip()
    try:
        values = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return Unusable(place, "not JSON", f"{type(error).__name__}: {error}", raw)
    if not isinstance(values, dict):
        return Unusable(place, "not JSON", "not an object; write one object a line", raw)
    return Row(place, values, raw)
