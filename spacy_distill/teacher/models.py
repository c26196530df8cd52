"""Teacher models: any spacy-llm model behind one interface."""

import json
import time
import typing
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..errors import UserError
from ..secrets import redacted
from ..ty import Answer, AnswerModel, Request
from .store.keys import prompt_sha256

SpacyLLMModel = Callable[[Iterable[Iterable[str]]], Iterable[Iterable[str]]]


class SpacyLLMFace:
    """Lets an `AnswerModel` stand in a plain spacy-llm `llm` component, which knows strings only."""

    def answers(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Ask the model; implemented by the models that have this face."""
        raise TypeError(f"{type(self).__name__} does not say how it answers.")

    # spacy-llm checks these annotations by name and knows those of `typing` only.
    def __call__(
        self, prompts: typing.Iterable[typing.Iterable[str]]
    ) -> typing.Iterable[typing.Iterable[str]]:
        """Answer the prompts of several Docs, all of them in flight together, one list per Doc.

        RAISES (UserError): If a prompt has no answer. A string cannot say so, and an empty one
            would be read as a label; the `distill_llm` component leaves that Doc's label absent.
        """
        requests = [[Request(prompt) for prompt in doc_prompts] for doc_prompts in prompts]
        each_once = dict.fromkeys(request for group in requests for request in group)
        found = {answer.request: answer for answer in self.answers(each_once)}
        for group in requests:
            yield [response_or_raise(found[request]) for request in group]


def response_or_raise(answer: Answer) -> str:
    """Return the response of an answer.

    RAISES (UserError): If the request was refused, cut off or failed.
    """
    if answer.status != "answered" or answer.response is None:
        raise UserError(
            f"The teacher gave no usable answer ({answer.status}: {answer.reason}). Use the factory "
            f"`distill_llm` instead of `llm` to leave the label of such a Doc absent. SHA-256 of the "
            f"prompt: {prompt_sha256(answer.request.prompt)}."
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
