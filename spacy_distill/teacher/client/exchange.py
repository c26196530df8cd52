"""Questions in flight: a sliding window of calls in the event loop, a plain face outside of it."""

import asyncio
from collections import deque
from collections.abc import Sequence
from types import TracebackType

from ...ty import Answer, Receiver, Request
from ..money.budget import Reservation
from .call import Caller, CapReached, Stopped, Unasked, failures
from .inbox import Inbox
from .line import Line
from .terms import Call, Terms, make_calls

MIN_AHEAD = 16  # requests that wait for a place, so that none stays empty


class ChatExchange:
    """The exchange of a chat model (see `spacy_distill.ty.Exchange`).

    line (Line): The connections.
    terms (Terms): On which terms to call.
    max_in_flight (int): How many calls wait for their answers at a time.
    receiver (Receiver): Sees the bytes of each response the moment they come, in the loop's thread.

    All calls run in the event loop's thread; the methods are for one other thread.
    """

    def __init__(self, line: Line, terms: Terms, *, max_in_flight: int, receiver: Receiver) -> None:
        self.error: Exception | None = None
        self._line = line
        self._terms = terms
        self._width = max_in_flight
        self._inbox = Inbox()
        self._ready: deque[Call] = deque()
        self._flying: dict[asyncio.Task[None], Call] = {}
        self._ending = asyncio.Event()
        self._caller = Caller(terms, line.session, self._ending, receiver)

    @property
    def n_open(self) -> int:
        """Requests that were put in and whose answers were not taken out yet."""
        return self._inbox.n_open

    @property
    def room(self) -> int:
        """How many more requests may be put in now."""
        n = self._terms.endpoint.n
        return (self._width + max(self._width, MIN_AHEAD)) * n - self.n_open

    def put(self, requests: Sequence[Request]) -> None:
        """Hand in requests."""
        self._line.thread.soon(self._enter, make_calls(requests, self._terms.endpoint.n))
        self._inbox.expect(len(requests))

    def take(self, timeout: float) -> list[Answer]:
        """Wait until there is an answer, `timeout` seconds at most, and take out all there are."""
        return self._inbox.take(timeout)

    def stop(self) -> None:
        """Send nothing more; what is on its way is still answered."""
        if self._line.thread.is_current():  # the garbage collector's doing: nobody can wait here
            self._inbox.expect_only(0)
        else:
            self._line.thread.run(self._stop())

    def __enter__(self) -> "ChatExchange":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Cut off what is on its way; on return nothing more comes."""
        if self._line.thread.is_current():
            self._line.thread.soon(asyncio.ensure_future, self._cancel())
        elif self._line.is_ours():
            self._line.thread.run(self._cancel())

    def _enter(self, calls: list[Call]) -> None:
        self._ready.extend(calls)
        self._start()

    def _start(self) -> None:
        """Start calls while there is a place in the window and the caps allow for the worst case."""
        while self._ready and len(self._flying) < self._width and not self._ending.is_set():
            try:
                started = self._start_one(self._ready[0])
            except Exception as error:  # whatever it is, nobody must wait for ever
                self._fail(error)
                return
            if not started:
                return
            self._ready.popleft()

    def _start_one(self, call: Call) -> bool:
        terms = self._terms
        body, max_output = terms.body(call), terms.max_output(call)
        reservation = terms.budget.reserve(len(body), max_output)
        if reservation is not None:
            task = asyncio.ensure_future(self._ask(call, body, reservation))
            self._flying[task] = call
            task.add_done_callback(self._land)
        elif not self._flying:
            why = terms.budget.refusal(len(body), max_output)
            self._fail(CapReached(f"Nothing more is asked: {why}. Raise the cap to go on."))
        return reservation is not None

    async def _ask(self, call: Call, body: bytes, reservation: Reservation) -> None:
        answers: list[Answer] = []
        try:
            answers = await self._caller.answers(call, body, reservation)
        except Unasked:
            pass
        except Stopped as error:
            self._fail(error)
            answers = failures(call, str(error))
        except Exception as error:  # whatever it is, nobody must wait for ever
            answers = failures(call, f"{type(error).__name__}: {error}")
        self._give_back(call.requests[len(answers) :])
        self._inbox.put(answers)

    def _give_back(self, requests: Sequence[Request]) -> None:
        """Have requests asked next, one by one, or not at all if the exchange ends."""
        if self._ending.is_set():
            self._inbox.drop(len(requests))
        else:
            self._ready.extendleft(Call((request,)) for request in reversed(requests))

    def _land(self, task: "asyncio.Task[None]") -> None:
        del self._flying[task]
        self._start()

    def _fail(self, error: Exception) -> None:
        self.error = self.error or error
        self._ending.set()
        self._inbox.ring()

    async def _stop(self) -> None:
        self._ending.set()
        self._ready.clear()
        flying = [call for task, call in self._flying.items() if not task.done()]
        self._inbox.expect_only(sum(len(call.requests) for call in flying))

    async def _cancel(self) -> None:
        await self._stop()
        await asyncio.sleep(0)  # a task that has not begun would never settle what it has reserved
        for task in self._flying:
            task.cancel()
        await asyncio.gather(*self._flying, return_exceptions=True)
