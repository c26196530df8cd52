"""A tee in the connections: bytes are seen the moment they arrive, before anything reads them.

When many answers arrive at once, the event loop takes all of them from the kernel before the first
is read as an answer. A process that is killed in these milliseconds has nothing of them but what the
tee has seen. It hangs on two names that aiohttp does not document, `ResponseHandler` and the
connector's `_factory`; a test fails where another version has neither.
"""

from contextvars import ContextVar
from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from ...ty import Catch

catching: ContextVar[Catch | None] = ContextVar("catching", default=None)


class TeeHandler(ResponseHandler):
    """A connection's protocol that shows what arrives to whoever made the call."""

    catch: Catch | None = None

    def data_received(self, data: bytes) -> None:
        """Show data, then hand it on."""
        if self.catch is not None:
            self.catch(data)
        super().data_received(data)


class TeeConnector(aiohttp.TCPConnector):
    """A connector whose connections show what arrives to the `catching` of the task that got them."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._factory = partial(TeeHandler, loop=self._loop)  # type: ignore[assignment]

    async def connect(self, *args: Any, **kwargs: Any) -> Any:
        """Get a connection."""
        connection = await super().connect(*args, **kwargs)
        if isinstance(connection.protocol, TeeHandler):
            connection.protocol.catch = catching.get()
        return connection
