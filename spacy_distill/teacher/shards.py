"""Shards written by a running app: several threads and processes, nothing lost with a process."""

import logging
import os
import threading
from collections import Counter
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any
from weakref import WeakSet, ref

from spacy.tokens import DocBin

from ..errors import UserError
from .journal import SUFFIX, Journal, recover

MAX_TOKENS = 100_000  # in a shard that is being filled: some 14 MB in memory

logger = logging.getLogger("spacy_distill")
WARNED: set[tuple[str, str]] = set()  # messages, and what kind of error was behind them


class ShardWriter:
    """Appends Docs to a journal of its own and turns that into a shard from time to time.

    folder (Path): The folder of the shards; made with the first Doc, not before.
    shard_size (int): The most Docs in a shard, at least 1.
    max_seconds (float): A Doc that comes so many seconds after a shard's first goes into a new one.

    Each process has its own journal, also after a fork, and finishes it when it exits. What killed
    processes have left is found whenever a journal is opened.
    """

    _lock: threading.Lock
    _journal: Journal | None
    _finalize: Finalize | None

    def __init__(self, folder: Path, *, shard_size: int, max_seconds: float) -> None:
        if folder.exists() and not folder.is_dir():
            raise UserError(f"{folder} is a file; name a folder for the collected shards.")
        if shard_size < 1 or max_seconds <= 0:
            raise UserError(
                f"shard_size = {shard_size}, max_seconds = {max_seconds}: a shard needs at least "
                f"one Doc and some time."
            )
        self.folder = folder.absolute()
        self.shard_size = shard_size
        self.max_seconds = max_seconds
        self.counts: Counter[str] = Counter()
        self._reset()

    def __getstate__(self) -> dict[str, Any]:
        kept = ("folder", "shard_size", "max_seconds")
        return {name: getattr(self, name) for name in kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, counts=Counter())
        self._reset()

    def __del__(self) -> None:
        if getattr(self, "_journal", None) is not None:
            self._finish()

    def add(self, docbin: DocBin) -> None:
        """Keep a Doc.

        docbin (DocBin): A DocBin of it, with user data.
        RAISES (OSError): If it could not be written.
        """
        with self._lock:
            if self._journal is not None and self._journal.age >= self.max_seconds:
                self._finish()
            if self._journal is None:
                self._journal = Journal(self.folder)
                self._finalize = self._finalize or close_at_exit(self)
                self._recover()
            self._journal.append(docbin)
            if len(self._journal) >= self.shard_size or self._journal.n_tokens >= MAX_TOKENS:
                self._finish()

    def count(self, what: str) -> None:
        """Count one more of something, from any thread."""
        with self._lock:
            self.counts[what] += 1

    def close(self) -> None:
        """Make shards of all that this and ended processes hold; the next Doc opens a new one."""
        with self._lock:
            self._finish()
            self._recover()

    def _finish(self) -> None:
        journal, self._journal = self._journal, None
        if journal is None:
            return
        try:
            journal.finish()
        except Exception as error:  # the app must go on; the journal is tried again with the next
            warn_once(f"{self.folder}: a journal could not be made a shard", error)

    def _recover(self) -> None:
        for path in sorted(self.folder.glob(f"*{SUFFIX}")):
            try:
                n_torn = recover(path)
            except Exception as error:
                warn_once(f"{self.folder}: {path.name} could not be made a shard", error)
            else:
                if n_torn:
                    self.counts["torn"] += 1
                    warn_once(f"{path} ended in the middle of a Doc, {n_torn} bytes, left out.")

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._journal = None
        self._finalize = None
        WRITERS.add(self)

    def _forget(self) -> None:
        if self._journal is not None:
            self._journal.release()
        self._reset()


WRITERS: "WeakSet[ShardWriter]" = WeakSet()


def close_at_exit(writer: ShardWriter) -> Finalize:
    """Have a writer closed when its process exits, also one of `multiprocessing`."""
    return Finalize(writer, close_if_alive, args=(ref(writer),), exitpriority=0)


def close_if_alive(writer: "ref[ShardWriter]") -> None:
    """Close a writer that has not been collected as garbage."""
    found = writer()
    if found is not None:
        found.close()


def start_anew() -> None:
    """Leave the journals to the parent process: a fork has its own, and locks that nobody holds."""
    for writer in list(WRITERS):
        writer._forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=start_anew)


def warn_once(message: str, error: Exception | None = None) -> None:
    """Log a warning, the same one only once, whatever files the error behind it names.

    message (str): What happened.
    error (Exception | None): Why; only its kind makes it another warning.
    """
    kind = f"{type(error).__name__} {getattr(error, 'errno', '')}" if error is not None else ""
    if (message, kind) not in WARNED:
        WARNED.add((message, kind))
        logger.warning(f"{message}: {type(error).__name__}: {error}" if error else message)
