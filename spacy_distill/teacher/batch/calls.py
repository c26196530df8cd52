"""Single calls to an endpoint's files and batches, tried again where that can help."""

import asyncio
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
from yarl import URL

from ...errors import UserError
from ...secrets import redacted
from ..client.call import explain, transport_reason
from ..client.endpoint import Endpoint
from ..client.line import environment_proxy
from ..client.pace import MAX_OBEYED, asked_pause, backoff
from ..client.refusals import Refusal, judge

HTTP_OK = 200
NOT_FOUND = 404
MAX_TRIES = 6
FILE_TIMEOUT = 3_600.0  # seconds
CHUNK = 1 << 16  # bytes
Json = dict[str, Any]


class Trouble(NamedTuple):
    """A call without a result.

    refusal (Refusal): What to do.
    wait (float | None): Seconds that the server asks to wait.
    missing (bool): Whether the server does not know what was asked for.
    """

    refusal: Refusal
    wait: float | None = None
    missing: bool = False


class Unsure(Exception):
    """A call may have done what it asks for, or not."""


class NotThere(UserError):
    """The endpoint does not know a file or a batch, or has neither."""


class Calls:
    """Calls an endpoint.

    endpoint (Endpoint): The endpoint.
    session (aiohttp.ClientSession): The connections.
    """

    def __init__(self, endpoint: Endpoint, session: aiohttp.ClientSession) -> None:
        self._endpoint = endpoint
        self._session = session

    async def call(self, method: str, path: str, *, twice: bool = True, **more: Any) -> Json:
        """Call until there is a response.

        method (str): The HTTP method.
        path (str): What is added to the base URL.
        twice (bool): Whether it does no harm if the call is carried out twice.
        more (Any): `json` to send, `query`, a file to `upload`, or a file to write the body `into`.
        RETURNS (dict[str, Any]): The response; empty if it was written to a file.
        RAISES (Unsure): If nobody knows whether the call was carried out, and it must not be twice.
        RAISES (NotThere): If the endpoint does not know what is asked for.
        RAISES (UserError): If trying again does not help, or not any more.
        """
        n_tries = 1
        while isinstance(outcome := await self._try(method, path, **more), Trouble):
            refusal, wait, missing = outcome
            if missing:
                raise NotThere(
                    f"{self._describe(path, refusal)}. Check base_url and key; not every endpoint "
                    f"has files and batches by OpenAI's protocol."
                )
            if refusal.course == "retry" and wait is None and not twice:
                raise Unsure  # only a server that says when to come back has surely done nothing
            if refusal.course != "retry" or n_tries == MAX_TRIES or (wait or 0.0) > MAX_OBEYED:
                raise self._error(path, refusal)
            await asyncio.sleep(backoff(n_tries) if wait is None else wait)
            n_tries += 1
        return outcome

    async def _try(
        self,
        method: str,
        path: str,
        *,
        json: Json | None = None,
        query: dict[str, str] | None = None,
        upload: Path | None = None,
        into: Path | None = None,
    ) -> Json | Trouble:
        endpoint = self._endpoint
        url = URL(endpoint.base_url.rstrip("/") + path).update_query(
            {**endpoint.query, **(query or {})}
        )
        headers = endpoint.request_headers()
        options: dict[str, Any] = {"json": json}
        if upload is not None or into is not None:
            options["timeout"] = aiohttp.ClientTimeout(total=FILE_TIMEOUT)
        if upload is not None:
            headers.pop("Content-Type")
            options["data"] = form(upload)
        try:
            async with self._session.request(
                method,
                url,
                headers=headers,
                proxy=environment_proxy(url),
                allow_redirects=False,  # the key is for this address
                **options,
            ) as response:
                if response.status != HTTP_OK:
                    return trouble(response, await response.read())
                if into is not None:
                    await save(response, into)
                    return {}
                return as_json(await response.json(content_type=None))
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError) as error:
            return Trouble(Refusal("retry", transport_reason(error)))

    def _error(self, path: str, refusal: Refusal) -> UserError:
        if refusal.course == "stop":
            return UserError(explain(refusal, self._endpoint))
        return UserError(f"{self._describe(path, refusal)}. Run again to go on.")

    def _describe(self, path: str, refusal: Refusal) -> str:
        return redacted(f"{self._endpoint.base_url}{path}: {refusal.reason}")


def form(path: Path) -> aiohttp.FormData:
    """Return the form that uploads a file for a batch; it is read from the disk while it is sent."""
    data = aiohttp.FormData()
    data.add_field("purpose", "batch")
    file = path.open("rb")
    data.add_field("file", file, filename=path.name, content_type="application/jsonl")
    return data


async def save(response: aiohttp.ClientResponse, path: Path) -> None:
    """Write the body of a response to a file as it comes."""
    with path.open("wb") as file:
        async for chunk in response.content.iter_chunked(CHUNK):
            file.write(chunk)


def trouble(response: aiohttp.ClientResponse, body: bytes) -> Trouble:
    """Judge a response with an error status."""
    wait = asked_pause(response.headers)
    refusal = judge(response.status, body, asked_to_wait=wait is not None)
    return Trouble(refusal, wait, response.status == NOT_FOUND)


def as_json(data: Any) -> Json:
    """Return a JSON object with an id, or with a list of data.

    RAISES (ValueError): If it is something else.
    """
    if not isinstance(data, dict) or not {"id", "data"} & data.keys():
        raise ValueError(f"no object with an id but {data!r:.100}")
    return data
