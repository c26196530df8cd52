"""Value types and Protocols that several stages share."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, NamedTuple, Protocol, TypeVar, runtime_checkable

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


class TokenLogprob(NamedTuple):
    """A token of an answer with its natural log-probability, and the likeliest tokens in its place.

    top (tuple[tuple[str, float], ...]): Token and log-probability, as many as the server reports;
        the token itself is mostly among them.
    """

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one request.

    response is the raw text; None where there is none. status is what the transport knows:
    "answered", "refused", "truncated" or "failed"; reason says more where it is not "answered".
    usage holds token counts as the server reports them, where it does; logprobs one entry per token
    of the response, where they were asked for.
    """

    request: Request
    response: str | None
    status: Literal["answered", "refused", "truncated", "failed"] = "answered"
    reason: str = ""
    finish_reason: str = ""
    latency: float = 0.0
    usage: dict[str, Any] = field(default_factory=dict)
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True)
class Audited:
    """The outcome for one answer; labels are those that apply, None unless the outcome is "ok"."""

    outcome: Outcome
    reason: str = ""
    labels: tuple[str, ...] | None = None


@runtime_checkable
class AuditingTask(Protocol):
    """A text classification task that judges the answers to its prompts itself."""

    def audit(self, answer: Answer) -> Audited:
        """Judge an answer that came back; one that was refused, cut off or failed is none."""


@runtime_checkable
class ReaskingTask(Protocol):
    """A task that asks once more where an answer is malformed."""

    def reask(self, answer: Answer) -> str | None:
        """Return the prompt to ask instead; None for an answer that is well formed."""


@runtime_checkable
class ExampleTask(Protocol):
    """A task that shows example texts in its prompts."""

    def mask_examples(self, mask: Any) -> None:
        """Show no private strings in the examples either."""


@runtime_checkable
class SchemaTask(Protocol):
    """A task whose answers follow a JSON schema, for models that can hold a model to one."""

    json_schema: dict[str, Any]


@runtime_checkable
class SchemaModel(Protocol):
    """A model that can hold its answers to a JSON schema."""

    def follow(self, json_schema: Mapping[str, Any]) -> None:
        """Hold all answers from now on to a schema; it becomes part of `params`."""


@runtime_checkable
class LimitedModel(Protocol):
    """A model that holds itself to caps."""

    def limit(self, *, max_calls: int | None = None, max_cost: float | None = None) -> None:
        """Set caps on calls and US dollars that the calls from now on never cross."""


class Exchange(Protocol):
    """A model at work: requests are put in, answers are taken out in any order, each once.

    error (Exception | None): Why no request can be answered any more, such as a refused key. Nothing
        more is sent then; take out what was on its way, and raise it.
    """

    error: Exception | None

    @property
    def n_open(self) -> int:
        """Requests that were put in and whose answers were not taken out yet."""

    @property
    def room(self) -> int:
        """How many more requests may be put in now; what is put in beyond that only waits."""

    def put(self, requests: Sequence[Request]) -> None:
        """Hand in requests."""

    def take(self, timeout: float) -> list[Answer]:
        """Wait until there is an answer, `timeout` seconds at most, and take out all there are."""

    def stop(self) -> None:
        """Send nothing more; only what is on its way is still open, and answered."""

    def __enter__(self) -> "Exchange":
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give up what was not taken out."""


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


Catch = Callable[[bytes], None]


class Receiver(Protocol):
    """Sees what comes the moment it comes, in whatever thread that is."""

    def note(self, answers: Sequence[Answer]) -> None:
        """See answers."""

    def catching(self, requests: Sequence[Request]) -> Catch:
        """Return what sees the bytes of the response to one call, before they are read as answers."""


@runtime_checkable
class ExchangingModel(AnswerModel, Protocol):
    """A model that works on many requests at a time."""

    def exchange(self, receiver: Receiver) -> Exchange:
        """Return an exchange, to be entered once; the receiver sees what comes the moment it comes."""


Status = Mapping[str, int | float | str]


class Track(Protocol):
    """Passes items through and shows how far they have got; the command line hands in a bar."""

    def __call__(
        self,
        items: Iterable[ItemT],
        *,
        total: int | None = None,
        desc: str = "",
        unit: str = "docs",
        status: Callable[[], Status] | None = None,
    ) -> Iterable[ItemT]:
        """Yield the items; `status` returns counts to show beside the bar, such as what was spent."""


def untracked(
    items: Iterable[ItemT],
    *,
    total: int | None = None,
    desc: str = "",
    unit: str = "docs",
    status: Callable[[], Status] | None = None,
) -> Iterable[ItemT]:
    """Pass items through without showing anything: the default of every plain function."""
    return items
