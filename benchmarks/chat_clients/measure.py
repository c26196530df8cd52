"""What a client did: its answers held against the prompts, its time, processor time and memory."""

import json
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chat_server.prompts import content, digest


@dataclass(frozen=True)
class Settings:
    """What a client is run with.

    url (str): The server's base URL.
    in_flight (int): Questions at a time.
    n (int): Prompts.
    inputs (Path): The folder with the corpus and the prompts.
    folder (Path): An empty folder for what the client writes.
    labels (tuple[str, ...]): What the server answers.
    """

    url: str
    in_flight: int
    n: int
    inputs: Path
    folder: Path
    labels: tuple[str, ...]


@dataclass
class Watch:
    """Measures from the hand-over of the prompts to the last answer.

    seconds (float): The time on the wall.
    cpu_seconds (float): Processor time of this process.
    peak_bytes (int): The most memory that the process held up to then.
    """

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    _start: tuple[float, float] = field(default=(0.0, 0.0), repr=False)

    def __enter__(self) -> "Watch":
        self._start = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *error: object) -> None:
        self.seconds = time.perf_counter() - self._start[0]
        self.cpu_seconds = time.process_time() - self._start[1]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self.peak_bytes = peak * (1 if sys.platform == "darwin" else 1024)


class Phases:
    """Times the loops that a plain function reports to its `track` argument.

    watches (dict[str, Watch]): By the loop's description, in order.
    """

    def __init__(self) -> None:
        self.watches: dict[str, Watch] = {}

    def __call__(
        self, items: Iterable[Any], *, desc: str = "", **settings: object
    ) -> Iterator[Any]:
        """Pass items through."""
        self.watches[desc] = Watch()
        with self.watches[desc]:
            yield from items


def read_prompts(folder: Path) -> list[str]:
    """Return the prompts among the inputs."""
    lines = (folder / "prompts.jsonl").read_text(encoding="utf8").splitlines()
    return [json.loads(line) for line in lines]


def count_wrong(answers: Iterable[tuple[str, str]], labels: tuple[str, ...]) -> tuple[int, int]:
    """Hold answers against their own prompts.

    answers (Iterable[tuple[str, str]]): Prompts and answers.
    labels (tuple[str, ...]): What the server answers.
    RETURNS (tuple[int, int]): How many answers there are, and how many are another prompt's.
    """
    n = wrong = 0
    for prompt, answer in answers:
        n += 1
        wrong += answer != content(digest(prompt), labels)
    return n, wrong


def result(watch: Watch, answers: Iterable[tuple[str, str]], settings: Settings) -> dict[str, Any]:
    """Return a client's figures.

    watch (Watch): Its time.
    answers (Iterable[tuple[str, str]]): Prompts and answers.
    settings (Settings): What it was run with.
    RETURNS (dict): JSON-able values.
    RAISES (RuntimeError): If an answer is missing or belongs to another prompt.
    """
    n, wrong = count_wrong(answers, settings.labels)
    if (n, wrong) != (settings.n, 0):
        raise RuntimeError(f"{n} of {settings.n} answers, {wrong} of them another prompt's")
    return {
        "seconds": round(watch.seconds, 3),
        "per_second": round(n / watch.seconds, 1),
        "client_cpu_s_per_1000": round(1_000 * watch.cpu_seconds / n, 3),
        "peak_mb": round(watch.peak_bytes / 1e6, 1),
    }
