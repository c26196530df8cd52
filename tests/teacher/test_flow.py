"""Questions through a store: however a run ends, what was paid is kept and the next run goes on."""

import gc
import random
import signal
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest

from spacy_distill.errors import UserError
from spacy_distill.teacher.client.chat import build_chat_model_v1
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.teacher.store.receipts import receipt_paths
from spacy_distill.teacher.stored import StoredModel
from spacy_distill.ty import Answer, Request

from ..chat_server import serving


def requests(n, first=0):
    return [Request(str(i)) for i in range(first, n)]


def build(server, path, **settings):
    chat = build_chat_model_v1("m", server.url, **{"max_in_flight": 8, **settings})
    return StoredModel(chat, str(path))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.sqlite"


@pytest.fixture
def server():
    with serving(latency=0.02) as server:
        yield server


@pytest.fixture
def model(server, path):
    model = build(server, path)
    yield model
    model.close()


def check_the_next_run(model, server, n):
    """Ask about everything once more; nobody waits, and nothing was asked twice."""
    start = time.monotonic()
    answers = list(model.answers(requests(n)))
    assert time.monotonic() - start < 10
    assert {answer.request for answer in answers} == set(requests(n))
    assert server.asked == {str(i): 1 for i in range(n)}
    assert receipt_paths(model.store.path) == []


def leave(answers):
    answers.close()


def interrupt(answers):
    with pytest.raises(KeyboardInterrupt):
        answers.throw(KeyboardInterrupt)


@pytest.mark.parametrize("end", [leave, interrupt])
def test_run_that_ends_early_keeps_what_is_on_its_way(model, server, end):
    answers = model.answers(requests(60))
    next(answers)
    end(answers)
    assert 0 < len(model.store) == server.asked.total() < 60
    assert model.model.budget.n_open == 0
    check_the_next_run(model, server, 60)


def test_run_that_is_forgotten_keeps_what_is_on_its_way(model, server):
    answers = model.answers(requests(60))
    next(answers)
    holder = [answers]
    holder.append(holder)
    del answers, holder
    gc.collect()
    assert 0 < len(model.store) == server.asked.total() < 60
    check_the_next_run(model, server, 60)


def test_requests_that_raise_lose_nothing(model, server):
    def rendered():
        yield from requests(300)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(model.answers(rendered()))
    assert 0 < len(model.store) == server.asked.total()
    check_the_next_run(model, server, 300)


@pytest.fixture
def interruptible():
    """Have SIGINT raise KeyboardInterrupt, also where a shell has told the process to ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield partial(signal.pthread_kill, threading.main_thread().ident, signal.SIGINT)
    signal.signal(signal.SIGINT, before)


def interrupted_run(model, n, interrupt, *delays):
    """Ask about everything, and be interrupted after some seconds; return how long it took."""
    timers = [threading.Timer(delay, interrupt) for delay in delays]
    start = time.monotonic()
    try:
        for timer in timers:
            timer.start()
        list(model.answers(requests(n)))
        for timer in timers:
            timer.join()
        time.sleep(0.05)
    except KeyboardInterrupt:
        pass
    return time.monotonic() - start


def test_run_that_is_interrupted_at_any_moment_goes_on_in_the_same_process(
    model, server, interruptible
):
    rng = random.Random(0)
    for _ in range(12):
        interrupted_run(model, 2_000, interruptible, rng.uniform(0.0, 0.3))
        assert model.model.budget.n_open == 0
    assert server.asked.total() == len(server.asked)
    n = len(server.asked) + 50
    check_the_next_run(model, server, n)


def test_second_interrupt_does_not_wait(path, interruptible):
    with serving(latency=3.0) as server:
        model = build(server, path)
        assert interrupted_run(model, 20, interruptible, 0.5, 0.8) < 2.0
        assert server.asked.total() == 8
        assert model.model.budget.n_open == 0
        claimed = model.store.claim(requests(20), model.name, model.params)
        assert claimed.mine == requests(20)
        model.close()


@contextmanager
def broken(path):
    """Let the store refuse every answer, as on a full disk."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(
        "CREATE TRIGGER full BEFORE INSERT ON answers BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    yield
    connection.execute("DROP TRIGGER full")
    connection.close()


def test_answers_that_could_not_be_committed_are_not_asked_again(model, server, path):
    assert len(model.store) == 0
    with broken(path), pytest.raises(UserError, match="full"):
        list(model.answers(requests(60)))
    assert 0 < server.asked.total() < 60
    assert len(model.store) == 0
    check_the_next_run(model, server, 60)


def test_answers_that_could_not_be_committed_are_not_asked_again_by_another_process(server, path):
    first = build(server, path)
    assert len(first.store) == 0
    with broken(path), pytest.raises(UserError, match="full"):
        list(first.answers(requests(60)))
    first.close()
    second = build(server, path)
    check_the_next_run(second, server, 60)
    second.close()


def test_several_threads_ask_one_model(model, server):
    def ask(i):
        return [answer.response for answer in model.answers(requests(20 + i, i))]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert found == [["good"] * 20] * 8
    check_the_next_run(model, server, 27)


def test_question_that_stands_there_many_times_is_asked_once(model, server):
    answers = list(model.answers([Request("same")] * 1_000))
    assert len(answers) == 1_000
    assert server.asked == {"same": 1}


def test_new_answers_are_committed_while_known_ones_are_looked_up(model, server, path):
    with AnswerStore(path) as store:
        known = [Answer(request, "good") for request in requests(1_000)]
        store.add_all(known, model.name, model.params)
    seen = []
    for answer in model.answers([Request("new"), *requests(1_000)]):
        seen.append(answer.request.prompt)
        time.sleep(0.0002)
    assert seen.index("new") < 900


def test_samples_of_a_prompt_stay_together(path):
    with serving() as server:
        model = build(server, path, config={"n": 3, "seed": 1})
        asked = [Request(str(i), sample) for i in range(100) for sample in range(3)]
        assert {answer.request for answer in model.answers(asked)} == set(asked)
        model.close()
    # This server gives one choice whatever n is; the others are asked one by one.
    assert sum(body.get("n") == 3 for body in server.bodies) == 100


class Slow:
    """A model that takes its time, and says when its process looked alive last."""

    name, params = "slow", {}

    def answers(self, requests):
        for request in requests:
            time.sleep(0.5)
            yield Answer(request, "good")


def test_slow_model_does_not_look_dead(path, monkeypatch):
    monkeypatch.setattr("spacy_distill.teacher.store.pulse.BEAT_EVERY", 0.05)
    monkeypatch.setattr("spacy_distill.teacher.store.claims.BEAT_EVERY", 0.05)
    monkeypatch.setattr("spacy_distill.teacher.store.claims.DEAD_AFTER", 0.3)
    model = StoredModel(Slow(), str(path))
    with ThreadPoolExecutor(1) as pool, AnswerStore(path) as other:
        asked = pool.submit(list, model.answers(requests(1)))
        time.sleep(0.4)
        claimed = other.claim(requests(1), model.name, model.params)
        assert claimed.elsewhere == requests(1)
        asked.result()
    model.close()


@pytest.mark.parametrize("usage", ["7", None, -1.5, {"a": 1}])
def test_usage_that_is_no_number_is_not_counted(path, usage):
    class Odd:
        name, params = "odd", {}

        def answers(self, requests):
            for request in requests:
                yield Answer(request, "good", usage={"prompt_tokens": usage})

    model = StoredModel(Odd(), str(path))
    assert len(list(model.answers(requests(3)))) == 3
    assert +model.counts == {"asked": 3}
    model.close()
