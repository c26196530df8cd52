"""Value types and Protocols that several stages share."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

ItemT = TypeVar("ItemT")

Outcome = Literal["ok", "unparsed", "outside", "several", "refused", "truncated", "failed", "empty"]
OUTCOMES: tuple[Outcome, ...] = (
    "ok",
    "unparsed",
    "outside",
    "several",
    "refused",
    "truncated",
    "failed",
    "empty",
)


@dataclass(frozen=True, slots=True)
class Request:
    """One question to the teacher: a rendered prompt and which sample of its answers is meant."""

    prompt: str
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one request.

    response is the raw text; None where there is none. status is what the transport knows:
    "answered", "refused", "truncated" or "failed"; reason says more where it is not "answered".
    usage holds token counts as the server reports them, where it does.
    """

    request: Request
    response: str | None
    status: Literal["answered", "refused", "truncated", "failed"] = "answered"
    reason: str = ""
    finish_reason: str = ""
    latency: float = 0.0
    usage: dict[str, Any] = field(default_factory=dict)


@runtime_checkable
class AnswerModel(Protocol):
    """A teacher model that can be asked for several samples and says what became of each request.

    name and params identify the model in the answer store: params holds every setting that
    changes an answer. Answers may come in any order; every request gets exactly one.
    """

    name: str
    params: dict[str, Any]

    def answers(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Ask the model; failures are answers with status "failed", never exceptions."""


class Track(Protocol):
    """Passes items through and shows how far they have got; the command line hands in a bar."""

    def __call__(
        self, items: Iterable[ItemT], *, total: int | None = None, desc: str = ""
    ) -> Iterable[ItemT]:
        """Yield the items."""


def untracked(
    items: Iterable[ItemT], *, total: int | None = None, desc: str = ""
) -> Iterable[ItemT]:
    """Pass items through without showing anything: the default of every plain function."""
    return items
