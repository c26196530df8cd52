"""A heartbeat while questions are on their way, however busy their asker is."""

import threading
from contextlib import suppress
from types import TracebackType

from ...errors import UserError
from .answers import AnswerStore
from .claims import BEAT_EVERY


class Pulse:
    """Tells a store every few seconds that the holder of its claims is alive, from a thread.

    store (AnswerStore): The store.
    """

    def __init__(self, store: AnswerStore) -> None:
        self._store = store
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="spacy-distill-pulse", daemon=True)

    def __enter__(self) -> "Pulse":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it; the thread may be in the middle of a beat."""
        self._ending.set()

    def _run(self) -> None:
        while not self._ending.wait(BEAT_EVERY):
            with suppress(UserError):  # whoever asks will meet it too
                self._store.beat()
