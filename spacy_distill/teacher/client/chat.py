"""`spacy-distill.ChatModel.v1`: any endpoint with OpenAI-shaped chat completions, many at a time."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from ...errors import UserError
from ...ty import Answer, Exchange, Receiver, Request
from ..ending import closed_at_exit
from ..exchange import UNSEEN, exchanged
from ..models import SpacyLLMFace
from ..money.budget import Budget
from ..money.prices import Price, find_price
from .endpoint import Endpoint
from .exchange import ChatExchange
from .line import Line
from .pace import Pace
from .terms import Terms

BASE_URL = "https://api.openai.com/v1"
Structured = Literal["json_schema", "json_object", "none"]


class ChatModel(SpacyLLMFace):
    """A chat model behind HTTP; nothing is opened or sent before the first question.

    endpoint (Endpoint): Where it is, and what goes into each request.
    max_in_flight (int): How many calls wait for their answers at a time.
    requests_per_minute (float | None): The most calls a minute.
    tokens_per_minute (float | None): The most tokens a minute, as estimated before each call.
    max_tries (int): Tries per call, where trying again can help.
    timeout (float): Seconds for a call.
    context_length (int | None): Tokens that the model takes at once.
    price (Price | None): US dollars per million tokens, where known.
    structured (Structured): How the JSON schema of a task is sent.

    `budget` counts calls and cost; give it caps with `limit`. `tags` go along as metadata where the
    endpoint is told to store completions.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        max_in_flight: int,
        requests_per_minute: float | None,
        tokens_per_minute: float | None,
        max_tries: int,
        timeout: float,
        context_length: int | None,
        price: Price | None,
        structured: Structured,
    ) -> None:
        self.endpoint = endpoint
        self.context_length = context_length
        self.max_in_flight = max_in_flight
        self.price = price
        self.budget = Budget(price=price)
        self.tags: dict[str, str] = {}
        self._limits = (requests_per_minute, tokens_per_minute)
        self._max_tries = max_tries
        self._timeout = timeout
        self._structured = structured
        self._pace = Pace(*self._limits)
        self._line: Line | None = None

    @property
    def name(self) -> str:
        """The model's name at the endpoint."""
        return self.endpoint.model

    @property
    def params(self) -> dict[str, Any]:
        """Every setting that changes an answer."""
        return self.endpoint.params

    def limit(self, *, max_calls: int | None = None, max_cost: float | None = None) -> None:
        """Set caps that the calls from now on, retries included, never cross.

        max_calls (int | None): Calls.
        max_cost (float | None): US dollars.
        RAISES (UserError): If the cost cannot be known, for want of a price or of a `max_tokens`.
        """
        budget = Budget(max_calls, max_cost, self.price)
        budget.check(self.endpoint.max_output_tokens)
        self.budget = budget

    def follow(self, json_schema: Mapping[str, Any]) -> None:
        """Have the endpoint hold its answers to a JSON schema, unless the config says how already."""
        if self._structured == "none" or "response_format" in self.endpoint.config:
            return
        form: dict[str, Any] = {"type": self._structured}
        if self._structured == "json_schema":
            form["json_schema"] = {"name": "answer", "strict": True, "schema": dict(json_schema)}
        config = {**self.endpoint.config, "response_format": form}
        self.endpoint = replace(self.endpoint, config=config)

    def exchange(self, receiver: Receiver = UNSEEN) -> Exchange:
        """Return an exchange with the endpoint.

        receiver (Receiver): Sees what comes the moment it comes.

        RAISES (UserError): If the key can't stand in a header.
        """
        if self._line is None or not self._line.is_ours():
            self._line = Line(self._timeout)
        terms = Terms(self.endpoint, self._pace, self.budget, self._max_tries, self.tags)
        return ChatExchange(self._line, terms, max_in_flight=self.max_in_flight, receiver=receiver)

    @closed_at_exit
    def answers(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Yield answers as they come; a slow one holds up nobody.

        If the run ends early, nothing more is sent, and what is on its way is waited for and yielded
        first: it is paid for.

        RAISES (UserError): If the endpoint will answer no request at all, or a cap is reached.
        """
        yield from exchanged(self.exchange(), requests)

    def __getstate__(self) -> dict[str, Any]:
        """Leave connections and counts behind: another process has its own."""
        return {**self.__dict__, "_line": None, "_pace": None, "budget": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Begin with new counts."""
        self.__dict__.update(state)
        self._pace = Pace(*self._limits)
        self.budget = Budget(price=self.price)


def build_chat_model_v1(
    model: str,
    base_url: str = BASE_URL,
    key_variable: str = "OPENAI_API_KEY",
    system: str | None = None,
    config: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    key_header: str = "Authorization",
    key_prefix: str = "Bearer ",
    path: str = "/chat/completions",
    max_in_flight: int = 32,
    requests_per_minute: float | None = None,
    tokens_per_minute: float | None = None,
    max_tries: int = 6,
    timeout: float = 120.0,
    context_length: int | None = None,
    prices: dict[str, float] | None = None,
    structured: Structured = "json_schema",
) -> ChatModel:
    """Create a client for an endpoint with OpenAI-shaped chat completions, for `@llm_models`.

    Nothing is sent, and no key is needed, before the first question.

    model (str): The model's name at the endpoint.
    base_url (str): The endpoint without the path: OpenAI's by default.
    key_variable (str): The environment variable that holds the key; a server of your own needs none.
    system (str | None): The system prompt.
    config (dict[str, Any] | None): Fields of each request as the endpoint names them, such as
        temperature, max_tokens, seed, stop, logprobs, response_format. Only these are sent. With
        `n` above 1 the samples of a prompt come from one call; to `seed` the sample's number is added.
    headers (dict[str, str] | None): Further headers; no secrets.
    query (dict[str, str] | None): The query of the URL, such as Azure's `api-version`.
    key_header (str): The header that carries the key.
    key_prefix (str): What stands before the key in it.
    path (str): What is added to the base URL.
    max_in_flight (int): How many calls wait for their answers at a time.
    requests_per_minute (float | None): The most calls a minute; what the server says is obeyed anyhow.
    tokens_per_minute (float | None): The most tokens a minute: a quarter of a request's bytes, plus
        `max_tokens`.
    max_tries (int): Tries per call, where trying again can help.
    timeout (float): Seconds for a call, to the last byte of its answer.
    context_length (int | None): Tokens that the model takes at once; longer texts are cut into
        shards. None for no limit.
    prices (dict[str, float] | None): US dollars per million tokens, `input` and `output`; by default
        those of our table, if it has the model.
    structured (Structured): How the JSON schema of a task that has one is sent: as "json_schema", as
        a mere "json_object", or not at all ("none"), for endpoints that refuse it.
    RETURNS (ChatModel): The model.
    RAISES (UserError): If a setting can't be used.
    """
    numbers = (max_in_flight, max_tries, timeout, requests_per_minute, tokens_per_minute)
    if min(number for number in numbers if number is not None) <= 0:
        raise UserError(
            "max_in_flight, max_tries, timeout, requests_per_minute and tokens_per_minute must be "
            "above 0."
        )
    try:
        json.dumps(config or {})
    except (TypeError, ValueError) as error:
        raise UserError(f"The model's config can't be sent as JSON: {error}.") from error
    endpoint = Endpoint(
        model=model,
        base_url=base_url,
        path=path,
        key_variable=key_variable,
        key_header=key_header,
        key_prefix=key_prefix,
        system=system,
        config=config or {},
        headers=headers or {},
        query=query or {},
    )
    return ChatModel(
        endpoint,
        max_in_flight=max_in_flight,
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
        max_tries=max_tries,
        timeout=timeout,
        context_length=context_length,
        price=find_price(model, prices, base_url=base_url),
        structured=structured,
    )
