"""Receipts: answers written to a file the moment they come, until the store has committed them.

Commits are made for groups of answers, and each takes a few milliseconds. A process that is killed in
between has paid for answers that only its memory held: the receipts are what is left of them.
"""

import glob
import json
import mmap
import os
import threading
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from ...ty import Answer, Catch, Request
from .receipt_lines import CAUGHT, as_line

SUFFIX = ".receipts"
LEFT = "left"  # in the place of the owner: what a living process could not commit
MAX_BYTES = 1_000_000  # then the next file is begun, so that this one can go


class ReceiptFile:
    """An open file of receipts, mapped into memory: what is copied there survives a killed process.

    path (Path): Where it is; must not exist yet.
    left (Path): Where it goes if it is left behind.
    header (bytes): What it begins with.
    RAISES (OSError): If it cannot be made.

    `open` holds the requests whose answers in it the store does not hold yet. A write to a file would
    let other threads run in between, for milliseconds where they are busy; a copy does not.
    """

    def __init__(self, path: Path, left: Path, header: bytes) -> None:
        self.path = path
        self.left = left
        self.n_bytes = 0
        self.open: set[Request] = set()
        self._header = header
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._map: mmap.mmap | None = None
        try:
            self.begin()
        except OSError:
            self.end()
            raise

    def write(self, data: bytes) -> None:
        """Append bytes, all of them.

        RAISES (OSError): If there is no space for them.
        """
        end = self.n_bytes + len(data)
        self._mapped(end)[self.n_bytes : end] = data
        self.n_bytes = end

    def begin(self) -> None:
        """Begin with the header, on an empty file."""
        if self._map is not None:
            self._map[: self.n_bytes] = bytes(self.n_bytes)
        self.n_bytes = 0
        self.write(self._header)

    def end(self) -> None:
        """Close the file; remove it, or leave it to whoever begins to ask next."""
        if self._map is not None:
            self._map.close()
            self._map = None
        os.close(self._descriptor)
        if self.open:
            self.path.rename(self.left)
        else:
            self.path.unlink(missing_ok=True)

    def _mapped(self, n_bytes: int) -> mmap.mmap:
        """Return the map with so much space, which is really there: a hole would kill the process."""
        if self._map is None or len(self._map) < n_bytes:
            size = os.lseek(self._descriptor, 0, os.SEEK_END)
            while size < max(n_bytes, MAX_BYTES):
                size += os.write(self._descriptor, bytes(max(n_bytes, MAX_BYTES) - size))
            if self._map is not None:
                self._map.close()
            self._map = mmap.mmap(self._descriptor, size)
        return self._map


class Receipts:
    """The receipts of one flow of questions.

    store_path (Path): The answer store; the files stand beside it.
    owner (str): Who asks, as in the store's claims.
    model (str): The model's name.
    params (Mapping[str, Any]): Its parameters.
    tags (str): The tags of the answers, as JSON.

    `note` may be called from any thread; `settle` belongs to the thread that commits.
    """

    def __init__(
        self, store_path: Path, owner: str, *, model: str, params: Mapping[str, Any], tags: str
    ) -> None:
        self._store_path = store_path
        self._owner = owner
        self._id = os.urandom(4).hex()
        self._pid = os.getpid()
        self._header = f"{json.dumps([model, dict(params), tags])}\n".encode("ascii")
        self._lock = threading.RLock()  # the garbage collector can end a flow anywhere
        self._files: deque[ReceiptFile] = deque()
        self._n_files = 0

    def note(self, answers: Sequence[Answer]) -> None:
        """Write answers down; on return they have survived whatever kills this process.

        answers (Sequence[Answer]): The answers; failures are left out.
        """
        paid = [answer for answer in answers if answer.status != "failed"]
        if not paid:
            return
        lines = "".join(f"{json.dumps(as_line(answer))}\n" for answer in paid).encode("ascii")
        with self._lock, suppress(OSError):  # without space for them the commit will say so
            file = self._file()
            file.write(lines)
            file.open.update(answer.request for answer in paid)

    def catching(self, requests: Sequence[Request]) -> Catch:
        """Return what writes the bytes of the response to one call down, as they come.

        requests (Sequence[Request]): What is asked in the call.
        """
        return Catcher(self, requests)

    def catch(self, catcher: "Catcher", data: bytes) -> None:
        """Write some bytes of a response down, all in the file in which it has begun."""
        with self._lock, suppress(OSError):
            asked = None
            if catcher.file is None:
                catcher.file = self._file()
                catcher.file.open.update(catcher.requests)
                asked = [(request.prompt, request.sample) for request in catcher.requests]
            elif catcher.file not in self._files:  # its number may be another file's by now
                return
            row = [id(catcher), asked, data.decode("latin-1")]
            catcher.file.write(f"{json.dumps({CAUGHT: row})}\n".encode("ascii"))

    def settle(self, answers: Sequence[Answer]) -> None:
        """Let go of the receipts of answers that the store holds now."""
        with self._lock:
            for file in self._files:
                file.open.difference_update(answer.request for answer in answers)
            while len(self._files) > 1 and not self._files[0].open:
                self._files.popleft().end()
            if self._files and not self._files[-1].open:
                with suppress(OSError):
                    self._files[-1].begin()

    def __enter__(self) -> "Receipts":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Remove the files, but for those with answers that could not be committed."""
        if self._pid != os.getpid():  # they are our parent's
            return
        with self._lock:
            self._owner = LEFT
            while self._files:
                self._files.popleft().end()

    def _file(self) -> ReceiptFile:
        """Return the file to write to."""
        if not self._files or self._files[-1].n_bytes > MAX_BYTES:
            self._begin()
        return self._files[-1]

    def _begin(self) -> None:
        file = ReceiptFile(self._path(self._owner), self._path(LEFT), self._header)
        self._files.append(file)
        self._n_files += 1

    def _path(self, owner: str) -> Path:
        name = f"{self._store_path.name}.{owner}.{self._id}.{self._n_files}{SUFFIX}"
        return self._store_path.with_name(name)


class Catcher:
    """Writes the bytes of the response to one call down, as they come.

    receipts (Receipts): Where.
    requests (Sequence[Request]): What was asked in the call.
    """

    def __init__(self, receipts: Receipts, requests: Sequence[Request]) -> None:
        self.requests = requests
        self.file: ReceiptFile | None = None
        self._receipts = receipts

    def __call__(self, data: bytes) -> None:
        """Write some of them down."""
        self._receipts.catch(self, data)


def receipt_paths(store_path: Path) -> list[Path]:
    """Return the files of receipts beside a store."""
    return sorted(store_path.parent.glob(f"{glob.escape(store_path.name)}.*{SUFFIX}"))


def any_left(store_path: Path) -> bool:
    """Say whether a living process has left receipts behind."""
    pattern = f"{glob.escape(store_path.name)}.{LEFT}.*{SUFFIX}"
    return any(store_path.parent.glob(pattern))


def receipts_of_others(store_path: Path, living: Collection[str]) -> list[Path]:
    """Return the files whose owner is not among the living."""
    n = len(store_path.name) + 1
    return [x for x in receipt_paths(store_path) if x.name[n:].split(".")[0] not in living]


def remove_receipts(paths: Iterable[Path]) -> None:
    """Remove files whose answers the store holds now."""
    for path in paths:
        path.unlink(missing_ok=True)
