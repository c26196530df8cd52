"""The files and batches of an endpoint, by OpenAI's protocol: uploads, jobs and downloads."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from ..client.endpoint import Endpoint
from ..client.line import Line
from .calls import Calls, Json, Unsure

CALL_TIMEOUT = 120.0  # seconds
LOOK_SECONDS = 1.0  # between two looks at a file that is being prepared
PAGE = 100  # batches that are listed at a time
TAG = "spacy-distill"  # the metadata by which a batch is found again
PREPARING = frozenset({"pending", "running", "notrunning"})  # states of a file at Azure
ResultT = TypeVar("ResultT")


class Service:
    """The batch side of a chat-completions endpoint.

    endpoint (Endpoint): The endpoint; files and batches stand beside its completions.

    All methods raise `UserError` where trying again does not help, or not any more.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._line = Line(CALL_TIMEOUT)
        self._calls = Calls(endpoint, self._line.session)

    @property
    def path(self) -> str:
        """The path that the rows of a batch are for, as it stands in them."""
        return f"/v1{self._endpoint.path}"

    def close(self) -> None:
        """Close the connections."""
        self._line.close()

    def upload(self, path: Path) -> str:
        """Upload an input file; returns its id once a batch can be made of it."""
        return self._run(self._upload(path))

    def create(self, file_id: str, tag: str) -> Json | None:
        """Ask for a batch.

        file_id (str): The input file.
        tag (str): Goes into the batch's metadata.
        RETURNS (Json | None): The batch; None if nobody knows whether there is one now.
        RAISES (UserError): If there is none for certain.
        """
        return self._run(self._create(file_id, tag))

    def get(self, batch_id: str) -> Json:
        """Return a batch as it stands now."""
        return self._run(self._get(f"/batches/{batch_id}"))

    def find(self, tag: str) -> Json | None:
        """Find a batch by its tag among all that the endpoint lists."""
        return self._run(self._find(tag))

    def cancel(self, batch_id: str) -> Json:
        """Have a batch cancelled; what it has answered by then can be collected."""
        return self._run(self._calls.call("POST", f"/batches/{batch_id}/cancel", json={}))

    def download(self, file_id: str, path: Path) -> None:
        """Write the content of a file to the disk."""
        self._run(self._calls.call("GET", f"/files/{file_id}/content", into=path))

    def _run(self, coroutine: Coroutine[Any, Any, ResultT]) -> ResultT:
        return self._line.thread.run(coroutine)

    async def _upload(self, path: Path) -> str:
        file = await self._calls.call("POST", "/files", upload=path)
        while str(file.get("status") or "").lower() in PREPARING:
            await asyncio.sleep(LOOK_SECONDS)
            file = await self._get(f"/files/{file['id']}")
        return str(file["id"])

    async def _create(self, file_id: str, tag: str) -> Json | None:
        body = {
            "input_file_id": file_id,
            "endpoint": self.path,
            "completion_window": "24h",
            "metadata": {TAG: tag},
        }
        try:
            return await self._calls.call("POST", "/batches", json=body, twice=False)
        except Unsure:
            return None

    async def _find(self, tag: str) -> Json | None:
        async for batch in self._listed():
            if (batch.get("metadata") or {}).get(TAG) == tag:
                return batch
        return None

    async def _listed(self) -> AsyncIterator[Json]:
        query = {"limit": str(PAGE)}
        while True:
            page = await self._calls.call("GET", "/batches", query=query)
            batches = page.get("data") or []
            for batch in batches:
                yield batch
            if not page.get("has_more") or not batches:
                return
            query["after"] = str(batches[-1]["id"])

    async def _get(self, path: str) -> Json:
        return await self._calls.call("GET", path)
