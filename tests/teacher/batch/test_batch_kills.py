"""Processes that hand in and collect batches are killed with -9 at random moments, and resumed."""

import multiprocessing
import random
import time
from pathlib import Path

import pytest

from spacy_distill.teacher.batch import service, submit
from spacy_distill.teacher.batch.parts import Limits
from spacy_distill.teacher.batch.run import ask_batches
from spacy_distill.teacher.store.answers import AnswerStore

from .batch_server import serving

TEXTS = [f"text {i}" for i in range(30)]
N_KILLS = 5


def run(config, corpus, store):
    """Ask in small batches, in a process of its own."""
    submit.GRACE_SECONDS, submit.LOOK_SECONDS, service.LOOK_SECONDS = 0.6, 0.1, 0.01
    limits = Limits(max_requests=5, max_tries=50)
    ask_batches(config, [corpus], store_path=store, limits=limits, wait=True, poll_seconds=0.02)


def kill_at_random(process, server, rng):
    """Kill a process in the middle of some call to the server; False if it was done before."""
    n_calls = server.calls.total() + rng.randrange(1, 12)
    while server.calls.total() < n_calls and process.is_alive():
        time.sleep(0.002)
    time.sleep(rng.uniform(0.0, 0.03))
    alive = process.is_alive()
    process.kill()
    process.join()
    return alive


@pytest.fixture
def server():
    with serving(latency=0.01) as server:
        yield server


def test_killed_processes_lose_no_answer_and_ask_nothing_twice(
    config, server, make_corpus, tmp_path
):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "spacy.lang.en", "spacy_transformers"])
    arguments = (config(), make_corpus(TEXTS), tmp_path / "a.sqlite")
    rng = random.Random(0)
    server.fates = ["expired", "completed", "expired"]
    n_kills = 0
    while True:
        process = context.Process(target=run, args=arguments)
        process.start()
        if n_kills == N_KILLS:
            break
        n_kills += kill_at_random(process, server, rng)
    process.join(60)
    assert process.exitcode == 0
    assert server.twice.total() == 0
    assert set(server.answered.values()) == {1}
    assert server.answered.total() == len(TEXTS)
    with AnswerStore(Path(arguments[2])) as store:
        assert len(store) == len(TEXTS)
