"""Questions in flight to a model that knows no concurrency: one thread a question."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any

from ...ty import Answer, AnswerModel, Receiver, Request
from ..money.budget import Budget, Reservation
from .call import CapReached
from .inbox import Inbox
from .pace import backoff


class ThreadExchange:
    """The exchange of any model that may be asked from several threads at a time.

    model (AnswerModel): The model.
    budget (Budget): The cap on calls, tries included.
    max_in_flight (int): How many questions are asked at a time.
    max_tries (int): Tries per question; an exception of such a model does not say whether another
        try can help.
    receiver (Receiver): Sees each answer the moment it comes.
    """

    def __init__(
        self,
        model: AnswerModel,
        budget: Budget,
        *,
        max_in_flight: int,
        max_tries: int,
        receiver: Receiver,
    ) -> None:
        self.error: Exception | None = None
        self._model = model
        self._budget = budget
        self._width = max_in_flight
        self._max_tries = max_tries
        self._receiver = receiver
        self._inbox = Inbox()
        self._pool = ThreadPoolExecutor(max_in_flight, thread_name_prefix="spacy-distill")
        self._ending = threading.Event()

    @property
    def n_open(self) -> int:
        """Requests that were put in and whose answers were not taken out yet."""
        return self._inbox.n_open

    @property
    def room(self) -> int:
        """How many more requests may be put in now."""
        return 2 * self._width - self.n_open

    def put(self, requests: Sequence[Request]) -> None:
        """Hand in requests."""
        for request in requests:
            self._pool.submit(self._ask, request)
            self._inbox.expect(1)

    def take(self, timeout: float) -> list[Answer]:
        """Wait until there is an answer, `timeout` seconds at most, and take out all there are."""
        return self._inbox.take(timeout)

    def stop(self) -> None:
        """Ask nothing more; what is being asked is still answered."""
        self._ending.set()

    def __enter__(self) -> "ThreadExchange":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ending.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self, request: Request) -> None:
        answer = None
        try:
            answer = self._answer(request)
            if answer is not None:
                self._receiver.note([answer])
        except Exception as error:  # whatever it is, nobody must wait for ever
            self._fail(error)
        if answer is None:
            self._inbox.drop(1)
        else:
            self._inbox.put([answer])

    def _answer(self, request: Request) -> Answer | None:
        """Return the answer to a request; None if it is not asked, or not once more."""
        for n_tries in range(1, self._max_tries + 1):
            reservation = None if self._ending.is_set() else self._budget.reserve(0, None)
            if reservation is None:
                self._cap()
                return None
            answer = self._try(request, reservation)
            if answer.status != "failed" or n_tries == self._max_tries:
                break
            self._ending.wait(backoff(n_tries))
        return answer

    def _try(self, request: Request, reservation: Reservation) -> Answer:
        usage: dict[str, Any] = {}
        try:
            (answer,) = self._model.answers([request])
            usage = answer.usage
            return answer
        finally:
            self._budget.settle(reservation, usage)

    def _cap(self) -> None:
        if not self._ending.is_set():
            why = self._budget.refusal(0, None)
            self._fail(CapReached(f"Nothing more is asked: {why}. Raise the cap to go on."))

    def _fail(self, error: Exception) -> None:
        self.error = self.error or error
        self._ending.set()
        self._inbox.ring()
