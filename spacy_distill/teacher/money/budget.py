"""A hard cap on calls and cost that calls in flight cannot cross together.

The worst that a call can cost is reserved before it is sent and settled when its answer is there.
"""

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import UserError
from .prices import MILLION, Price, cost, describe_cost

# What an endpoint may add to a prompt of its own: the tokens around each message, a default system
# prompt, the frame of a JSON schema.
OVERHEAD_TOKENS = 512
PICO = 10**12  # amounts are whole numbers of 1e-12 dollars: sums of them are exact


@dataclass(frozen=True, eq=False)
class Reservation:
    """The worst that one call can cost, in 1e-12 US dollars, kept back until the call is settled."""

    worst: int


class Budget:
    """Counts calls and cost, and refuses a call that might cross a cap; safe to use from threads.

    max_calls (int | None): Calls that may be sent, each retry counted; None for no cap.
    max_cost (float | None): US dollars that may be spent; None for no cap.
    price (Price | None): The model's price; None if it is not known, and then nothing is booked.
    RAISES (UserError): If a cap is not above 0, or a cost is capped whose price is not known.

    Reserve before each call is sent. Then do exactly one of: `settle` when the server has said what
    it used, `settle_unknown` when nobody knows, `refund` after an error status, `cancel` if the
    request was never sent.
    """

    def __init__(
        self,
        max_calls: int | None = None,
        max_cost: float | None = None,
        price: Price | None = None,
    ) -> None:
        check_caps(max_calls, max_cost)
        if max_cost is not None and price is None:
            raise UserError(
                f"A cap of {describe_cost(max_cost)} needs the model's price, which is not in our "
                f'table; set prices = {{"input": 0.4, "output": 1.6}} with your own US dollars per '
                f"million tokens in the model's block, and max_tokens in its config."
            )
        self.max_calls = max_calls
        self.max_cost = max_cost
        self.price = price
        self._lock = threading.Lock()
        self._open: set[Reservation] = set()
        self._reserved = self._spent = self._n_calls = self._n_unknown = 0

    @property
    def spent(self) -> float:
        """US dollars of the calls that are settled."""
        return self._spent / PICO

    @property
    def reserved(self) -> float:
        """US dollars that the calls in flight can cost at worst."""
        return self._reserved / PICO

    @property
    def n_calls(self) -> int:
        """Calls sent so far, those in flight and those that failed included."""
        return self._n_calls

    @property
    def n_open(self) -> int:
        """Calls in flight."""
        return len(self._open)

    @property
    def n_unknown(self) -> int:
        """Calls settled without a usage: the worst case stands for their cost."""
        return self._n_unknown

    def reserve(self, n_bytes: int, max_output_tokens: int | None) -> Reservation | None:
        """Keep back what a call can cost at worst, before it is sent.

        n_bytes (int): Bytes of the request's body in UTF-8. A token stands for a byte at least.
        max_output_tokens (int | None): `max_tokens` of the request, times `n`.
        RETURNS (Reservation | None): None if the call might cross a cap now. Calls in flight mostly
            settle below their worst case, so try again when one has; with none open it never fits.
        RAISES (UserError): If the cost is capped, and nothing limits the length of the answer.
        """
        worst = self._worst(n_bytes, max_output_tokens)
        with self._lock:
            if self.max_calls is not None and self._n_calls >= self.max_calls:
                return None
            if self._crosses(worst):
                return None
            reservation = Reservation(worst)
            self._open.add(reservation)
            self._reserved += worst
            self._n_calls += 1
            return reservation

    def check(self, max_output_tokens: int | None) -> None:
        """Find out before the first call whether a cap can be held.

        max_output_tokens (int | None): The most tokens of an answer.
        RAISES (UserError): If the cost is capped, and nothing limits the length of an answer.
        """
        self._worst(0, max_output_tokens)

    def settle(self, reservation: Reservation, usage: Mapping[str, Any]) -> None:
        """Book what a call has really cost, above the reservation too.

        reservation (Reservation): The call.
        usage (Mapping[str, Any]): Its usage as the server reports it; one that does not say is
            settled as unknown.
        """
        known = 0.0 if self.price is None else cost(usage, self.price)
        if known is None:
            self.settle_unknown(reservation)
        else:
            self._close(reservation, spent=as_pico(known))

    def settle_unknown(self, reservation: Reservation) -> None:
        """Book the worst case: after a timeout, a reset, a cut body or an answer without usage."""
        self._close(reservation, spent=reservation.worst, n_unknown=1)

    def refund(self, reservation: Reservation) -> None:
        """Book no cost for a call that came back with an error status; it stays counted."""
        self._close(reservation)

    def cancel(self, reservation: Reservation) -> None:
        """Take back a call that was never sent, from the count too."""
        self._close(reservation, n_calls=-1)

    def refusal(self, n_bytes: int, max_output_tokens: int | None) -> str:
        """Say why a call does not fit, for the message that ends a run."""
        if self.max_calls is not None and self._n_calls >= self.max_calls:
            return f"the cap on calls, {self.max_calls:,}, is reached"
        worst = self._worst(n_bytes, max_output_tokens) / PICO
        return (
            f"{describe_cost(self.spent)} of {describe_cost(self.max_cost or 0.0)} are spent, and "
            f"the next call could cost {describe_cost(worst)}"
        )

    def _crosses(self, worst: int) -> bool:
        if self.max_cost is None:
            return False
        return self._spent + self._reserved + worst > math.floor(self.max_cost * PICO)

    def _worst(self, n_bytes: int, max_output_tokens: int | None) -> int:
        if self.max_cost is not None and max_output_tokens is None:
            raise UserError(
                f"A cap of {describe_cost(self.max_cost)} needs the longest answer there can be: "
                f"set max_tokens (newer OpenAI models: max_completion_tokens) in the config of the "
                f"model's block."
            )
        if self.price is None:
            return 0
        n_prompt = n_bytes + OVERHEAD_TOKENS
        micro = n_prompt * self.price.input + (max_output_tokens or 0) * self.price.output
        return as_pico(micro / MILLION)

    def _close(
        self, reservation: Reservation, *, spent: int = 0, n_unknown: int = 0, n_calls: int = 0
    ) -> None:
        with self._lock:
            self._open.remove(reservation)
            self._reserved -= reservation.worst
            self._spent += spent
            self._n_unknown += n_unknown
            self._n_calls += n_calls


def check_caps(max_calls: int | None, max_cost: float | None) -> None:
    """Refuse caps that are none.

    RAISES (UserError): If one is not above 0.
    """
    if max_calls is not None and max_calls <= 0:
        raise UserError(f"max_calls = {max_calls} must be above 0.")
    if max_cost is not None and not 0 < max_cost < math.inf:
        raise UserError(f"max_cost = {max_cost} must be US dollars above 0.")


def as_pico(usd: float) -> int:
    """Return an amount in 1e-12 US dollars, rounded up."""
    return math.ceil(usd * PICO)
