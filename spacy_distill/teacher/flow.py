"""The flow of questions through a store: looked up or claimed, asked, committed, handed on."""

import logging
import os
import time
from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import Any

from ..errors import UserError
from ..ty import Answer, AnswerModel, Exchange, Request
from .exchange import by_prompt, exchange_of, take_groups
from .store.answers import AnswerStore
from .store.pulse import Pulse

CHUNK = 128  # requests that are looked up and claimed in one transaction
MAX_ELSEWHERE = 4096  # requests that we wait for others to ask, before we wait with all
WAIT = 1.0  # seconds to wait for an answer
GROUP_SECONDS = 0.02  # answers that come within this time are committed together
RETURN_SECONDS = 0.25  # how often to look for answers that somebody else is asking for
MAX_FAILURES_IN_A_ROW = 10
TOKENS = ("prompt_tokens", "completion_tokens")

WAITING = "Waiting for %d answers that are on their way; interrupt again to leave them"

logger = logging.getLogger("spacy_distill")


class Flow:
    """One stream of questions to a model with a store.

    model (AnswerModel): The model.
    store (AnswerStore): The store.
    params (Mapping[str, Any]): The model's parameters in the store's keys.
    counts (Counter[str]): Grows with every answer.

    An interrupt may come at any line. What was claimed and what was taken out but not committed is
    therefore kept here, for `_drain` to settle.
    """

    def __init__(
        self,
        model: AnswerModel,
        store: AnswerStore,
        params: Mapping[str, Any],
        counts: Counter[str],
    ) -> None:
        self._model = model
        self._store = store
        self._params = params
        self._counts = counts
        self._receipts = store.receipts(model.name, params)
        self._pid = os.getpid()
        self._claiming: list[Request] = []
        self._claimed: set[Request] = set()
        self._came: list[Answer] = []  # not committed yet
        self._elsewhere: deque[Request] = deque()  # somebody is asking them at this moment
        self._returned = 0.0
        self._doomed: set[Request] = set()  # have failed in an earlier run
        self._n_failures = 0
        self._last_reason = ""

    def run(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Yield an answer to every request, in any order; see `StoredModel.answers`."""
        groups = by_prompt(requests)
        with (
            self._receipts,
            Pulse(self._store),
            exchange_of(self._model, self._receipts) as exchange,
        ):
            try:
                more = True
                while more or exchange.n_open or self._elsewhere:
                    if more and self._has_room(exchange):
                        more = yield from self._fill(exchange, groups)
                    yield from self._return(exchange)
                    hurry = more and self._has_room(exchange)
                    yield from self._take(exchange, wait=0.0 if hurry else WAIT)
                    self._check(exchange)
            finally:
                if self._pid == os.getpid():  # a forked child must not end what its parent does
                    self._drain(exchange)

    def _has_room(self, exchange: Exchange) -> bool:
        return exchange.room > 0 and len(self._elsewhere) < MAX_ELSEWHERE

    def _fill(
        self, exchange: Exchange, groups: Iterator[list[Request]]
    ) -> Generator[Answer, None, bool]:
        """Hand in some requests; say whether there may be more."""
        chunk = take_groups(groups, min(exchange.room, CHUNK))
        if chunk:
            yield from self._claim(exchange, chunk)
        return bool(chunk)

    def _return(self, exchange: Exchange) -> Iterator[Answer]:
        """Look again for what somebody else was asking: answered, still asked, or ours now."""
        if not self._elsewhere or time.monotonic() - self._returned < RETURN_SECONDS:
            return
        self._returned = time.monotonic()
        left = len(self._elsewhere)
        while left > 0 and exchange.room > 0:
            n = min(left, CHUNK)
            left -= n
            yield from self._claim(exchange, [self._elsewhere.popleft() for _ in range(n)])

    def _claim(self, exchange: Exchange, chunk: list[Request]) -> Iterator[Answer]:
        self._claiming = chunk
        claimed = self._store.claim(chunk, self._model.name, self._params)
        self._claimed.update(claimed.mine)
        self._claiming = []
        if claimed.batched:
            raise UserError(
                f"Some of these questions stand in a batch that is open. Run `spacy distill batch` "
                f"until it is done, or take them out with its --cancel. All answers so far are kept "
                f"in {self._store.path}."
            )
        self._counts["stored"] += len(claimed.known)
        self._elsewhere.extend(claimed.elsewhere)
        self._doomed |= claimed.failed
        if claimed.mine:
            exchange.put(claimed.mine)
        yield from claimed.known

    def _take(self, exchange: Exchange, *, wait: float) -> Iterator[Answer]:
        """Take out what has come, and hand it on when it is committed."""
        if exchange.n_open:
            self._came += exchange.take(wait)
            if self._came and exchange.n_open:
                time.sleep(GROUP_SECONDS)
                self._came += exchange.take(0.0)
        elif self._elsewhere and wait:
            time.sleep(RETURN_SECONDS)
        yield from self._commit()

    def _commit(self) -> list[Answer]:
        """Store what has come in one transaction, and return it."""
        answers = self._came
        if answers:
            self._store.add_all(answers, self._model.name, self._params)
            self._came = []
            self._receipts.settle(answers)
            self._claimed.difference_update(answer.request for answer in answers)
            self._count(answers)
        return answers

    def _count(self, answers: list[Answer]) -> None:
        self._counts["asked"] += len(answers)
        for answer in answers:
            for key in TOKENS:
                if isinstance(answer.usage.get(key), int):
                    self._counts[key] += answer.usage[key]
            doomed = answer.request in self._doomed  # one bad text blocks no run
            self._doomed.discard(answer.request)
            if answer.status == "failed":
                self._counts["failed"] += 1
                self._n_failures += not doomed
                self._last_reason = answer.reason
            else:
                self._n_failures = 0

    def _check(self, exchange: Exchange) -> None:
        """End the run where nothing works any more.

        RAISES (UserError): If the model says so, or after too many failures in a row.
        """
        kept = f"All answers so far are kept in {self._store.path}"
        error = exchange.error
        if isinstance(error, UserError):
            self._drain(exchange)
            raise type(error)(f"{error} {kept}: the same command goes on from there.") from error
        if error is not None:
            raise error
        if self._n_failures >= MAX_FAILURES_IN_A_ROW:
            raise UserError(
                f"{self._n_failures} requests in a row failed, the last with: {self._last_reason}. "
                f"{kept}; mend it and run again."
            )

    def _drain(self, exchange: Exchange) -> None:
        """Store what is on its way, which is paid for, and let others ask what was not sent."""
        try:
            exchange.stop()
            if exchange.n_open:
                logger.warning(WAITING, exchange.n_open)
            while exchange.n_open:
                self._came += exchange.take(WAIT)
        finally:
            try:
                self._commit()
            finally:
                self._release()

    def _release(self) -> None:
        """Give back all claims, or we would wait for ourselves the next time."""
        unasked = [*self._claimed, *self._claiming]
        self._claimed.clear()
        self._claiming = []
        self._elsewhere.clear()
        self._store.release(unasked, self._model.name, self._params)
