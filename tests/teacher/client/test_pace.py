"""Limits of our own, measured on the server's clock, and an endpoint that has too many calls."""

import asyncio
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_distill.teacher.client.chat import build_chat_model_v1
from spacy_distill.teacher.client.pace import Meter, Pace, backoff
from spacy_distill.ty import Request

from .raw_server import good, responding

MINUTE = 60.0


def most_in(window, times, amounts):
    """Return the most that was spent in any window that begins with a booking."""
    return max(
        sum(
            amount
            for other, amount in zip(times, amounts, strict=True)
            if time <= other < time + window
        )
        for time in times
    )


def ask(model, n):
    return list(model.answers([Request(str(i)) for i in range(n)]))


@settings(max_examples=200, deadline=None)
@given(
    st.floats(1, 100_000),
    st.lists(st.tuples(st.floats(0, 30), st.floats(0.01, 1)), min_size=1, max_size=60),
)
def test_meter_never_gives_more_than_a_minutes_allowance(per_minute, bookings):
    meter, now, times, amounts = Meter(per_minute), 1e6, [], []
    for pause, share in bookings:
        now += pause
        amounts.append(share * per_minute / 10)
        times.append(now + meter.book(amounts[-1], now))
    assert most_in(MINUTE, times, amounts) <= per_minute + max(amounts) + 1e-6 * per_minute


@pytest.mark.parametrize("per_minute", [1, 10, 60, 500])
def test_meter_spends_the_whole_allowance(per_minute):
    meter = Meter(per_minute)
    waits = [meter.book(1, 1e6) for _ in range(2 * per_minute)]
    assert most_in(MINUTE - 1e-3, waits, [1] * len(waits)) == per_minute
    assert waits[-1] <= 2 * MINUTE * 1.02


def test_meter_takes_back_what_is_not_used():
    meter = Meter(60)
    for _ in range(100):
        meter.book(1, 1e6)
    for _ in range(100):
        meter.give_back(1)
    assert meter.book(1, 1e6) == 0.0


@pytest.mark.parametrize(
    "limits",
    [
        {"requests_per_minute": 3_000},
        {"tokens_per_minute": 3_000 * 120, "config": {"max_tokens": 100}},
    ],
)
def test_limit_is_kept_on_the_servers_clock(limits):
    per_second = 50
    with responding() as server:
        ask(build_chat_model_v1("m", server.url, **limits), 2 * per_second)
    times = [at for at, *_ in server.seen]
    # What a second allows may come at once, to begin with; late arrivals may stand close together.
    assert most_in(0.5, times, [1] * len(times)) <= 1.6 * per_second + 1
    assert times[-1] - times[0] >= 0.8


def test_limit_holds_for_all_threads_together():
    with responding() as server:
        model = build_chat_model_v1("m", server.url, requests_per_minute=3_000)
        start = time.monotonic()

        async def ask_in_threads():
            await asyncio.gather(*(asyncio.to_thread(ask, model, 25) for _ in range(4)))

        asyncio.run(ask_in_threads())
    assert len(server.seen) == 100
    assert time.monotonic() - start >= 0.8


def test_turns_of_calls_that_were_given_up_are_free_again():
    with responding() as server:
        model = build_chat_model_v1("m", server.url, requests_per_minute=60)
        begun = model.answers([Request(str(i)) for i in range(200)])
        next(begun)
        begun.close()
        time.sleep(0.1)
        assert model._pace.book(0) < 2.5
        assert model.budget.n_open == 0


def test_endpoint_with_too_many_calls_gets_all_of_them_answered():
    """Far more calls are refused than `max_tries`, but others go through, and so it is waited."""
    tokens, since = [3.0], [time.monotonic()]

    def respond(server, prompt):
        with server.lock:
            now = time.monotonic()
            tokens[0] = min(tokens[0] + 25 * (now - since[0]), 3.0)
            since[0] = now
            if tokens[0] < 1:
                return 429, {"retry-after-ms": "20"}, b"{}"
            tokens[0] -= 1
        return good()

    with responding(respond) as server:
        model = build_chat_model_v1("m", server.url, max_tries=1, max_in_flight=32)
        answers = ask(model, 60)
    assert {answer.status for answer in answers} == {"answered"}
    assert len(server.seen) > 60


def test_endpoint_that_only_ever_says_later_is_given_up():
    with responding(lambda *_: (429, {"retry-after-ms": "1"}, b"{}")) as server:
        (answer,) = ask(build_chat_model_v1("m", server.url, max_tries=1), 1)
    assert answer.status == "failed"
    assert len(server.seen) == 4


@pytest.mark.parametrize("n_tries", [1, 2, 6, 7, 5_000])
def test_backoff_grows_up_to_a_minute(n_tries):
    most = min(2.0 ** min(n_tries - 1, 6), 60.0)
    assert most / 2 <= backoff(n_tries) <= most


def test_pace_without_limits_lets_everything_through():
    assert [Pace().book(10**9) for _ in range(3)] == [0.0, 0.0, 0.0]
