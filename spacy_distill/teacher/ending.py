"""Close what is still being asked before the interpreter ends, while the threads it waits for run."""

import atexit
import functools
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from typing import Any, TypeVar, cast
from weakref import WeakSet

FunctionT = TypeVar("FunctionT", bound=Callable[..., Iterator[Any]])

_begun: WeakSet[Generator[Any, None, None]] = WeakSet()


def closed_at_exit(function: FunctionT) -> FunctionT:
    """Have a function's generators closed when the interpreter ends, if nobody has done so before.

    A suspended generator would else be closed after all threads have stopped, and wait for ever.

    function (Callable): A generator function.
    RETURNS (Callable): The same.
    """

    @functools.wraps(function)
    def begin(*args: Any, **kwargs: Any) -> Iterator[Any]:
        generator = function(*args, **kwargs)
        _begun.add(cast(Generator[Any, None, None], generator))
        return generator

    return cast(FunctionT, begin)


def close_all() -> None:
    """Close all generators that were begun in this process."""
    for generator in list(_begun):
        with suppress(
            Exception
        ):  # one that runs in another thread, or a full disk: all else is told
            generator.close()


def close_first() -> None:
    """Have the generators closed before whatever is registered with `atexit` by now."""
    atexit.unregister(close_all)
    atexit.register(close_all)


close_first()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begun.clear)
