"""What is asked for in one call, and on which terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from ...ty import Request
from ..money.budget import Budget
from .endpoint import Endpoint
from .pace import Pace

BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Call:
    """Samples of one prompt that are asked for in one call, or one after the other.

    requests (tuple[Request, ...]): The samples.
    """

    requests: tuple[Request, ...]

    @property
    def prompt(self) -> str:
        """The prompt."""
        return self.requests[0].prompt


@dataclass(frozen=True)
class Terms:
    """On which terms an exchange calls.

    endpoint (Endpoint): Whom to call, and what goes into each request.
    pace (Pace): When the next call may start.
    budget (Budget): What was spent, and the caps on calls and cost.
    max_tries (int): Tries per call, where trying again can help.
    metadata (Mapping[str, str]): Tags for endpoints that store completions.
    """

    endpoint: Endpoint
    pace: Pace
    budget: Budget
    max_tries: int
    metadata: Mapping[str, str]

    def body(self, call: Call) -> bytes:
        """Return the body of a call."""
        return self.endpoint.body(
            call.prompt,
            sample=call.requests[0].sample,
            n=len(call.requests),
            metadata=self.metadata,
        )

    def max_output(self, call: Call) -> int | None:
        """Return the most tokens that the answers to a call can have."""
        each = self.endpoint.max_output_tokens
        return None if each is None else each * len(call.requests)

    def n_tokens(self, call: Call, body: bytes) -> int:
        """Return about how many tokens of an allowance per minute a call takes."""
        return len(body) // BYTES_PER_TOKEN + (self.max_output(call) or 0)


def make_calls(requests: Sequence[Request], n: int) -> list[Call]:
    """Join samples of one prompt that stand side by side, at most n in a call."""
    calls: list[Call] = []
    for _, samples in groupby(requests, key=attrgetter("prompt")):
        group = tuple(samples)
        calls += [Call(group[i : i + n]) for i in range(0, len(group), n)]
    return calls
