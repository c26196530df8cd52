"""One event loop per process, in a thread of its own, so that callers with and without a loop can wait.

In a notebook or a web service the caller's own event loop is running and must not be entered again.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


class LoopThread:
    """An event loop that runs in a daemon thread."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="spacy-distill", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def soon(self, function: Callable[..., Any], *args: Any) -> None:
        """Have a function called in the loop."""
        self._loop.call_soon_threadsafe(function, *args)

    def run(self, coroutine: Coroutine[Any, Any, ResultT], timeout: float | None = None) -> ResultT:
        """Run a coroutine in the loop and wait for its result.

        RAISES (concurrent.futures.TimeoutError): If it takes longer than `timeout` seconds.
        RAISES (RuntimeError): If the thread does not run: it stayed behind in the process that we were
            forked from, or the interpreter ends.
        """
        if not self.is_ours():
            coroutine.close()
            raise RuntimeError("The thread of the exchanges with models does not run here.")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout)

    def is_ours(self) -> bool:
        """Say whether the thread runs in this process, and not in one that it was forked from."""
        return self._pid == os.getpid() and not sys.is_finalizing()

    def is_current(self) -> bool:
        """Say whether the caller runs in the loop's own thread, where it must not wait for it."""
        return threading.current_thread() is self._thread


_lock = threading.Lock()
_running: LoopThread | None = None


def loop_thread() -> LoopThread:
    """Return the process's loop; a forked child gets one of its own, since threads are not forked."""
    global _running
    with _lock:
        if _running is None or not _running.is_ours():
            _running = LoopThread()
        return _running


def _after_fork() -> None:
    """Give a forked child a lock that nobody holds."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
