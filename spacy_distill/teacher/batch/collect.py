"""What a batch has answered, into the answer store; what it has not, free to be asked again."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from ...secrets import redacted
from ...ty import Answer, Request
from ..money.prices import Price, cost
from ..store.answers import AnswerStore
from .calls import Json
from .jobs import Job, Jobs
from .results import Result, read_line, read_result
from .service import Service

CHUNK = 500  # lines in one transaction
SHOWN = 500  # characters of a line that stand in the rejects
MAX_ERRORS = 3  # of a batch that was refused
FINAL = frozenset({"completed", "failed", "expired", "cancelled"})


@dataclass
class Collected:
    """What was collected.

    n_answered (int): Questions with an answer, refusals included.
    n_failed (int): Questions without one, by the end of their job.
    n_known (int): Lines about questions whose results were collected before.
    n_rejected (int): Lines that cannot be read, or belong to no question.
    cost (float): US dollars, as far as usage and price are known.
    problems (list[str]): What stops whole jobs.
    """

    n_answered: int = 0
    n_failed: int = 0
    n_known: int = 0
    n_rejected: int = 0
    cost: float = 0.0
    problems: list[str] = field(default_factory=list)


def status_of(batch: Json) -> str:
    """Return the status of a batch; some endpoints write it in capitals."""
    return str(batch.get("status") or "").lower()


def counts_of(batch: Json) -> dict[str, int]:
    """Return how many requests of a batch are completed and failed, as far as it says."""
    counts = batch.get("request_counts") or {}
    return {name: int(counts.get(name) or 0) for name in ("completed", "failed")}


def is_over(batch: Json) -> bool:
    """Say whether nothing more comes from a batch, and what has come can be collected."""
    late = status_of(batch) == "completed" and not batch.get("output_file_id")
    return status_of(batch) in FINAL and not (late and counts_of(batch)["completed"])


class Collector:
    """Collects what batches have answered; every step can be repeated after a kill.

    service (Service): The endpoint.
    store (AnswerStore): The answer store.
    jobs (Jobs): The jobs in it.
    fields (Collection[str]): The fields of a request that the user has set.
    price (Price | None): The price of a batch, where known.
    folder (Path): For what is downloaded.
    rejects_path (Path | None): JSON Lines file that lines which cannot be used are added to.

    `collected` says what has come so far.
    """

    def __init__(
        self,
        service: Service,
        store: AnswerStore,
        jobs: Jobs,
        *,
        fields: Collection[str],
        price: Price | None,
        folder: Path,
        rejects_path: Path | None,
    ) -> None:
        self.collected = Collected()
        self._service = service
        self._store = store
        self._jobs = jobs
        self._fields = fields
        self._price = price
        self._folder = folder
        self._rejects_path = rejects_path

    def collect(self, job: Job, batch: Json) -> None:
        """Collect what a batch that is over has answered, and end its job.

        job (Job): The job.
        batch (dict[str, Any]): The batch.
        RAISES (UserError): If a file cannot be downloaded; then the job stays open.
        """
        for name in ("output_file_id", "error_file_id"):
            if batch.get(name):
                self._collect_file(job, str(batch[name]))
        status = status_of(batch)
        if status in ("failed", "cancelled"):
            self.collected.problems.append(describe_end(job, batch))
        reason = f"the batch {job.batch_id} ended without an answer ({status})"
        while left := self._jobs.left(job, CHUNK):
            self._add([Answer(request, None, "failed", reason) for request in left])
            self.collected.n_failed += len(left)
            self._jobs.leave(left, tries=int(status in ("completed", "expired")))
        self._jobs.ended(job)

    def _collect_file(self, job: Job, file_id: str) -> None:
        path = self._folder / f"{job.tag}.results.jsonl"
        self._service.download(file_id, path)
        with path.open("rb") as file:
            lines = enumerate(file, start=1)
            while chunk := list(islice(lines, CHUNK)):
                self._settle(job, dict(self._readable(job, file_id, chunk)))
        path.unlink()

    def _readable(
        self, job: Job, file_id: str, lines: list[tuple[int, bytes]]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        seen: set[int] = set()
        for n_line, line in lines:
            if not line.strip():
                continue
            try:
                number, row = read_line(line, job.tag)
                if number >= job.n_rows:
                    raise ValueError(f"the job has no row {number}")
            except ValueError as error:
                self._reject(line, {"file": file_id, "line": n_line, "reason": str(error)})
                continue
            self.collected.n_known += number in seen
            if number not in seen:  # the first result stands
                seen.add(number)
                yield number, row

    def _settle(self, job: Job, rows: dict[int, dict[str, Any]]) -> None:
        """Store the results of rows, then let go of their questions; either can be repeated."""
        requests = self._jobs.requests(job, rows)
        self.collected.n_known += len(rows) - len(requests)
        results = [read_result(rows[n], request, self._fields) for n, request in requests.items()]
        self._add([result.answer for result in results])
        answered = requests_with(results, None)
        self._jobs.settle(answered)
        self._jobs.leave(requests_with(results, "retry"), tries=1)
        self._jobs.leave(requests_with(results, "prompt"), tries=1, hopeless=True)
        stopped = [result.answer for result in results if result.course == "stop"]
        self._jobs.leave([answer.request for answer in stopped])
        for answer in stopped[:1]:
            self.collected.problems.append(f"Batch {job.batch_id}: {answer.reason}")
        self.collected.n_answered += len(answered)
        self.collected.n_failed += len(results) - len(answered)

    def _add(self, answers: list[Answer]) -> None:
        self._store.add_all(answers, self._jobs.model, self._jobs.params)
        if self._price is not None:
            self.collected.cost += sum(cost(one.usage, self._price) or 0.0 for one in answers)

    def _reject(self, line: bytes, reject: dict[str, Any]) -> None:
        self.collected.n_rejected += 1
        if self._rejects_path is not None:
            shown = line[:SHOWN].decode("utf8", "replace")
            self._rejects_path.parent.mkdir(parents=True, exist_ok=True)
            with self._rejects_path.open("a", encoding="utf8") as file:
                file.write(json.dumps({**reject, "row": shown}) + "\n")


def requests_with(results: list[Result], course: str | None) -> list[Request]:
    """Return the questions whose results ask for a course."""
    return [result.answer.request for result in results if result.course == course]


def describe_end(job: Job, batch: Json) -> str:
    """Say why a batch has ended that was cancelled, or refused as a whole."""
    if status_of(batch) == "cancelled":
        return f"Batch {job.batch_id} was cancelled"
    errors = batch.get("errors")
    listed = errors.get("data") if isinstance(errors, dict) else None
    said = [
        f"{error.get('message') or error.get('code')}"
        + (f" (line {error['line']})" if error.get("line") else "")
        for error in listed or []
        if isinstance(error, dict)
    ]
    why = "; ".join(said[:MAX_ERRORS]) or "the endpoint does not say why"
    return redacted(f"Batch {job.batch_id} was refused: {why}")
