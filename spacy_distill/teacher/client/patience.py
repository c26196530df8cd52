"""Whether a call is tried again, and when."""

from dataclasses import dataclass

from .pace import MAX_OBEYED, backoff
from .refusals import Refusal

LATER = frozenset({429, 498, 529})
RATE_LIMIT_PATIENCE = 4  # times as many tries where the server says when to come back
SPREAD = 1 / 20  # of a pause of our own, added to the server's, or all would come back at once
UNREAD_TRIES = 2  # an answer that cannot be read may have been paid for


@dataclass(frozen=True)
class Trouble:
    """A try without an answer.

    refusal (Refusal): What to do.
    wait (float | None): Seconds that the server asks to wait.
    unread (bool): Whether an answer came that cannot be read, and may have been paid for.
    later (bool): Whether there are only too many calls at this moment.
    """

    refusal: Refusal
    wait: float | None = None
    unread: bool = False
    later: bool = False


class Patience:
    """Decides whether a call is tried again, and when.

    max_tries (int): Tries, where trying again can help; four times as many where the server says when
        to come back, any number where it has too many calls but answers some, and two where an
        answer came that cannot be read.
    """

    def __init__(self, max_tries: int) -> None:
        self.reason = ""
        self._max_tries = max_tries
        self._n_tries = self._n_unread = 0

    def after(self, trouble: Trouble, *, moving: bool) -> float | None:
        """Return the seconds to wait before the next try; None to give up.

        trouble (Trouble): What came of the last try.
        moving (bool): Whether other calls are answered.
        """
        self.reason = trouble.refusal.reason
        self._n_tries += 1
        self._n_unread += trouble.unread
        wished = trouble.wait
        limit = self._max_tries * (1 if wished is None else RATE_LIMIT_PATIENCE)
        if self._n_tries >= limit and not (trouble.later and moving):
            return None
        if trouble.refusal.course != "retry" or (wished or 0.0) > MAX_OBEYED:
            return None
        if self._n_unread >= min(UNREAD_TRIES, self._max_tries):
            return None
        if wished is None:
            return backoff(self._n_tries)
        return wished + backoff(self._n_tries) * SPREAD
