"""The answer store around a model: what is known is not asked again, what comes is stored first."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..errors import UserError
from ..secrets import without_secrets
from ..ty import Answer, AnswerModel, Request
from .models import SpacyLLMFace, as_answer_model
from .store import AnswerStore

MAX_FAILURES_IN_A_ROW = 10


class StoredModel(SpacyLLMFace):
    """A model whose answers are written to the answer store before anybody sees them.

    model (AnswerModel): The model to ask for what the store does not hold.
    path (str): The answer store; opened at the first question, not at construction.

    `counts` says how many answers were "stored" already, how many requests were "asked", and how
    many of those "failed".
    """

    def __init__(self, model: AnswerModel, path: str) -> None:
        self.name = model.name
        self.params = without_secrets(model.params)
        self.context_length: int | None = getattr(model, "context_length", None)
        self.path = path
        self.tags: dict[str, str] = {}
        self.counts: Counter[str] = Counter()
        self._model = model
        self._store: AnswerStore | None = None

    @property
    def store(self) -> AnswerStore:
        """The open answer store."""
        if self._store is None:
            self._store = AnswerStore(self.path, tags=self.tags)
        return self._store

    def close(self) -> None:
        """Close the answer store; the next question opens it again."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def answers(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Yield stored answers, and the others as they come, stored before they are yielded.

        A failure of an earlier run is asked again; an answer never is. If the run ends early, what
        is on its way to the model is waited for and stored: it is paid for.

        RAISES (UserError): After `MAX_FAILURES_IN_A_ROW`, since then nothing works any more.
        """
        unknown = Unknown(requests, self._known)
        stream = iter(self._model.answers(unknown))
        try:
            failures = 0
            for answer in stream:
                self._keep(answer)
                if answer.status != "failed":
                    failures = 0
                elif answer.request not in unknown.failed:  # one that always fails blocks no run
                    failures += 1
                if failures == MAX_FAILURES_IN_A_ROW:
                    raise UserError(
                        f"{failures} requests in a row failed, the last with: {answer.reason}. "
                        f"All answers so far are kept in {self.path}; mend it and run again."
                    )
                yield answer
                yield from unknown.take_known()
            yield from unknown.take_known()
        finally:
            unknown.end()
            for answer in stream:
                self._keep(answer)

    def _known(self, request: Request) -> Answer | None:
        known = self.store.get(request, self.name, self.params)
        self.counts["stored"] += known is not None and known.status != "failed"
        return known

    def _keep(self, answer: Answer) -> None:
        self.store.add(answer, self.name, self.params)
        self.counts["asked"] += 1
        self.counts["failed"] += answer.status == "failed"


class Unknown(Iterator[Request]):
    """The requests that the store cannot answer, each looked up just before it is handed on.

    requests (Iterable[Request]): All requests.
    look_up (Callable): Returns what the store knows of one.

    failed holds the requests whose last try has failed; they are among those handed on.
    """

    def __init__(
        self, requests: Iterable[Request], look_up: Callable[[Request], Answer | None]
    ) -> None:
        self.failed: set[Request] = set()
        self._requests = iter(requests)
        self._look_up = look_up
        self._known: list[Answer] = []

    def __next__(self) -> Request:
        for request in self._requests:
            known = self._look_up(request)
            if known is not None and known.status != "failed":
                self._known.append(known)
                continue
            if known is not None:
                self.failed.add(request)
            return request
        raise StopIteration

    def take_known(self) -> list[Answer]:
        """Return the answers that were found since the last call."""
        known, self._known = self._known, []
        return known

    def end(self) -> None:
        """Hand on no more requests."""
        self._requests = iter(())


def build_stored_v1(
    model: Any, path: str, name: str | None = None, params: dict[str, Any] | None = None
) -> StoredModel:
    """Create a model with the answer store around it, for `@llm_models`.

    model (Any): Any model block; it is constructed as usual.
    path (str): The answer store's file; opened at the first question.
    name (str | None): The model's name in the store's keys; required for models other than ours,
        which do not tell it.
    params (dict[str, Any] | None): All its parameters that change an answer, likewise.
    RETURNS (StoredModel): The model.
    RAISES (UserError): If a foreign model has no name.
    """
    if not isinstance(model, AnswerModel) and not name:
        raise UserError(
            f"spacy-distill.Stored.v1 around {type(model).__name__} needs `name` and `params`: the "
            f"store tells the answers of different models apart by them."
        )
    return StoredModel(as_answer_model(model, name, params), path)
