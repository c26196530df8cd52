"""The desk at which the batches of one teacher are handed in, watched and collected."""

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import repeat
from pathlib import Path
from shutil import rmtree
from types import TracebackType

from ...errors import UserError
from ...io import count_docs
from ...ty import Request, Status, Track
from ..asking import corpus_requests
from ..money.budget import Budget
from ..money.prices import describe_cost
from ..store.pulse import Pulse
from .calls import Json, NotThere
from .collect import Collector, counts_of, is_over, status_of
from .jobs import Job, Jobs
from .parts import Limits, Parts
from .service import Service
from .submit import recover, submit
from .teacher import Teacher

# A question that nobody asks: its claim is held by whoever works on the batches of a store
LOCK = Request("")
LOCK_MODEL = "spacy-distill batch"


class Desk:
    """The batches of one teacher; one process at a time works on those of a store.

    teacher (Teacher): The teacher.
    budget (Budget): The caps, and the price of a batch.
    rejects_path (Path | None): JSON Lines file that lines which cannot be used are added to.
    track (Track): Shows progress.

    `collected` is what has come, `n_submitted` counts what was handed in, `parts` what was left out.
    """

    def __init__(
        self, teacher: Teacher, *, budget: Budget, rejects_path: Path | None, track: Track
    ) -> None:
        self.n_submitted = 0
        self.parts: Parts | None = None
        self._teacher = teacher
        self._budget = budget
        self._track = track
        self._seen: dict[str, Json] = {}
        self._ends = ExitStack()
        store_path = Path(teacher.stored.path)
        self._folder = store_path.with_name(f".{store_path.name}.batch")
        stored, chat = teacher.stored, teacher.chat
        self._service = Service(chat.endpoint)
        self._jobs = Jobs(store_path, stored.name, stored.params)
        self._collector = Collector(
            self._service,
            stored.store,
            self._jobs,
            fields=chat.endpoint.config,
            price=budget.price,
            folder=self._folder,
            rejects_path=rejects_path,
        )
        self.collected = self._collector.collected

    def __enter__(self) -> "Desk":
        """Make sure that nobody else is at it, and clear up what a killed run has left.

        RAISES (UserError): If somebody is.
        """
        stored = self._teacher.stored
        with ExitStack() as opened:
            for one in (stored, self._jobs, self._service):
                opened.callback(one.close)
            if not stored.store.claim([LOCK], LOCK_MODEL, {}).mine:
                raise UserError(
                    f"Another process is at the batches of {stored.path}; wait until it is done."
                )
            opened.callback(rmtree, self._folder, ignore_errors=True)
            rmtree(self._folder, ignore_errors=True)  # of one who was killed
            self._folder.mkdir()
            opened.enter_context(Pulse(stored.store))
            recover(self._service, self._jobs)
            self._ends = opened.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ends.close()

    def pending(self) -> list[tuple[Job, Json]]:
        """Return the jobs that are open, each with its batch as it was seen last."""
        return [(job, self._seen.get(job.batch_id, {})) for job in self._jobs.pending()]

    def poll(self) -> None:
        """Look at all open batches, and collect those that are over."""
        for job in self._jobs.pending():
            self._look(job)

    def check(self) -> None:
        """Go on only if batches work.

        RAISES (UserError): If a whole batch was refused or cancelled.
        """
        if self.collected.problems:
            said = ". ".join(dict.fromkeys(self.collected.problems))
            raise UserError(
                f"{said}. All answers so far are kept in {self._teacher.stored.path}; mend it and "
                f"run again: its questions are handed in once more, and no others."
            )

    def submit(self, corpora: Sequence[Path | str], limits: Limits) -> None:
        """Hand in all questions about corpora that are neither answered nor open.

        corpora (Sequence[Path | str]): The corpora.
        limits (Limits): Sizes of a part, and tries of a question.
        """
        teacher = self._teacher
        with closing(self._questions(corpora)) as questions:
            self.parts = Parts(
                questions,
                teacher.pipe.task,
                store=teacher.stored.store,
                jobs=self._jobs,
                endpoint=teacher.chat.endpoint,
                path=self._service.path,
                tags=teacher.chat.tags,
                budget=self._budget,
                limits=limits,
                folder=self._folder,
            )
            self.n_submitted += submit(self.parts, self._service, self._jobs)

    def watch(self, seconds: float) -> None:
        """Wait until all open batches are over, and collect each as soon as it is.

        seconds (float): Between two looks.
        """
        total = sum(job.n_rows for job in self._jobs.pending())
        done = self._done(seconds, total)
        for _ in self._track(
            done, total=total, desc="Batches", unit="answers", status=self._status
        ):
            pass

    def cancel(self) -> None:
        """Have all open batches cancelled; one that the endpoint does not know any more is ended."""
        for job in self._jobs.pending():
            try:
                if not self._look(job):
                    self._seen[job.batch_id] = self._service.cancel(job.batch_id)
            except NotThere:
                self._jobs.free(job)
                self._jobs.ended(job)

    def _look(self, job: Job) -> bool:
        """Look at a batch, and collect it if it is over; say whether it is."""
        batch = self._seen[job.batch_id] = self._service.get(job.batch_id)
        if is_over(batch):
            self._collector.collect(job, batch)
        return is_over(batch)

    def _questions(self, corpora: Sequence[Path | str]) -> Generator[Request, None, None]:
        nlp, pipe = self._teacher.nlp, self._teacher.pipe
        for path in corpora:
            yield from self._track(
                corpus_requests(nlp, pipe, path),
                total=count_docs(path) * pipe.samples,
                desc=f"Questions about {path}",
                unit="questions",
            )

    def _done(self, seconds: float, total: int) -> Iterator[None]:
        """Yield once per question that is done, until all batches are over."""
        n_done = 0
        watched = {job.batch_id: job.n_rows for job in self._jobs.pending()}
        while watched:
            self.poll()
            pending = {job.batch_id for job in self._jobs.pending()}
            still = sum(sum(counts_of(self._seen[name]).values()) for name in pending)
            over = sum(n_rows for name, n_rows in watched.items() if name not in pending)
            n_now = min(still + over, total)
            yield from repeat(None, n_now - n_done)
            n_done = max(n_done, n_now)
            if not pending:
                return
            time.sleep(seconds)

    def _status(self) -> Status:
        states = [status_of(batch) for _, batch in self.pending()]
        shown: dict[str, int | float | str] = {state: states.count(state) for state in states}
        if self._budget.price is not None:
            shown["spent"] = describe_cost(self.collected.cost)
        return {"answered": self.collected.n_answered, "failed": self.collected.n_failed, **shown}
