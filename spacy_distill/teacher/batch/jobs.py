"""Batch jobs in the answer store: what was handed in where, and which question each row asks."""

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from ...ty import Request
from ..store.keys import AnswerKeys
from ..store.opening import open_store
from ..store.rows import Place
from ..store.text import from_cell, to_cell
from ..store.transaction import explained, writing

# A draft was never sent. While it is "sending", the endpoint may have made a batch of it or not.
State = Literal["draft", "sending", "open", "ended"]
COLUMNS = "tag, state, file_id, batch_id, n_rows, sent"
INSERT_ROW = """
INSERT INTO batch_rows VALUES (?, ?, ?, ?, ?, 0, 0)
ON CONFLICT (key, sample) DO UPDATE SET
    job = excluded.job, number = excluded.number, prompt = excluded.prompt
"""
LEAVE = "UPDATE batch_rows SET job = NULL, prompt = ''"


class Job(NamedTuple):
    """One job of a batch endpoint.

    tag (str): Its own name, which it also has at the endpoint, and which each row's id begins with.
    state (State): How far it has got.
    file_id (str): The input file at the endpoint; empty before it is sent.
    batch_id (str): The batch there; empty before it is known.
    n_rows (int): How many questions were handed in.
    sent (float): When the batch was asked for, in seconds since 1970.
    """

    tag: str
    state: State = "draft"
    file_id: str = ""
    batch_id: str = ""
    n_rows: int = 0
    sent: float = 0.0


class Jobs:
    """The jobs for one model with one set of parameters.

    path (Path): The answer store.
    model (str): The model's name.
    params (Mapping[str, Any]): Its parameters.

    A question stands in one job at most. What a job has not answered stays, without a job, with the
    number of its tries; one that is answered goes.
    """

    def __init__(self, path: Path, model: str, params: Mapping[str, Any]) -> None:
        self.model = model
        self.params = dict(params)
        self._path = path
        self._keys = AnswerKeys(model, params)
        self._owner = (to_cell(model), self._keys.params)
        self._connection = open_store(path)

    def close(self) -> None:
        """Close the store."""
        self._connection.close()

    def pending(self) -> list[Job]:
        """Return the jobs that are not ended, in the order in which they were sent."""
        query = f"""SELECT {COLUMNS} FROM batch_jobs
        WHERE model = ? AND params = ? AND state != 'ended' ORDER BY sent, tag"""  # noqa: S608
        with explained(self._path):
            return [Job(*r) for r in self._connection.execute(query, self._owner)]

    def draft(self) -> Job:
        """Begin a job."""
        job = Job(uuid.uuid4().hex)
        values = (job.tag, *self._owner, *job[1:])
        with self._writing():
            self._connection.execute(
                "INSERT INTO batch_jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values
            )
        return job

    def add(self, job: Job, requests: Sequence[Request], first: int) -> None:
        """Put requests into a draft; none of them may stand in another job.

        job (Job): The draft.
        requests (Sequence[Request]): The requests.
        first (int): The row number of the first of them.
        """
        rows = [
            (*self.place(request), job.tag, first + i, to_cell(request.prompt))
            for i, request in enumerate(requests)
        ]
        with self._writing():
            self._connection.executemany(INSERT_ROW, rows)

    def drop(self, job: Job) -> None:
        """Forget a job that the endpoint has made no batch of; its questions are free again."""
        self.free(job)
        with self._writing():
            self._connection.execute("DELETE FROM batch_jobs WHERE tag = ?", (job.tag,))

    def free(self, job: Job) -> None:
        """Take all questions out of a job; it was no try."""
        with self._writing():
            self._connection.execute(
                "DELETE FROM batch_rows WHERE job = ? AND tries = 0 AND NOT hopeless", (job.tag,)
            )
            self._connection.execute(f"{LEAVE} WHERE job = ?", (job.tag,))

    def sending(self, job: Job, file_id: str, n_rows: int) -> Job:
        """Note that a batch is asked for from now on."""
        return self._update(
            job._replace(state="sending", file_id=file_id, n_rows=n_rows, sent=time.time())
        )

    def opened(self, job: Job, batch_id: str) -> Job:
        """Note under which id the endpoint has made a batch of a job."""
        return self._update(job._replace(state="open", batch_id=batch_id))

    def ended(self, job: Job) -> Job:
        """Note that nothing more comes from a job, once all of its questions were settled or left."""
        return self._update(job._replace(state="ended"))

    def requests(self, job: Job, numbers: Iterable[int]) -> dict[int, Request]:
        """Return the questions of rows; those that were settled or left before are not among them."""
        query = "SELECT number, prompt, sample FROM batch_rows WHERE job = ? AND number = ?"
        found = {}
        with explained(self._path):
            for number in numbers:
                for n, prompt, sample in self._connection.execute(query, (job.tag, number)):
                    found[n] = Request(from_cell(prompt), sample)
        return found

    def left(self, job: Job, n: int) -> list[Request]:
        """Return up to n questions of a job that are neither settled nor left."""
        query = "SELECT prompt, sample FROM batch_rows WHERE job = ? ORDER BY number LIMIT ?"
        with explained(self._path):
            rows = self._connection.execute(query, (job.tag, n)).fetchall()
        return [Request(from_cell(prompt), sample) for prompt, sample in rows]

    def settle(self, requests: Iterable[Request]) -> None:
        """Let go of questions that the store holds an answer to."""
        with self._writing():
            self._connection.executemany(
                "DELETE FROM batch_rows WHERE key = ? AND sample = ?", map(self.place, requests)
            )

    def leave(self, requests: Iterable[Request], *, tries: int = 0, hopeless: bool = False) -> None:
        """Take questions out of their job without an answer.

        requests (Iterable[Request]): The questions.
        tries (int): How many tries this was for each of them.
        hopeless (bool): Whether they would be refused for ever.
        """
        rows = [(tries, hopeless, *self.place(request)) for request in requests]
        with self._writing():
            self._connection.executemany(
                f"{LEAVE}, tries = tries + ?, hopeless = ? WHERE key = ? AND sample = ?", rows
            )

    def tried_enough(self, requests: Sequence[Request], max_tries: int) -> set[Request]:
        """Return the questions that are hopeless, or were in so many jobs that did not answer them."""
        query = "SELECT tries >= ? OR hopeless FROM batch_rows WHERE key = ? AND sample = ?"
        with explained(self._path):
            return {
                request
                for request in requests
                for (enough,) in self._connection.execute(query, (max_tries, *self.place(request)))
                if enough
            }

    def place(self, request: Request) -> Place:
        """Return where the answer to a request stands in the store."""
        return self._keys.key(request.prompt), request.sample

    def _update(self, job: Job) -> Job:
        with self._writing():
            self._connection.execute(
                f"UPDATE batch_jobs SET ({COLUMNS}) = (?, ?, ?, ?, ?, ?) WHERE tag = ?",  # noqa: S608
                (*job, job.tag),
            )
        return job

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with explained(self._path), writing(self._connection):
            yield
