"""Kill a labelling process with -9 at random moments and resume it; hold its store against the books."""

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any

from chat_server.prompts import content, digest

from .harness import read_books

POLL = 0.002  # seconds
Stored = Mapping[str, str]


@dataclass
class KillReport:
    """What became of the answers that the server has delivered.

    kills (int): Processes killed while they were asking.
    delivered (int): Answers that the server has sent on open connections.
    in_kernel (int): Answers that a killed process's kernel had not handed over to it.
    lost (int): Answers that a killed process had read, and that are not in the store.
    repeated (int): Requests for a prompt whose answer was in the store.
    mixed_up (int): Stored answers that are another prompt's.
    stored (int): Answers in the store at the end.
    """

    kills: int = 0
    delivered: int = 0
    in_kernel: int = 0
    lost: int = 0
    repeated: int = 0
    mixed_up: int = 0
    stored: int = 0


class Auditor:
    """Holds the store against the server's books after each kill.

    url (str): The server.
    read_store (Callable[[], Stored]): Returns the stored answers by prompt.
    labels (tuple[str, ...]): What the server answers.
    """

    def __init__(self, url: str, read_store: Callable[[], Stored], labels: tuple[str, ...]) -> None:
        self.report = KillReport()
        self.url = url
        self._read_store = read_store
        self._labels = labels
        self._delivered: Counter[str] = Counter()  # at the last audit
        self._unread: Counter[str] = Counter()
        self._asked: dict[str, int] = {}  # by stored prompt, when it was first seen in the store

    def audit(self) -> None:
        """Account for what was delivered since the last audit; nobody must be asking."""
        while read_books(self.url, "stats")["in_flight"]:
            time.sleep(POLL)
        books: dict[str, Any] = read_books(self.url, "books")
        delivered, unread = Counter(books["delivered"]), Counter(books["unread"])
        stored = {digest(prompt): response for prompt, response in self._read_store().items()}
        missing = delivered - self._delivered
        for key in stored:
            missing.pop(key, None)
        in_kernel = missing & (unread - self._unread)
        self.report.in_kernel += in_kernel.total()
        self.report.lost += (missing - in_kernel).total()
        self.report.repeated = sum(books["asked"][key] - n for key, n in self._asked.items())
        self.report.delivered, self.report.stored = delivered.total(), len(stored)
        self.report.mixed_up = sum(
            response != content(key, self._labels) for key, response in stored.items()
        )
        self._asked.update({key: books["asked"][key] for key in stored if key not in self._asked})
        self._delivered, self._unread = delivered, unread


def kill_and_resume(
    start: Callable[[], BaseProcess],
    auditor: Auditor,
    *,
    n: int,
    kills: int,
    strike: Callable[[BaseProcess], None] = BaseProcess.kill,
    seed: int = 0,
) -> KillReport:
    """Start a process, kill it at a random moment while it asks, and so on; let the last one end.

    start (Callable[[], BaseProcess]): Starts the process that asks and stores.
    auditor (Auditor): Accounts for the answers.
    n (int): Prompts.
    kills (int): How many processes to kill.
    strike (Callable[[BaseProcess], None]): Kills a process.
    seed (int): Decides when.
    RETURNS (KillReport): What became of the answers.
    RAISES (RuntimeError): If the last process fails.
    """
    rng = random.Random(seed)
    for number in range(kills):
        process = start()
        wait_for(auditor.url, round(n * (number + rng.random()) / (kills + 1)) + 1, process)
        time.sleep(rng.uniform(0.0, 0.1))
        if process.is_alive():
            auditor.report.kills += 1
        strike(process)
        process.join()
        auditor.audit()
    process = start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"the process that resumed ended with {process.exitcode}")
    auditor.audit()
    return auditor.report


def wait_for(url: str, n: int, process: BaseProcess) -> None:
    """Wait until so many answers were delivered in all, or the process has ended."""
    while read_books(url, "stats")["delivered"] < n and process.is_alive():
        time.sleep(POLL)
