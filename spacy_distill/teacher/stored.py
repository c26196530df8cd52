"""The answer store around a model: what is known is not asked again, what comes is stored first."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from spacy.util import minibatch

from ..errors import UserError
from ..secrets import without_secrets
from ..ty import Answer, AnswerModel, LimitedModel, Request
from .ending import closed_at_exit
from .flow import Flow
from .models import SpacyLLMFace, as_answer_model
from .store.answers import AnswerStore

LOOK_UP = 256  # requests that are looked up together
INHERITED: list[AnswerStore] = []  # by a forked process


class StoredModel(SpacyLLMFace):
    """A model whose answers are written to the answer store before anybody sees them.

    model (AnswerModel): The model to ask for what the store does not hold.
    path (str): The answer store; opened at the first question, not at construction.

    `counts` says how many answers were "stored" already, how many requests were "asked", how many of
    those "failed", and the tokens that the server has reported.
    """

    def __init__(self, model: AnswerModel, path: str) -> None:
        self.name = model.name
        self.context_length: int | None = getattr(model, "context_length", None)
        self.path = path
        self.tags: dict[str, str] = {}
        self.counts: Counter[str] = Counter()
        self.model = model
        self._store: AnswerStore | None = None
        self._pid = os.getpid()

    @property
    def params(self) -> dict[str, Any]:
        """What of the model's parameters stands in a question's key."""
        return dict(without_secrets(self.model.params))

    @property
    def store(self) -> AnswerStore:
        """The open answer store."""
        if self._store is not None and self._pid != os.getpid():
            INHERITED.append(self._store)  # SQLite forbids a fork even to close it
            self._store = None
        if self._store is None:
            self._store, self._pid = AnswerStore(self.path, tags=self.tags), os.getpid()
        return self._store

    def close(self) -> None:
        """Close the answer store; the next question opens it again."""
        if self._store is not None:
            self._store.close()
            self._store = None

    @closed_at_exit
    def answers(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Yield stored answers, and the others as they come, stored before they are yielded.

        A failure of an earlier run is asked again; an answer never is, not even while another
        process is asking. If the run ends early, what is on its way to the model is waited for and
        stored: it is paid for.

        RAISES (UserError): If nothing works any more; what was answered is kept.
        """
        yield from Flow(self.model, self.store, self.params, self.counts).run(requests)

    def tag(self, tags: Mapping[str, str]) -> None:
        """Have tags stored with each answer, and sent where the endpoint stores completions."""
        self.tags.update(tags)
        inner = getattr(self.model, "tags", None)
        if isinstance(inner, dict):
            inner.update(tags)

    def limit(self, *, max_calls: int | None = None, max_cost: float | None = None) -> None:
        """Set caps that the calls from now on, retries included, never cross.

        max_calls (int | None): Calls.
        max_cost (float | None): US dollars.
        RAISES (UserError): If the model cannot hold itself to them.
        """
        if max_calls is None and max_cost is None:
            return
        if not isinstance(self.model, LimitedModel):
            raise UserError(
                f"The model {self.name!r} takes no caps; use spacy-distill.ChatModel.v1, or put "
                f"spacy-distill.Concurrent.v1 around it for a cap on calls."
            )
        self.model.limit(max_calls=max_calls, max_cost=max_cost)

    @property
    def spent(self) -> float | None:
        """US dollars spent by this process; None if the model does not know its price."""
        budget = getattr(self.model, "budget", None)
        return budget.spent if budget is not None and budget.price is not None else None

    def __getstate__(self) -> dict[str, Any]:
        """Leave the open file behind: another process opens its own."""
        return {**self.__dict__, "_store": None}


class RecalledModel(SpacyLLMFace):
    """What a stored model has answered, looked up without asking anything.

    stored (StoredModel): The model.
    """

    def __init__(self, stored: StoredModel) -> None:
        self.name = stored.name
        self.params = stored.params
        self.context_length = stored.context_length
        self._stored = stored

    def answers(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Yield what the store holds, failures included; what was never asked is a failure."""
        for chunk in minibatch(requests, LOOK_UP):
            found = self._stored.store.get_all(chunk, self.name, self.params)
            for request, answer in zip(chunk, found, strict=True):
                yield answer or Answer(request, None, "failed", "it was not asked")


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
