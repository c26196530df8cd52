"""Hand parts in, such that a kill at any moment neither loses a batch nor asks for a second one."""

import time
from typing import Any

from ...errors import UserError
from .jobs import Job, Jobs
from .parts import Part, Parts
from .service import Service

GRACE_SECONDS = 60.0  # after which a batch that was asked for stands in the endpoint's list
LOOK_SECONDS = 5.0
MAX_ASKED = 3


def submit(parts: Parts, service: Service, jobs: Jobs) -> int:
    """Hand in all parts.

    parts (Parts): The parts.
    service (Service): The endpoint.
    jobs (Jobs): The jobs in the answer store.
    RETURNS (int): How many questions were handed in.
    RAISES (UserError): If the endpoint takes no file or no batch.
    """
    n_rows = 0
    while True:
        with parts.next() as part:
            if part is None:
                return n_rows
            send(part, service, jobs)
            n_rows += part.n_rows


def send(part: Part, service: Service, jobs: Jobs) -> Job:
    """Upload the file of a part and ask for a batch of it.

    RAISES (UserError): If there is none for certain, and then the part's questions are free again; or
        if nobody knows, and then the next run finds out.
    """
    try:
        file_id = service.upload(part.path)
    except BaseException:
        jobs.drop(part.job)  # no batch was asked for
        raise
    job = part.job
    for _ in range(MAX_ASKED):
        job = jobs.sending(job, file_id, part.n_rows)  # before anything can be paid for
        try:
            batch = service.create(file_id, job.tag)
        except UserError:
            jobs.drop(job)
            raise
        found = batch or find(job, service)
        if found is not None:
            return jobs.opened(job, str(found["id"]))
    jobs.drop(job)
    raise UserError(
        f"The endpoint makes no batch of the file {file_id}, and does not say why; run again later."
    )


def find(job: Job, service: Service) -> dict[str, Any] | None:
    """Find out whether the endpoint has made a batch of a job.

    job (Job): A job that is being sent.
    service (Service): The endpoint.
    RETURNS (dict[str, Any] | None): The batch; None if there is none a minute after it was asked for.
    """
    while True:
        wait = job.sent + GRACE_SECONDS - time.time()
        batch = service.find(job.tag)
        if batch is not None or wait <= 0:
            return batch
        time.sleep(min(wait, LOOK_SECONDS))


def recover(service: Service, jobs: Jobs) -> None:
    """Clear up what a run that was killed has left: parts that were not sent, or perhaps were."""
    for job in jobs.pending():
        batch = find(job, service) if job.state == "sending" else None
        if batch is not None:
            jobs.opened(job, str(batch["id"]))
        elif job.state != "open":
            jobs.drop(job)
