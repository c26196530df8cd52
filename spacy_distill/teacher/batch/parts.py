"""Questions in parts: each a file within the endpoint's limits, and within the caps of the run."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from ...ty import Answer, ReaskingTask, Request
from ..client.endpoint import Endpoint
from ..money.budget import Budget
from ..store.answers import AnswerStore
from ..store.claims import Claimed
from .jobs import Job, Jobs
from .results import custom_id

CHUNK = 128  # questions that are claimed in one transaction
MAX_REQUESTS = 50_000  # OpenAI's limit
MAX_BYTES = 100_000_000  # half of OpenAI's limit; the lowest of those that take OpenAI's protocol


@dataclass(frozen=True)
class Limits:
    """What a part, and a run, may hold.

    max_requests (int): Questions in a part.
    max_bytes (int): Bytes of a part's file.
    max_tries (int): Jobs that a question may be in without being answered.
    """

    max_requests: int = MAX_REQUESTS
    max_bytes: int = MAX_BYTES
    max_tries: int = 3


@dataclass(frozen=True)
class Part:
    """A job that is ready to be sent: its file, and how many questions are in it."""

    job: Job
    path: Path
    n_rows: int


class Parts:
    """Makes parts of the questions that are neither answered nor asked by anybody.

    requests (Iterable[Request]): All questions, known ones included.
    task (Any): The task; one that asks again where an answer is malformed adds these questions.
    store (AnswerStore): The answer store.
    jobs (Jobs): The jobs in it.
    endpoint (Endpoint): What goes into each request.
    path (str): The path of the endpoint in each row.
    tags (dict[str, str]): Tags for endpoints that store completions.
    budget (Budget): The worst case of each question is booked for good.
    limits (Limits): The limits.
    folder (Path): For the files.

    `refusal` says why a question was left out, once the budget has refused one. `n_stored` counts the
    questions that are answered, `n_elsewhere` those that another process is asking now, `n_given_up`
    those that were tried enough.
    """

    def __init__(
        self,
        requests: Iterable[Request],
        task: Any,
        *,
        store: AnswerStore,
        jobs: Jobs,
        endpoint: Endpoint,
        path: str,
        tags: dict[str, str],
        budget: Budget,
        limits: Limits,
        folder: Path,
    ) -> None:
        self.refusal = ""
        self.n_stored = self.n_elsewhere = self.n_given_up = 0
        self._source = iter(requests)
        self._task = task
        self._store = store
        self._jobs = jobs
        self._endpoint = endpoint
        self._path = path
        self._tags = tags
        self._budget = budget
        self._limits = limits
        self._folder = folder
        self._identity = (jobs.model, jobs.params)

    @contextmanager
    def next(self) -> Iterator[Part | None]:
        """Fill the next part; None if there is nothing more to ask. Its file goes with the block."""
        job = self._jobs.draft()
        path = self._folder / f"{job.tag}.jsonl"
        try:
            n_rows = self._fill(job, path)
        except BaseException:
            self._jobs.drop(job)
            raise
        if not n_rows:
            self._jobs.drop(job)
        yield Part(job, path, n_rows) if n_rows else None
        path.unlink()

    def _fill(self, job: Job, path: Path) -> int:
        n_rows = 0
        with path.open("wb") as file:
            while not self.refusal and (chunk := list(islice(self._source, CHUNK))):
                mine = self._claim(list(dict.fromkeys(chunk)))
                fitting = self._write(mine, file, job, n_rows)
                self._jobs.add(job, fitting, n_rows)
                self._store.release(mine, *self._identity)
                n_rows += len(fitting)
                if len(fitting) < len(mine):
                    self._source = chain(mine[len(fitting) :], self._source)
                    break
        return n_rows

    def _claim(self, chunk: list[Request]) -> list[Request]:
        """Claim those of some questions that are to be asked, and those to be asked again."""
        claimed = self._claim_untried(chunk)
        again = list(dict.fromkeys(self._reasked(claimed.known)))
        return claimed.mine + (self._claim_untried(again).mine if again else [])

    def _claim_untried(self, chunk: list[Request]) -> Claimed:
        claimed = self._store.claim(chunk, *self._identity)
        enough = self._jobs.tried_enough(claimed.mine, self._limits.max_tries)
        self._store.release(list(enough), *self._identity)
        claimed.mine = [request for request in claimed.mine if request not in enough]
        self.n_given_up += len(enough)
        self.n_elsewhere += len(claimed.elsewhere)
        self.n_stored += len(claimed.known)
        return claimed

    def _reasked(self, known: list[Answer]) -> Iterator[Request]:
        if isinstance(self._task, ReaskingTask):
            for answer in known:
                prompt = self._task.reask(answer) if answer.status == "answered" else None
                if prompt is not None:
                    yield Request(prompt, answer.request.sample)

    def _write(
        self, requests: list[Request], file: IO[bytes], job: Job, first: int
    ) -> list[Request]:
        """Write rows as long as they fit; return the questions that they ask."""
        for i, request in enumerate(requests):
            n_rows = first + i
            body = self._endpoint.body(
                request.prompt, sample=request.sample, n=1, metadata=self._tags
            )
            row = {"custom_id": custom_id(job.tag, n_rows), "method": "POST", "url": self._path}
            line = json.dumps({**row, "body": json.loads(body)}).encode("ascii") + b"\n"
            full = n_rows >= self._limits.max_requests
            if full or (n_rows and file.tell() + len(line) > self._limits.max_bytes):
                return requests[:i]
            if not self._book(len(body)):
                return requests[:i]
            file.write(line)
        return requests

    def _book(self, n_bytes: int) -> bool:
        longest = self._endpoint.max_output_tokens
        reservation = self._budget.reserve(n_bytes, longest)
        if reservation is None:
            self.refusal = self._budget.refusal(n_bytes, longest)
            return False
        self._budget.settle_unknown(reservation)
        return True
