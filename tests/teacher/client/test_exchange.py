"""An exchange never hangs, and settles what it has reserved, whatever happens."""

import gc
import threading
import time

import pytest

from spacy_distill.errors import UserError
from spacy_distill.teacher.client.chat import build_chat_model_v1
from spacy_distill.teacher.client.landed import read_landed
from spacy_distill.teacher.client.loop import loop_thread
from spacy_distill.teacher.exchange import Unseen
from spacy_distill.ty import Request

from .raw_server import good, responding

PRICES = {"input": 1.0, "output": 1.0}


def requests(n):
    return [Request(str(i)) for i in range(n)]


def take_all(exchange, n, seconds=10.0):
    """Take n answers out."""
    found, end = [], time.monotonic() + seconds
    while len(found) < n and time.monotonic() < end:
        found += exchange.take(0.1)
    return found


@pytest.fixture
def gate():
    """A server that answers only once the gate is open."""
    opened = threading.Event()

    def respond(server, prompt):
        opened.wait(10)
        return good()

    with responding(respond) as server:
        server.opened = opened
        yield server
        opened.set()


def wait_for(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_stop_lets_what_is_on_its_way_come(gate):
    model = build_chat_model_v1("m", gate.url, max_in_flight=4)
    with model.exchange() as exchange:
        exchange.put(requests(20))
        wait_for(lambda: len(gate.seen) == 4)
        exchange.stop()
        assert exchange.n_open == 4
        gate.opened.set()
        answers = take_all(exchange, 4)
        assert exchange.n_open == 0
    assert {answer.response for answer in answers} == {"good"}
    assert len(gate.seen) == 4


def test_answers_that_an_interrupt_has_lost_are_not_waited_for(gate):
    model = build_chat_model_v1("m", gate.url, max_in_flight=4)
    gate.opened.set()
    with model.exchange() as exchange:
        exchange.put(requests(8))
        wait_for(lambda: len(gate.seen) == 8)
        take_all(exchange, 3)  # and then forgets them
        exchange.stop()
        while exchange.n_open:
            exchange.take(0.1)


def test_requests_that_an_interrupt_has_kept_from_being_entered_are_not_waited_for(gate):
    model = build_chat_model_v1("m", gate.url)
    with model.exchange() as exchange:
        exchange._inbox.expect(5)
        assert exchange.n_open == 5
        exchange.stop()
        assert exchange.n_open == 0


@pytest.mark.parametrize("settings", [{}, {"requests_per_minute": 10}])
def test_exchange_that_is_left_settles_all_it_has_reserved(gate, settings):
    model = build_chat_model_v1(
        "m", gate.url, prices=PRICES, config={"max_tokens": 5}, max_in_flight=8, **settings
    )
    model.limit(max_cost=1.0)
    with model.exchange() as exchange:
        exchange.put(requests(20))
        wait_for(lambda: len(gate.seen) >= 1)
    assert (model.budget.n_open, model.budget.reserved) == (0, 0.0)
    assert model.budget.n_calls <= 8


def test_exchange_that_is_left_at_once_settles_too(gate):
    model = build_chat_model_v1("m", gate.url)
    for _ in range(20):
        with model.exchange() as exchange:
            exchange.put(requests(3))
    assert model.budget.n_open == 0


def test_nothing_is_sent_after_an_exchange_was_left(gate):
    model = build_chat_model_v1("m", gate.url, max_in_flight=1)
    with model.exchange() as exchange:
        exchange.put(requests(5))
        wait_for(lambda: gate.seen)
    gate.opened.set()
    time.sleep(0.1)
    assert len(gate.seen) == 1


def test_stop_ends_pauses_between_tries_and_leaves_the_rest_unasked():
    with responding(lambda *_: (503, {"Retry-After": "100"}, b"")) as server:
        model = build_chat_model_v1("m", server.url, max_in_flight=4)
        with model.exchange() as exchange:
            exchange.put(requests(10))
            wait_for(lambda: len(server.seen) == 4)
            time.sleep(0.05)
            exchange.stop()
            start = time.monotonic()
            answers = []
            while exchange.n_open:
                answers += exchange.take(1.0)
            assert time.monotonic() - start < 2.0
    assert answers == []
    assert model.budget.n_open == 0


def test_samples_that_the_endpoint_left_out_are_not_waited_for_after_stop(gate):
    model = build_chat_model_v1("m", gate.url, config={"n": 5})
    with model.exchange() as exchange:
        exchange.put([Request("a", sample) for sample in range(5)])
        wait_for(lambda: len(gate.seen) == 1)
        exchange.stop()
        gate.opened.set()
        answers = take_all(exchange, 1)
        while exchange.n_open:
            answers += exchange.take(0.1)
    assert [answer.request for answer in answers] == [Request("a", 0)]
    assert len(gate.seen) == 1


def test_samples_that_the_endpoint_leaves_out_are_asked_one_by_one():
    with responding() as server:
        model = build_chat_model_v1(
            "m", server.url, config={"n": 3, "seed": 10, "max_tokens": 5}, prices=PRICES
        )
        answers = list(model.answers([Request("a", sample) for sample in range(3)]))
    assert sorted(answer.request.sample for answer in answers) == [0, 1, 2]
    assert [body.get("n") for body in server.bodies] == [3, None, None]
    assert sorted(body["seed"] for body in server.bodies) == [10, 11, 12]
    assert (model.budget.n_calls, model.budget.n_open) == (3, 0)
    assert model.budget.spent == pytest.approx(3 * 9e-6)


@pytest.mark.parametrize("width", [1, 3, 32])
def test_samples_of_a_prompt_stay_in_one_call(width):
    def respond(server, prompt):
        n = server.seen[-1][3].get("n", 1)
        data = good()[2].replace(b'"choices": [', b'"choices": [' + CHOICE * (n - 1))
        return 200, {}, data

    with responding(respond) as server:
        model = build_chat_model_v1("m", server.url, max_in_flight=width, config={"n": 3})
        asked = [Request(str(i), sample) for i in range(60) for sample in range(3)]
        answers = list(model.answers(asked))
    assert {answer.request for answer in answers} == set(asked)
    assert len(server.seen) == 60


CHOICE = b'{"index": 0, "message": {"content": "good"}, "finish_reason": "stop"}, '


def test_body_that_cannot_be_made_ends_the_run():
    config = {"store": True, "metadata": 5}
    with responding() as server:
        model = build_chat_model_v1("m", server.url, config=config)
        model.tags["run"] = "mine"
        with pytest.raises(TypeError):
            list(model.answers(requests(3)))


def split_responses(data):
    """Split the bytes of two responses where the second begins."""
    second = data.index(b"HTTP/1.1 ", 1)
    return data[:second], data[second:]


def test_receiver_sees_each_response_with_what_was_asked():
    class Seen(Unseen):
        def __init__(self):
            self.by_prompt = {}

        def catching(self, requests):
            pieces = self.by_prompt.setdefault(requests[0].prompt, [])
            return pieces.append

    seen = Seen()
    with responding() as server:
        model = build_chat_model_v1("m", server.url)
        for _ in range(2):  # the second time over kept-alive connections
            with model.exchange(seen) as exchange:
                exchange.put(requests(3))
                take_all(exchange, 3)
    for request in requests(3):
        data = b"".join(seen.by_prompt[request.prompt])
        both = [read_landed(half, [request]) for half in split_responses(data)]
        assert [[answer.request for answer in half] for half in both] == [[request], [request]]


def test_receiver_that_fails_is_a_failure(gate):
    gate.opened.set()

    class Broken(Unseen):
        def catching(self, requests):
            raise TypeError("no such answer")

    with build_chat_model_v1("m", gate.url).exchange(Broken()) as exchange:
        exchange.put(requests(2))
        answers = take_all(exchange, 2)
        assert exchange.n_open == 0
    assert {answer.reason for answer in answers} == {"TypeError: no such answer"}


def test_cap_that_stops_a_retry_ends_the_run_and_is_no_failure():
    with responding(lambda *_: (500, {"retry-after-ms": "1"}, b"")) as server:
        model = build_chat_model_v1("m", server.url)
        model.limit(max_calls=3)
        answers = []
        with pytest.raises(UserError, match="cap on calls, 3, is reached"):
            answers.extend(model.answers(requests(2)))
    assert (answers, len(server.seen)) == ([], 3)


def test_unreachable_endpoint_costs_nothing():
    model = build_chat_model_v1(
        "m", "http://127.0.0.1:9", prices=PRICES, config={"max_tokens": 9}, max_tries=1
    )
    (answer,) = model.answers(requests(1))
    assert (answer.status, model.budget.spent, model.budget.n_unknown) == ("failed", 0.0, 0)


def test_requests_that_raise_leave_nothing_behind(gate):
    gate.opened.set()

    def rendered():
        yield from requests(50)
        raise ZeroDivisionError

    model = build_chat_model_v1("m", gate.url, max_in_flight=4)
    with pytest.raises(ZeroDivisionError):
        list(model.answers(rendered()))
    assert model.budget.n_open == 0


def test_answers_that_the_collector_finds_in_the_loops_thread_block_nobody(gate):
    model = build_chat_model_v1("m", gate.url, max_in_flight=2)
    answers = model.answers(requests(9))
    threading.Timer(0.1, gate.opened.set).start()
    next(answers)
    cycle = [answers]
    cycle.append(cycle)
    gc.disable()
    try:
        del answers, cycle

        async def collect():
            gc.collect()

        loop_thread().run(collect(), 5)
    finally:
        gc.enable()
    assert [answer.response for answer in model.answers(requests(1))] == ["good"]


def test_exchange_of_another_process_is_refused(monkeypatch):
    thread = loop_thread()
    monkeypatch.setattr(thread, "_pid", -1)

    async def nothing():
        """Do nothing."""

    with pytest.raises(RuntimeError, match="does not run here"):
        thread.run(nothing())
