"""How fast to ask: limits per minute of our own, and the ones that the server's headers tell."""

import asyncio
import math
import random
import re
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

HTTP_OK = 200
MAX_PAUSE = 60.0  # seconds that we choose to wait; what the server asks for may be longer
MOVING = 2 * MAX_PAUSE  # seconds since an answer
MAX_OBEYED = 600.0  # seconds; a server that asks for more has no answer for this run
BURST = 1 / 60  # of a minute's allowance may be spent at once
DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Meter:
    """An allowance per minute, spent evenly (the generic cell rate algorithm of ITU-T I.371).

    per_minute (float): The allowance. No minute sees more of it, but for the size of one booking.
    """

    def __init__(self, per_minute: float) -> None:
        self._slack = 60.0 * BURST
        self._seconds_each = (60.0 + self._slack) / per_minute
        self._due = 0.0

    def book(self, amount: float, now: float) -> float:
        """Spend an amount and return how many seconds to wait before it may be used."""
        start = max(self._due, now - self._slack)
        self._due = start + amount * self._seconds_each
        return max(start - now, 0.0)

    def give_back(self, amount: float) -> None:
        """Take back what was booked and is not used."""
        self._due -= amount * self._seconds_each


class Pace:
    """When the next call may start: shared by all calls of a model.

    requests_per_minute (float | None): Calls a minute; None for no limit of ours.
    tokens_per_minute (float | None): Tokens a minute, prompts and most tokens of the answers.
    """

    def __init__(
        self, requests_per_minute: float | None = None, tokens_per_minute: float | None = None
    ) -> None:
        self._calls = Meter(requests_per_minute) if requests_per_minute else None
        self._tokens = Meter(tokens_per_minute) if tokens_per_minute else None
        self._open_at = 0.0  # nothing starts before
        self._answered_at = -math.inf

    @property
    def moving(self) -> bool:
        """Whether the endpoint has answered a call not long ago."""
        return time.monotonic() - self._answered_at < MOVING

    def book(self, n_tokens: int) -> float:
        """Return how many seconds to wait before a call with so many tokens may start."""
        now = time.monotonic()
        waits = [self._open_at - now]
        if self._calls is not None:
            waits.append(self._calls.book(1, now))
        if self._tokens is not None:
            waits.append(self._tokens.book(n_tokens, now))
        return max(0.0, *waits)

    def give_back(self, n_tokens: int) -> None:
        """Take back the turn of a call that is not made."""
        if self._calls is not None:
            self._calls.give_back(1)
        if self._tokens is not None:
            self._tokens.give_back(n_tokens)

    async def admit(self, n_tokens: int, ending: asyncio.Event) -> bool:
        """Wait for a call's turn; False if the exchange ends first."""
        wait = self.book(n_tokens)
        admitted = False
        try:
            while wait > 0.0 and not await ends_within(ending, wait):
                wait = self._open_at - time.monotonic()
            admitted = not ending.is_set()
        finally:
            if not admitted:
                self.give_back(n_tokens)
        return admitted

    def obey(self, status: int, headers: Mapping[str, str]) -> float | None:
        """Hold all calls back as long as a response asks for.

        status (int): The response's HTTP status.
        headers (Mapping[str, str]): Its headers, looked up without regard to case.
        RETURNS (float | None): Seconds that the server asks to wait; None if it does not say.
        """
        wait = None
        if status == HTTP_OK:
            self._answered_at = time.monotonic()
        else:
            wait = asked_pause(headers)
        hold = wait if wait is not None else exhausted_for(headers)
        if hold is not None and hold <= MAX_OBEYED:
            self._open_at = max(self._open_at, time.monotonic() + hold)
        return wait


async def ends_within(ending: asyncio.Event, seconds: float) -> bool:
    """Wait so long; True as soon as the exchange ends."""
    try:
        await asyncio.wait_for(ending.wait(), seconds)
    except asyncio.TimeoutError:
        return False
    return True


def backoff(n_tries: int) -> float:
    """Return how long to wait before the next try, in seconds: twice as long each time, with jitter."""
    return random.uniform(0.5, 1.0) * min(2.0 ** min(n_tries - 1, 9), MAX_PAUSE)


def asked_pause(headers: Mapping[str, str]) -> float | None:
    """Return the pause that `Retry-After` or `retry-after-ms` asks for, in seconds.

    The value is a number of seconds or a date (RFC 9110, section 10.2.3).
    """
    milliseconds = number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = number(value)
    if seconds is not None or not value:
        return seconds
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return until(date)


def exhausted_for(headers: Mapping[str, str]) -> float | None:
    """Return the seconds until an allowance that has run out is renewed; None if none has."""
    waits = []
    for kind in ("requests", "tokens"):
        for remaining, reset in (
            (f"x-ratelimit-remaining-{kind}", f"x-ratelimit-reset-{kind}"),
            (f"anthropic-ratelimit-{kind}-remaining", f"anthropic-ratelimit-{kind}-reset"),
        ):
            left = number(headers.get(remaining))
            if left is not None and left <= 0:
                waits.append(duration(headers.get(reset)))
    known = [wait for wait in waits if wait is not None]
    return min(max(known), MAX_PAUSE) if known else None  # some count per day


def duration(value: str | None) -> float | None:
    """Read "6m0s", "120ms", a number of seconds, or a date by RFC 3339, as seconds from now."""
    if not value:
        return None
    seconds = number(value)
    if seconds is not None:
        return seconds
    parts = DURATION.findall(value)
    if parts and "".join(a + b for a, b in parts) == value:
        return sum(float(amount) * SECONDS[unit] for amount, unit in parts)
    try:
        return until(datetime.fromisoformat(value.replace("Z", "+00:00")))
    except ValueError:
        return None


def until(date: datetime) -> float:
    """Return the seconds until a date, 0 if it has passed."""
    aware = date if date.tzinfo else date.replace(tzinfo=timezone.utc)
    return max((aware - datetime.now(timezone.utc)).total_seconds(), 0.0)


def number(value: str | None) -> float | None:
    """Read a number that is not below 0; None for anything else."""
    try:
        found = float(value) if value is not None else -1.0
    except ValueError:
        return None
    return found if 0.0 <= found < float("inf") else None
