"""Who is asking what at this moment, so that several processes never ask the same question."""

import json
import os
import socket
import sqlite3
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...ty import Answer, Request
from .rows import Place

BEAT_EVERY = 5.0  # seconds
DEAD_AFTER = 30.0  # seconds without a heartbeat
BEAT = """
INSERT INTO owners VALUES (?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET heartbeat = excluded.heartbeat
"""
CLAIMED = "SELECT key, sample FROM claims WHERE key IN (SELECT value FROM json_each(?))"
BATCHED = """
SELECT key, sample FROM batch_rows WHERE key IN (SELECT value FROM json_each(?)) AND job IS NOT NULL
"""


@dataclass
class Claimed:
    """What became of the requests that were claimed.

    known (list[Answer]): Answers that the store holds; failures are not among them.
    mine (list[Request]): Ours to ask now, failed ones of earlier runs included.
    elsewhere (list[Request]): Somebody, also ourselves, is asking them now; claim them again later.
    batched (list[Request]): They stand in a batch job that is open, for hours maybe.
    failed (set[Request]): Those of ours whose last try has failed.
    """

    known: list[Answer] = field(default_factory=list)
    mine: list[Request] = field(default_factory=list)
    elsewhere: list[Request] = field(default_factory=list)
    batched: list[Request] = field(default_factory=list)
    failed: set[Request] = field(default_factory=set)


def shared_out(
    places: Sequence[Place],
    requests: Mapping[Place, Request],
    known: Mapping[Place, Answer],
    mine: set[Place],
    failed: set[Request],
    batched: set[Place],
) -> Claimed:
    """Return what became of claimed requests, each place of `mine` once."""
    claimed = Claimed(failed=failed)
    left = set(mine)
    for place in places:
        if place in known:
            claimed.known.append(known[place])
        elif place in left:
            left.remove(place)
            claimed.mine.append(requests[place])
        elif place in batched:
            claimed.batched.append(requests[place])
        else:
            claimed.elsewhere.append(requests[place])
    return claimed


class Claims:
    """The claims of one open store; its methods work inside a transaction.

    connection (sqlite3.Connection): The store.

    `id` is the owner's. One whose process is gone, or whose heartbeat has stopped, holds no claims.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.id = uuid.uuid4().hex
        self._host = host_name()
        self._last_beat: float | None = None  # None: never claimed anything

    @property
    def active(self) -> bool:
        """Whether anything was ever claimed."""
        return self._last_beat is not None

    @property
    def due(self) -> bool:
        """Whether it is time for the next heartbeat; never before the first claim."""
        return self._last_beat is not None and time.monotonic() - self._last_beat >= BEAT_EVERY

    def take(self, places: Iterable[Place]) -> set[Place]:
        """Claim places that nobody has claimed; bury the dead before.

        places (Iterable[Place]): The places.
        RETURNS (set[Place]): Those that are ours now.
        """
        wanted = set(places)
        keys = json.dumps(sorted({key for key, _ in wanted}))
        free = wanted.difference(self._connection.execute(CLAIMED, (keys,)))
        self._connection.executemany(
            "INSERT INTO claims VALUES (?, ?, ?)", [(*place, self.id) for place in sorted(free)]
        )
        return free

    def batched(self, places: Iterable[Place]) -> set[Place]:
        """Return those of some places that stand in an open batch job."""
        wanted = set(places)
        keys = json.dumps(sorted({key for key, _ in wanted}))
        return wanted.intersection(self._connection.execute(BATCHED, (keys,)))

    def settle(self, places: Sequence[Place]) -> None:
        """End the claims on places that are answered now, whoever holds them."""
        self._connection.executemany("DELETE FROM claims WHERE key = ? AND sample = ?", places)

    def release(self, places: Iterable[Place]) -> None:
        """End our own claims on places."""
        self._connection.executemany(
            "DELETE FROM claims WHERE key = ? AND sample = ? AND owner = ?",
            [(*place, self.id) for place in places],
        )

    def living(self) -> set[str]:
        """Return the ids of all owners that are not buried."""
        return {owner for (owner,) in self._connection.execute("SELECT id FROM owners")}

    def beat(self) -> None:
        """Say that we are alive."""
        self._connection.execute(BEAT, (self.id, os.getpid(), self._host, time.time()))
        self._last_beat = time.monotonic()

    def leave(self) -> None:
        """End all our claims."""
        self._bury([self.id])

    def bury_the_dead(self) -> list[str]:
        """End the claims of owners that are dead, and say that we are not.

        RETURNS (list[str]): The dead owners' ids.
        """
        owners = self._connection.execute("SELECT id, pid, host, heartbeat FROM owners").fetchall()
        if self.due or self.id not in {owner for owner, *_ in owners}:
            self.beat()
        now = time.time()
        dead = [
            owner
            for owner, pid, host, heartbeat in owners
            if owner != self.id
            and (now - heartbeat > DEAD_AFTER or (host == self._host and not is_running(pid)))
        ]
        self._bury(dead)
        return dead

    def _bury(self, owners: Sequence[str]) -> None:
        for owner in owners:
            self._connection.execute("DELETE FROM claims WHERE owner = ?", (owner,))
            self._connection.execute("DELETE FROM owners WHERE id = ?", (owner,))


def host_name() -> str:
    """Return a name of the machine, and on Linux of the container, within which a pid means one."""
    try:
        return f"{socket.gethostname()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()


def is_running(pid: int) -> bool:
    """Say whether a process of this machine is alive; where that cannot be told it is taken to be.

    pid (int): The process's number. On Windows only the heartbeat tells: a signal would end it.
    """
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
