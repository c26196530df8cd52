"""The tries of one call."""

import asyncio
import json
import time
from collections.abc import Mapping
from functools import partial
from typing import Literal

import aiohttp
from yarl import URL

from ...errors import UserError
from ...secrets import read_key, redacted
from ...ty import Answer, Receiver
from ..money.budget import Reservation
from .completions import NoCompletion, read_completion
from .endpoint import Endpoint
from .line import environment_proxy
from .pace import ends_within
from .patience import LATER, Patience, Trouble
from .refusals import KEY_ADVICE, Refusal, judge
from .tee import catching
from .terms import Call, Terms

HTTP_OK = 200
MIN_ERROR = 400


class Stopped(UserError):
    """The endpoint will answer no request at all."""


class CapReached(UserError):
    """The next call might cross the cap on calls or cost."""


class Unasked(Exception):
    """A call was not sent, or not once more: the exchange ends, or the caps allow for no try now."""


class Caller:
    """Makes the calls of one exchange.

    terms (Terms): On which terms.
    session (aiohttp.ClientSession): The connections.
    ending (asyncio.Event): Set when nothing more may be sent.
    receiver (Receiver): Sees the bytes of each response the moment they come.
    """

    def __init__(
        self,
        terms: Terms,
        session: aiohttp.ClientSession,
        ending: asyncio.Event,
        receiver: Receiver,
    ) -> None:
        self._receiver = receiver
        self._terms = terms
        self._session = session
        self._ending = ending
        self._url = URL(terms.endpoint.url).update_query(dict(terms.endpoint.query))
        self._headers = terms.endpoint.request_headers()
        self._proxy = environment_proxy(self._url)

    async def answers(self, call: Call, body: bytes, reservation: Reservation) -> list[Answer]:
        """Return the answers to a call, or failures that say why there are none.

        call (Call): What to ask.
        body (bytes): The body to send.
        reservation (Reservation): What was kept back for the first try; it is settled here.
        RETURNS (list[Answer]): One per request, or fewer where the endpoint gives fewer choices.
        RAISES (Stopped): If no request will fare better.
        RAISES (Unasked): If the exchange ends, or the caps allow for no other try now.
        """
        terms, start = self._terms, time.perf_counter()
        patience = Patience(terms.max_tries)
        while True:
            await self._admit(call, body, reservation)
            outcome = await self._try(call, body, reservation, start)
            if isinstance(outcome, list):
                return outcome
            if outcome.refusal.course == "prompt" and len(call.requests) > 1:
                return []  # asked one by one: some endpoints refuse n
            wait = patience.after(outcome, moving=terms.pace.moving)
            if wait is None:
                return failures(call, patience.reason, outcome.refusal.course)
            again = None
            if not await ends_within(self._ending, wait):
                again = terms.budget.reserve(len(body), terms.max_output(call))
            if again is None:
                raise Unasked
            reservation = again

    async def _admit(self, call: Call, body: bytes, reservation: Reservation) -> None:
        """Wait for a call's turn."""
        admitted = False
        try:
            n_tokens = self._terms.n_tokens(call, body)
            admitted = await self._terms.pace.admit(n_tokens, self._ending)
        finally:
            if not admitted:
                self._terms.budget.cancel(reservation)
        if not admitted:
            raise Unasked

    async def _try(
        self, call: Call, body: bytes, reservation: Reservation, start: float
    ) -> list[Answer] | Trouble:
        budget = self._terms.budget
        settle = budget.settle_unknown  # until we know better
        catching.set(self._receiver.catching(call.requests))
        try:
            status, headers, content = await self._post(body)
            if status != HTTP_OK:
                settle = budget.refund
            wait = self._terms.pace.obey(status, headers)
            if status != HTTP_OK:
                return self._trouble(status, content, wait)
            answers = read_completion(content, call.requests, time.perf_counter() - start)
            settle = partial(budget.settle, usage=answers[0].usage)
            return answers
        except NoCompletion as error:
            return self._trouble(inner_status(content), content, wait, str(error))
        except aiohttp.ClientConnectorError as error:
            settle = budget.refund
            return Trouble(Refusal("retry", transport_reason(error)))
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            return Trouble(Refusal("retry", transport_reason(error)))
        finally:
            settle(reservation)

    async def _post(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        """Send a body; return the response's status, headers and body."""
        async with self._session.post(
            self._url,
            data=body,
            headers=self._headers,
            proxy=self._proxy,
            allow_redirects=False,  # the key is for this address
        ) as response:
            return response.status, response.headers, await response.read()

    def _trouble(
        self, status: int | None, content: bytes, wait: float | None, reason: str = ""
    ) -> Trouble:
        if status is None:
            return Trouble(Refusal("retry", reason), unread=True)
        refusal = judge(
            status,
            content,
            asked_to_wait=wait is not None,
            fields=self._terms.endpoint.config,
        )
        if refusal.course == "stop":
            raise Stopped(explain(refusal, self._terms.endpoint))
        return Trouble(refusal, wait, later=status in LATER)


def explain(refusal: Refusal, endpoint: Endpoint) -> str:
    """Say why an endpoint answers no request, and what to do about it."""
    advice = refusal.advice
    if advice == KEY_ADVICE:
        state = "holds" if read_key(endpoint.key_variable) else "does not hold"
        advice = (
            f"The environment variable {endpoint.key_variable} {state} a key; set it to one "
            f"that may use {endpoint.model!r}"
        )
    return redacted(f"{endpoint.base_url} answers no request ({refusal.reason}). {advice}.")


def failures(call: Call, reason: str, course: str = "retry") -> list[Answer]:
    """Return an answer without a response for each request of a call."""
    status: Literal["refused", "failed"] = "refused" if course == "refused" else "failed"
    return [Answer(request, None, status, redacted(reason)) for request in call.requests]


def transport_reason(error: Exception) -> str:
    """Say what went wrong before there was a response."""
    if isinstance(error, asyncio.TimeoutError):
        return "no answer in time; raise timeout in the model block if the model is that slow"
    return f"{type(error).__name__}: {error}"


def inner_status(content: bytes) -> int | None:
    """Return the status in the body of an error that comes with HTTP 200, as OpenRouter sends it."""
    try:
        code = json.loads(content)["error"]["code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return code if isinstance(code, int) and code >= MIN_ERROR else None
