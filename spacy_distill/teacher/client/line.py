"""The line to an endpoint: a session of kept-alive connections, opened at the first call."""

import asyncio
import weakref
from concurrent.futures import TimeoutError  # before Python 3.11 not the built-in one
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from ..ending import close_first
from .loop import LoopThread, loop_thread
from .tee import TeeConnector

CONNECT_TIMEOUT = 15.0  # seconds
KEEP_ALIVE = 30.0  # seconds that an idle connection is kept
CLOSE_TIMEOUT = 2.0  # seconds
INHERITED: list[aiohttp.ClientSession] = []  # by a forked process


class Line:
    """Connections of one model in one process.

    timeout (float): Seconds for a call, from its start to the last byte of the answer.
    """

    def __init__(self, timeout: float) -> None:
        self.thread: LoopThread = loop_thread()
        self.session: aiohttp.ClientSession = self.thread.run(open_session(timeout))
        self._close = weakref.finalize(self, close_session, self.thread, self.session)
        close_first()

    def is_ours(self) -> bool:
        """Say whether the line is open, in this process and not in one that it was forked from."""
        return self.thread.is_ours() and not self.session.closed

    def close(self) -> None:
        """Close the connections."""
        self._close()


async def open_session(timeout: float) -> aiohttp.ClientSession:
    """Open a session in the running loop; the exchanges bound how many calls there are at a time."""
    return aiohttp.ClientSession(
        connector=TeeConnector(limit=0, keepalive_timeout=KEEP_ALIVE),
        timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=CONNECT_TIMEOUT),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def environment_proxy(url: URL) -> str | None:
    """Return the proxy that the environment names for a URL, such as in `HTTPS_PROXY`.

    aiohttp's own `trust_env` looks for it, and for a netrc file, before each request: that takes as
    long as the request.
    """
    if url.host is None or proxy_bypass(f"{url.host}:{url.port}"):
        return None
    return getproxies().get(url.scheme)


def close_session(thread: LoopThread, session: aiohttp.ClientSession) -> None:
    """Close a session from any thread, the garbage collector's and the interpreter's end included."""
    if not thread.is_ours():
        INHERITED.append(session)  # its end would close the parent's connections, and complain
        return
    if thread.is_current():
        thread.soon(_schedule_close, session)
        return
    try:
        thread.run(session.close(), CLOSE_TIMEOUT)
    except TimeoutError:
        return


def _schedule_close(session: aiohttp.ClientSession) -> Any:
    return asyncio.ensure_future(session.close())
