"""A plain client for any endpoint that speaks OpenAI's chat completions, several calls at a time."""

import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from functools import partial
from itertools import islice
from typing import Any

import requests

from ..errors import UserError
from ..secrets import read_key, redacted, without_secrets
from ..ty import Answer, Request
from .completions import pause, read_answer
from .models import SpacyLLMFace

BASE_URL = "https://api.openai.com/v1"
KEY_VARIABLE = "OPENAI_API_KEY"
RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
DENIED = frozenset({401, 403})


class Denied(UserError):
    """The endpoint refuses the key: no other request will fare better."""


class ChatModel(SpacyLLMFace):
    """Any endpoint with OpenAI-shaped chat completions; nothing is sent before the first question.

    See `build_chat_model_v1` for the settings.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str,
        key_variable: str,
        config: dict[str, Any],
        max_in_flight: int,
        max_tries: int,
        timeout: float,
        context_length: int | None,
    ) -> None:
        self.name = model
        self.base_url = base_url.rstrip("/")
        self.params: dict[str, Any] = without_secrets({"base_url": self.base_url, **config})
        self.context_length = context_length
        self._key_variable = key_variable
        self._config = config
        self._max_in_flight = max_in_flight
        self._max_tries = max_tries
        self._timeout = timeout
        self._threads = threading.local()

    def answers(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Yield answers as they come; a slow one holds up nobody.

        If the key is refused or the run interrupted, nothing more is sent, and what is on its way
        is waited for and yielded first: it is paid for.

        RAISES (UserError): If the endpoint refuses the key.
        """
        read_key(self._key_variable)
        waiting = iter(requests)
        end: BaseException | None = None
        ending = threading.Event()  # set: no more tries
        ask = partial(self._ask, ending=ending)
        with ThreadPoolExecutor(self._max_in_flight) as pool:
            flying = {pool.submit(ask, x) for x in islice(waiting, self._max_in_flight)}
            while flying:
                try:
                    done, flying = wait(flying, return_when=FIRST_COMPLETED)
                except KeyboardInterrupt as error:
                    end, waiting = error, iter(())
                    ending.set()
                    continue
                for future in done:
                    if future.exception() is not None:
                        end, waiting = future.exception(), iter(())
                flying |= {pool.submit(ask, x) for x in islice(waiting, len(done))}
                yield from (future.result() for future in done if future.exception() is None)
        if end is not None:
            raise end

    def _ask(self, request: Request, *, ending: threading.Event) -> Answer:
        start = time.perf_counter()
        body = {
            "model": self.name,
            "messages": [{"role": "user", "content": request.prompt}],
            **self._config,
        }
        reason = retry_after = ""
        for n_tries in range(1, self._max_tries + 1):
            try:
                response = self._session.post(
                    f"{self.base_url}/chat/completions",
                    json=body,
                    headers=self._headers(),
                    timeout=self._timeout,
                )
            except requests.RequestException as error:
                reason, retry_after = f"{type(error).__name__}: {error}", ""
            else:
                if response.ok:
                    return read_answer(request, response, time.perf_counter() - start)
                reason = self._refusal(response)
                retry_after = response.headers.get("Retry-After") or ""
                if response.status_code not in RETRIED:
                    break
            if n_tries == self._max_tries or ending.wait(pause(n_tries, retry_after)):
                break
        return Answer(request, None, "failed", redacted(reason))

    @property
    def _session(self) -> requests.Session:
        if not hasattr(self._threads, "session"):
            self._threads.session = requests.Session()
        session: requests.Session = self._threads.session
        return session

    def _headers(self) -> dict[str, str]:
        key = read_key(self._key_variable)
        return {"Authorization": f"Bearer {key}"} if key else {}

    def _refusal(self, response: requests.Response) -> str:
        reason = f"HTTP {response.status_code}: {' '.join(response.text.split())[:300]}"
        if response.status_code in DENIED:
            state = "holds" if read_key(self._key_variable) else "does not hold"
            raise Denied(
                f"{self.base_url} denies access ({redacted(reason)}). The environment variable "
                f"{self._key_variable} {state} a key; set it to one that may use {self.name!r}."
            )
        return reason


def build_chat_model_v1(
    model: str,
    base_url: str = BASE_URL,
    key_variable: str = KEY_VARIABLE,
    config: dict[str, Any] | None = None,
    max_in_flight: int = 8,
    max_tries: int = 6,
    timeout: float = 60.0,
    context_length: int | None = None,
) -> ChatModel:
    """Create a client for an endpoint with OpenAI-shaped chat completions, for `@llm_models`.

    Nothing is sent, and no key is needed, before the first question.

    model (str): The model's name at the endpoint.
    base_url (str): The endpoint, to which `/chat/completions` is added: OpenAI's by default.
    key_variable (str): The environment variable that holds the key; a server of your own needs none.
    config (dict[str, Any] | None): What goes into each request, such as `temperature`.
    max_in_flight (int): How many calls wait for their answers at a time.
    max_tries (int): Tries per call, where trying again can help.
    timeout (float): Seconds to wait for an answer.
    context_length (int | None): Tokens that the model takes at once; longer texts are cut into
        shards. None for no limit.
    RETURNS (ChatModel): The model.
    RAISES (UserError): If a number is not positive.
    """
    if min(max_in_flight, max_tries, timeout) <= 0:
        raise UserError("max_in_flight, max_tries and timeout must be above 0.")
    return ChatModel(
        model,
        base_url=base_url,
        key_variable=key_variable,
        config=config or {},
        max_in_flight=max_in_flight,
        max_tries=max_tries,
        timeout=timeout,
        context_length=context_length,
    )
