"""A cap is never crossed by the server's own count, with 512 calls in flight."""

import random
import re

import pytest

from spacy_distill.errors import UserError
from spacy_distill.teacher.client.chat import build_chat_model_v1
from spacy_distill.teacher.stored import StoredModel
from spacy_distill.ty import Request

from ..fault_server import COMPLETION_TOKENS, PROMPT_TOKENS, faulty

IN_FLIGHT = 512
PRICES = {"input": 10.0, "output": 30.0}  # US dollars per million tokens
ANSWER_COST = (PROMPT_TOKENS * PRICES["input"] + COMPLETION_TOKENS * PRICES["output"]) / 1e6
PROMPTS = [f"p{i}" for i in range(1_200)]
FAULTS = ["429", "500", "cut", "reset", "html"]


@pytest.fixture(scope="module")
def server():
    rng = random.Random(0)
    plans = {prompt: [rng.choice(FAULTS)] for prompt in PROMPTS[::3]}
    with faulty(plans, latency=0.1) as server:
        yield server


@pytest.fixture
def fresh(server):
    """The server with empty books."""
    for books in (server.asked, server.paid, server.repeated):
        books.clear()
    return server


def run(server, path, **caps):
    """Ask about all prompts, as far as the caps allow; say why no further."""
    chat = build_chat_model_v1(
        "m",
        server.url,
        config={"max_tokens": 50},
        prices=PRICES,
        max_in_flight=IN_FLIGHT,
        timeout=20,
    )
    model = StoredModel(chat, str(path))
    model.limit(**caps)
    stop = ""
    try:
        for _ in model.answers(map(Request, PROMPTS)):
            pass
    except UserError as error:
        stop = str(error)
    model.close()
    return stop


@pytest.mark.parametrize("cap", [1, 600])
def test_cap_on_calls_is_reached_and_not_crossed(fresh, cap, tmp_path):
    stop = run(fresh, tmp_path / "a.sqlite", max_calls=cap)
    assert re.search(rf"cap .*\b{cap}\b", stop)
    assert fresh.asked.total() == cap


def test_cap_on_cost_is_not_crossed(fresh, tmp_path):
    cap = 500 * ANSWER_COST
    stop = run(fresh, tmp_path / "a.sqlite", max_cost=cap)
    assert "$" in stop
    assert 0.5 * cap < fresh.paid.total() * ANSWER_COST <= cap


def test_run_goes_on_after_a_cap_without_asking_twice(fresh, tmp_path):
    stops = [run(fresh, tmp_path / "a.sqlite", max_calls=cap) for cap in (900, 9_000)]
    assert [bool(stop) for stop in stops] == [True, False]
    assert fresh.repeated.total() == 0
    assert set(fresh.paid) == set(PROMPTS)
