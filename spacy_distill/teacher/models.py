"""Teacher models: any spacy-llm model behind one interface, and the answer store around it."""

import json
import time
import typing
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..errors import UserError
from ..ty import Answer, AnswerModel, Request
from .secrets import redacted
from .store import AnswerStore

SpacyLLMModel = Callable[[Iterable[Iterable[str]]], Iterable[Iterable[str]]]
MAX_FAILURES_IN_A_ROW = 10


class SpacyLLMFace:
    """Lets an `AnswerModel` stand in a plain spacy-llm `llm` component, which knows strings only."""

    def answers(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Ask the model; implemented by the models that have this face."""
        raise TypeError(f"{type(self).__name__} does not say how it answers.")

    # spacy-llm checks these annotations by name and knows those of `typing` only.
    def __call__(
        self, prompts: typing.Iterable[typing.Iterable[str]]
    ) -> typing.Iterable[typing.Iterable[str]]:
        """Answer the prompts of several Docs, one list per Doc.

        RAISES (UserError): If a prompt has no answer. A string cannot say so, and an empty one
            would be read as a label; the `distill_llm` component leaves that Doc's label absent.
        """
        for doc_prompts in prompts:
            requests = [Request(prompt) for prompt in doc_prompts]
            found = {answer.request: answer for answer in self.answers(requests)}
            yield [response_or_raise(found[request]) for request in requests]


def response_or_raise(answer: Answer) -> str:
    """Return the response of an answer.

    RAISES (UserError): If the request was refused, cut off or failed.
    """
    if answer.status != "answered" or answer.response is None:
        raise UserError(
            f"The teacher gave no usable answer ({answer.status}: {answer.reason}). Use the factory "
            f"`distill_llm` instead of `llm` to leave the label of such a Doc absent. The prompt:\n"
            f"{answer.request.prompt}"
        )
    return answer.response


class WrappedModel(SpacyLLMFace):
    """Any spacy-llm model, asked one prompt at a time so that an exception costs one answer.

    model (SpacyLLMModel): The model, as `@llm_models` makes it.
    name (str): Its name in the answer store.
    params (dict[str, Any]): Its parameters in the answer store.
    """

    def __init__(self, model: SpacyLLMModel, name: str, params: dict[str, Any]) -> None:
        self.name = name
        self.params = params
        self.context_length: int | None = getattr(model, "context_length", None)
        self._model = model

    def answers(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Yield one answer per request, in order."""
        for request in requests:
            start = time.perf_counter()
            try:
                (responses,) = self._model([[request.prompt]])
                (response,) = responses
            except Exception as error:
                reason = redacted(f"{type(error).__name__}: {error}")
                yield Answer(request, None, "failed", reason)
                continue
            latency = time.perf_counter() - start
            failure = error_message(response)
            if failure:
                yield Answer(request, None, "failed", redacted(failure), latency=latency)
            else:
                yield Answer(request, str(response), latency=latency)


class StoredModel(SpacyLLMFace):
    """A model whose answers are written to the answer store before anybody sees them.

    model (AnswerModel): The model to ask for what the store does not hold.
    path (str): The answer store; opened at the first question, not at construction.

    `counts` says how many answers were "stored" already, how many requests were "asked", and how
    many of those "failed".
    """

    def __init__(self, model: AnswerModel, path: str) -> None:
        self.name = model.name
        self.params = model.params
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
        """Yield stored answers at once and the others as they come, stored before they are yielded.

        A failure of an earlier run is asked again; an answer never is.

        RAISES (UserError): After `MAX_FAILURES_IN_A_ROW`, since then nothing works any more.
        """
        missing, failed_before = [], set()
        for request in requests:
            known = self.store.get(request, self.name, self.params)
            if known is None or known.status == "failed":
                missing.append(request)
                failed_before.update([request] if known is not None else [])
            else:
                self.counts["stored"] += 1
                yield known
        failures = 0
        for answer in self._model.answers(missing):
            self.store.add(answer, self.name, self.params)
            self.counts["asked"] += 1
            self.counts["failed"] += answer.status == "failed"
            if answer.status != "failed":
                failures = 0
            elif answer.request not in failed_before:  # a text that always fails blocks no run
                failures += 1
            if failures == MAX_FAILURES_IN_A_ROW:
                raise UserError(
                    f"{failures} requests in a row failed, the last with: {answer.reason}. "
                    f"All answers so far are kept in {self.path}; mend it and run again."
                )
            yield answer


def error_message(response: Any) -> str | None:
    """Return the error that a spacy-llm model with `strict = false` hands on as if it answered."""
    if not isinstance(response, str) or not response.lstrip().startswith("{"):
        return None
    try:
        data = json.loads(response)
    except ValueError:
        return None
    return str(data["error"]) if isinstance(data, dict) and "error" in data else None


def as_answer_model(
    model: Any, name: str | None = None, params: dict[str, Any] | None = None
) -> AnswerModel:
    """Return any spacy-llm model as an `AnswerModel`.

    model (Any): The model; one that is an `AnswerModel` already is returned as it is.
    name (str | None): Name for the answer store; required for a foreign model that is stored.
    params (dict[str, Any] | None): Parameters for the answer store.
    """
    if isinstance(model, AnswerModel):
        return model
    return WrappedModel(model, name or type(model).__name__, params or {})


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
