"""The server's own books: what was asked, what was answered, and what a client never read."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Books:
    """Counts by prompt digest.

    asked and delivered count requests and answers written to an open connection; unread holds the
    answers whose connection was then reset: a client's kernel does that, and not a plain close, where
    the process ended or gave up before it had read all that had come.
    """

    asked: Counter[str] = field(default_factory=Counter)
    delivered: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    most_in_flight: int = 0
    connections: int = 0
    first: float = 0.0
    last: float = 0.0

    def ask(self, digest: str) -> None:
        """Enter a request."""
        if not self.asked:
            self.first = time.monotonic()
        self.asked[digest] += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def deliver(self, digest: str) -> None:
        """Enter an answer."""
        self.delivered[digest] += 1
        self.last = time.monotonic()

    def totals(self) -> dict[str, Any]:
        """Return the sums, and the rate between the first request and the last answer."""
        seconds = self.last - self.first
        return {
            "prompts": len(self.asked),
            "asked": self.asked.total(),
            "delivered": self.delivered.total(),
            "unread": self.unread.total(),
            "in_flight": self.in_flight,
            "most_in_flight": self.most_in_flight,
            "connections": self.connections,
            "seconds": round(seconds, 3),
            "per_second": round(self.delivered.total() / seconds, 1) if seconds > 0 else 0.0,
            "cpu_seconds": round(time.process_time(), 3),
        }

    def by_prompt(self) -> dict[str, dict[str, int]]:
        """Return the counts of each prompt."""
        return {
            "asked": dict(self.asked),
            "delivered": dict(self.delivered),
            "unread": dict(self.unread),
        }
