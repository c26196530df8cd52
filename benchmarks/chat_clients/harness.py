"""Runs one client against a fresh server, each in a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from chat_server.prompts import Latencies, digest

from .measure import read_prompts
from .schedule import list_schedule

BENCHMARKS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Run:
    """One measurement.

    arm (str): The client.
    in_flight (int): Questions at a time.
    n (int): Prompts.
    latency (float): Seconds that an answer takes.
    slow_share (float): Share of the answers that take 5 seconds.
    """

    arm: str
    in_flight: int
    n: int = 5_000
    latency: float = 0.2
    slow_share: float = 0.0

    @property
    def latencies(self) -> Latencies:
        """The latencies of the server."""
        return Latencies(self.latency, self.slow_share)


class Inputs:
    """The corpora and prompts, written once for each number of them.

    folder (Path): Where they go.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[int, dict[str, Any]] = {}

    def get(self, n: int) -> tuple[Path, dict[str, Any]]:
        """Return the folder with n prompts, and what is known of them and of the machine."""
        folder = self._folder / str(n)
        if n not in self._known:
            folder.mkdir()
            self._known[n] = last_line(["chat_clients.inputs", str(folder), str(n)])
        return folder, self._known[n]


def last_line(words: list[str]) -> dict[str, Any]:
    """Run a module in a process of its own and return the JSON that it prints last."""
    words = [sys.executable, "-m", *words]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, cwd=BENCHMARKS)
    return dict(json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def serving(latencies: Latencies, labels: list[str]) -> Iterator[str]:
    """Run the server in a process of its own and yield its base URL."""
    words = [sys.executable, "-m", "chat_server", "--latency", str(latencies.usual)]
    words += ["--slow-share", str(latencies.slow_share), "--slow", str(latencies.slow)]
    words += ["--labels", *labels]
    process = subprocess.Popen(words, cwd=BENCHMARKS, stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip() if process.stdout else ""
    finally:
        process.terminate()
        process.communicate()


def read_books(url: str, page: str) -> dict[str, Any]:
    """Return the server's `stats`, or its `books` with the counts of each prompt."""
    with urlopen(f"{url.removesuffix('/v1')}/{page}") as response:
        return dict(json.load(response))


def measure(run: Run, inputs: Inputs) -> dict[str, Any]:
    """Run one client against a fresh server.

    run (Run): What to measure.
    inputs (Inputs): The prompts.
    RETURNS (dict): A line of the results.
    """
    prompts, known = inputs.get(run.n)
    machine = {key: value for key, value in known.items() if key != "labels"}
    machine["load_average"] = os.getloadavg()[0]
    with serving(run.latencies, known["labels"]) as url, tempfile.TemporaryDirectory() as folder:
        settings = {"url": url, "in_flight": run.in_flight, "n": run.n, "inputs": str(prompts)}
        settings |= {"folder": folder, "labels": known["labels"]}
        found = last_line(["chat_clients", run.arm, json.dumps(settings)])
        books = read_books(url, "stats")
    ideal = ideal_rate(run, prompts)
    found |= {"ideal": round(ideal, 1), "share_of_ideal": round(found["per_second"] / ideal, 3)}
    return {**asdict(run), **found, "server": books, **machine}


def ideal_rate(run: Run, inputs: Path) -> float:
    """Return the rate of a client that costs nothing.

    run (Run): What is measured.
    inputs (Path): The prompts.
    RETURNS (float): In flight / latency; with slow answers that of a list schedule of the prompts.
    """
    if not run.slow_share:
        return run.in_flight / run.latency
    latencies = [run.latencies.of(digest(prompt)) for prompt in read_prompts(inputs)]
    return run.n / list_schedule(latencies, run.in_flight)
