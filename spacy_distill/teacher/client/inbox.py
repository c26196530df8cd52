"""Where the threads that ask put answers, and the one thread that waits takes them out."""

import threading
from collections import deque
from collections.abc import Sequence
from queue import Empty, SimpleQueue

from ...ty import Answer


class Inbox:
    """Answers on their way from the threads that ask to the thread that takes them.

    An interrupt may hit the taking thread anywhere. It can lose what was just taken out, which the
    receipts still hold, but never the count: somebody would wait for ever.
    """

    def __init__(self) -> None:
        self._answers: deque[Answer] = deque()
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._lock = threading.Lock()
        self._n_expected = self._n_done = 0

    @property
    def n_open(self) -> int:
        """How many answers are expected, or wait to be taken out."""
        return max(self._n_expected - self._n_done + len(self._answers), 0)

    def expect(self, n: int) -> None:
        """Expect more answers; called by the taking thread, after it has handed the requests in."""
        self._n_expected += n

    def expect_only(self, n: int) -> None:
        """Set straight how many answers are still to come; called while the taking thread waits."""
        self._n_expected = self._n_done + n

    def put(self, answers: Sequence[Answer]) -> None:
        """Put answers in."""
        with self._lock:
            self._answers.extend(answers)
            self._n_done += len(answers)
        self.ring()

    def drop(self, n: int) -> None:
        """Expect n answers less: their requests will not be asked."""
        with self._lock:
            self._n_done += n
        self.ring()

    def ring(self) -> None:
        """Wake the taking thread."""
        self._bell.put(None)

    def take(self, timeout: float) -> list[Answer]:
        """Wait until there is an answer or news, `timeout` seconds at most; take out all there are."""
        try:
            self._bell.get(timeout=0.0 if self._answers else timeout)
            while True:
                self._bell.get_nowait()
        except Empty:
            pass
        found = []
        while self._answers:
            found.append(self._answers.popleft())
        return found
