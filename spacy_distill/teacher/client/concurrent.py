"""`spacy-distill.Concurrent.v1`: threads, retries and the answer store around any spacy-llm model."""

from collections.abc import Iterable, Iterator
from typing import Any

from ...errors import UserError
from ...ty import Answer, AnswerModel, Exchange, Receiver, Request
from ..ending import closed_at_exit
from ..exchange import UNSEEN, exchanged
from ..models import SpacyLLMFace, as_answer_model
from ..money.budget import Budget
from ..stored import StoredModel
from .threads import ThreadExchange


class ConcurrentModel(SpacyLLMFace):
    """A model that is asked from several threads at a time.

    model (AnswerModel): The model; it must not mind.
    max_in_flight (int): How many questions are asked at a time.
    max_tries (int): Tries per question.
    """

    def __init__(self, model: AnswerModel, *, max_in_flight: int, max_tries: int) -> None:
        self.name = model.name
        self.params = model.params
        self.context_length: int | None = getattr(model, "context_length", None)
        self.budget = Budget()
        self._model = model
        self._max_in_flight = max_in_flight
        self._max_tries = max_tries

    def limit(self, *, max_calls: int | None = None, max_cost: float | None = None) -> None:
        """Set a cap that the calls from now on, retries included, never cross.

        max_calls (int | None): Calls.
        max_cost (float | None): Must be None.
        RAISES (UserError): For a cap on cost: such a model does not say what its answers cost.
        """
        if max_cost is not None:
            raise UserError(
                f"{self.name!r} does not say what its answers cost, so a cost can't be capped; cap "
                f"the calls, or use spacy-distill.ChatModel.v1."
            )
        self.budget = Budget(max_calls)

    def exchange(self, receiver: Receiver = UNSEEN) -> Exchange:
        """Return an exchange with the model.

        receiver (Receiver): Sees what comes the moment it comes.
        """
        return ThreadExchange(
            self._model,
            self.budget,
            max_in_flight=self._max_in_flight,
            max_tries=self._max_tries,
            receiver=receiver,
        )

    @closed_at_exit
    def answers(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Yield answers as they come; a slow one holds up nobody.

        RAISES (UserError): If a cap is reached.
        """
        yield from exchanged(self.exchange(), requests)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the counts behind: another process has its own."""
        return {**self.__dict__, "budget": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Begin with new counts."""
        self.__dict__.update(state)
        self.budget = Budget()


def build_concurrent_v1(
    model: Any,
    path: str | None = None,
    name: str | None = None,
    params: dict[str, Any] | None = None,
    max_in_flight: int = 8,
    max_tries: int = 3,
) -> ConcurrentModel | StoredModel:
    """Create a model that is asked several questions at a time, for `@llm_models`.

    model (Any): Any spacy-llm model, as a nested block. A local model that fills its device with one
        question gains nothing.
    path (str | None): The answer store's file; None for no store, or for the one that `label` gives.
    name (str | None): The model's name in the store's keys; required with a path for models other
        than ours, which do not tell it.
    params (dict[str, Any] | None): All its parameters that change an answer, likewise.
    max_in_flight (int): How many questions are asked at a time.
    max_tries (int): Tries per question, with growing pauses; models of spacy-llm try again themselves.
    RETURNS (ConcurrentModel | StoredModel): The model.
    RAISES (UserError): If a number is below 1, or a foreign model with a store has no name.
    """
    if min(max_in_flight, max_tries) < 1:
        raise UserError("max_in_flight and max_tries must be 1 or more.")
    if path is not None and name is None and not isinstance(model, AnswerModel):
        raise UserError(
            f"spacy-distill.Concurrent.v1 around {type(model).__name__} needs `name` and `params` "
            f"with its `path`: the store tells the answers of different models apart by them."
        )
    concurrent = ConcurrentModel(
        as_answer_model(model, name, params), max_in_flight=max_in_flight, max_tries=max_tries
    )
    return concurrent if path is None else StoredModel(concurrent, path)
