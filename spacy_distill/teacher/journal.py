"""A journal: Docs appended to a file as they come, which later becomes one `.spacy` shard.

What is in the file survives its process. The shard's name follows from the journal's, so that
making it twice, or by two processes, ends in the same one file.
"""

import errno
import os
import struct
import time
import uuid
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import IO

from spacy.tokens import DocBin

from ..io import atomic_path

try:
    import fcntl
except ImportError:  # a journal in use can't be deleted there, so the worst is a shard made early
    fcntl = None  # type: ignore[assignment]

HEADER = struct.Struct("<II")  # length and CRC-32 of the packed Doc that follows
SUFFIX = ".spacy.open"  # without its last part, the name of the shard


class Journal:
    """A file that this process appends Docs to, locked as long as it is open.

    folder (Path): The folder of journal and shard; made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        moment = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S%f")
        self.path = folder / f"{moment}-{uuid.uuid4().hex[:12]}{SUFFIX}"
        self.n_tokens = 0
        self._n_bytes = 0
        self._opened = time.monotonic()
        self._shard = DocBin(store_user_data=True)
        self._file = self.path.open("xb", buffering=0)
        with suppress(OSError):  # a file system without locks: nobody else can claim it either
            lock(self._file)

    def __len__(self) -> int:
        return len(self._shard)

    @property
    def age(self) -> float:
        """Seconds since the journal was opened."""
        return time.monotonic() - self._opened

    def append(self, docbin: DocBin) -> None:
        """Append a Doc in one write; on return it has survived whatever kills this process.

        docbin (DocBin): A DocBin of one Doc.
        RAISES (OSError): If it cannot be written; nothing is left of it then.
        """
        packed = docbin.to_bytes()
        record = HEADER.pack(len(packed), zlib.crc32(packed)) + packed
        try:
            if self._file.write(record) != len(record):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
        except OSError:
            self._file.truncate(self._n_bytes)
            self._file.seek(self._n_bytes)
            raise
        self._n_bytes += len(record)
        self._shard.merge(docbin)
        self.n_tokens += sum(map(len, docbin.tokens))

    def finish(self) -> None:
        """Make the shard and delete the journal.

        RAISES (OSError): If the shard cannot be written; the journal is kept then, and released.
        """
        with self._file:
            write_shard(self._shard, self.path)
        self.path.unlink(missing_ok=True)

    def release(self) -> None:
        """Close the file without making the shard, such as in a fork of the process it is from."""
        self._file.close()


def write_shard(shard: DocBin, journal_path: Path) -> None:
    """Write the shard of a journal beside it, unless there is not one Doc in it."""
    if len(shard):
        with atomic_path(journal_path.with_suffix("")) as temporary:
            shard.to_disk(temporary)


def read_records(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the packed Docs of a journal up to its end, or to a Doc that was not written in full."""
    while len(header := file.read(HEADER.size)) == HEADER.size:
        length, checksum = HEADER.unpack(header)
        packed = file.read(length)
        if len(packed) != length or zlib.crc32(packed) != checksum:
            return
        yield packed


def recover(path: Path) -> int:
    """Make the shard of a journal whose process has ended without doing so.

    path (Path): The journal; left alone if in use, or empty since it is just being opened.
    RETURNS (int): How many bytes at the end were no complete Doc.
    RAISES (OSError): If the shard cannot be written; the journal is kept then.
    """
    try:
        if path.stat().st_size == 0:
            return 0
        with path.open("r+b") as file:
            lock(file)
            n_bytes = os.fstat(file.fileno()).st_size
            shard = DocBin(store_user_data=True)
            for packed in read_records(file):
                shard.merge(DocBin(store_user_data=True).from_bytes(packed))
                n_bytes -= HEADER.size + len(packed)
            write_shard(shard, path)
    except (FileNotFoundError, BlockingIOError):
        return 0
    with suppress(PermissionError):  # in use, where that forbids to delete a file
        path.unlink(missing_ok=True)
    return n_bytes


def lock(file: IO[bytes]) -> None:
    """Lock a file until it is closed, or its process ends however it may.

    RAISES (BlockingIOError): If it is locked.
    """
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
