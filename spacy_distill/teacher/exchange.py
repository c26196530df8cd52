"""Exchanges of models that know none, and answers from an exchange without a store."""

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import attrgetter
from types import TracebackType

from ..errors import UserError
from ..ty import Answer, AnswerModel, Catch, Exchange, ExchangingModel, Receiver, Request

WAIT = 1.0  # seconds between two looks at an exchange
MAX_GROUP = 128  # requests with the same prompt
DIRECT_ROOM = 64
DIRECT_SECONDS = 0.05  # answers of a quick model are handed on together


class Unseen:
    """Receives without looking."""

    def note(self, answers: Sequence[Answer]) -> None:
        """See answers."""

    def catching(self, requests: Sequence[Request]) -> Catch:
        """Return what sees the bytes of a response."""
        return unseen


def unseen(data: bytes) -> None:
    """Look away."""


UNSEEN = Unseen()


def exchange_of(model: AnswerModel, receiver: Receiver) -> Exchange:
    """Return an exchange for any model: its own, or one that asks one question after the other.

    model (AnswerModel): The model.
    receiver (Receiver): Sees each answer the moment it comes.
    """
    if isinstance(model, ExchangingModel):
        return model.exchange(receiver)
    return DirectExchange(model, receiver)


def exchanged(exchange: Exchange, requests: Iterable[Request]) -> Iterator[Answer]:
    """Yield the answers to requests as they come; a slow one holds up nobody.

    exchange (Exchange): The exchange, not entered yet.
    requests (Iterable[Request]): The requests, pulled as there is room for them.
    RAISES (Exception): What ended the exchange early, after what was on its way.
    """
    groups = by_prompt(requests)
    with exchange:
        try:
            while True:
                more = take_groups(groups, exchange.room) if not exchange.error else []
                if more:
                    exchange.put(more)
                if not exchange.n_open:
                    break
                yield from exchange.take(WAIT)
                if exchange.error:
                    yield from drained(exchange)
        except KeyboardInterrupt:
            yield from drained(exchange)
            raise
        if exchange.error:
            raise exchange.error


def by_prompt(requests: Iterable[Request]) -> Iterator[list[Request]]:
    """Yield requests that stand side by side and have the same prompt together: one call's, perhaps."""
    for _, group in groupby(requests, key=attrgetter("prompt")):
        while part := list(islice(group, MAX_GROUP)):
            yield part


def take_groups(groups: Iterator[list[Request]], n: int) -> list[Request]:
    """Take n requests or a few more, none if there are none left; no group is torn apart."""
    taken: list[Request] = []
    while len(taken) < n and (group := next(groups, None)):
        taken += group
    return taken


def drained(exchange: Exchange) -> Iterator[Answer]:
    """Send nothing more, wait for what is on its way, and yield it: it is paid for."""
    exchange.stop()
    while exchange.n_open:
        yield from exchange.take(WAIT)


class DirectExchange:
    """Asks a model one question after the other, in the caller's thread.

    model (AnswerModel): The model.
    receiver (Receiver): Sees each answer the moment it comes.
    """

    def __init__(self, model: AnswerModel, receiver: Receiver) -> None:
        self.error: Exception | None = None
        self._model = model
        self._receiver = receiver
        self._waiting: deque[Request] = deque()

    @property
    def n_open(self) -> int:
        """Requests that were put in and not answered yet."""
        return len(self._waiting)

    @property
    def room(self) -> int:
        """How many more requests may be put in now."""
        return DIRECT_ROOM - self.n_open

    def put(self, requests: Sequence[Request]) -> None:
        """Hand in requests."""
        self._waiting.extend(requests)

    def take(self, timeout: float) -> list[Answer]:
        """Ask until 50 ms have passed or something fails, at least once."""
        found: list[Answer] = []
        end = time.monotonic() + min(timeout, DIRECT_SECONDS)
        while self._waiting and not self.error:
            if found and (found[-1].status == "failed" or time.monotonic() > end):
                break
            request = self._waiting.popleft()
            try:
                answers = list(self._model.answers([request]))
                self._receiver.note(answers)
                found += answers
            except UserError as error:
                self.error = error
                self._waiting.clear()
        return found

    def stop(self) -> None:
        """Ask nothing more."""
        self._waiting.clear()

    def __enter__(self) -> "DirectExchange":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._waiting.clear()
