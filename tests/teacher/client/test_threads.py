"""Any model in several threads: retries, caps, and no exception that makes anybody wait for ever."""

import pickle
import threading
import time

import pytest

from spacy_distill.errors import UserError
from spacy_distill.teacher.client.concurrent import build_concurrent_v1
from spacy_distill.teacher.stored import StoredModel
from spacy_distill.ty import Answer, Request


class Foreign:
    """A model that does with a prompt what its first word says, and counts."""

    name, params = "foreign", {}

    def __init__(self):
        self.asked = []
        self.in_flight = self.most_in_flight = 0
        self.opened = threading.Event()

    def answers(self, requests):
        for request in requests:
            self.asked.append(request.prompt)
            word = request.prompt.split()[0]
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            if word == "wait":
                self.opened.wait(10)
            time.sleep(0.01)
            self.in_flight -= 1
            if word == "raise":
                raise ConnectionError("gone for good")
            if word == "fail" or (word == "once" and self.asked.count(request.prompt) == 1):
                yield Answer(request, None, "failed", "no")
            else:
                yield Answer(request, "good")


def plain(prompts):
    """Answer as a model of spacy-llm."""
    return [["good" for _ in of_doc] for of_doc in prompts]


def build(foreign, **settings):
    return build_concurrent_v1(foreign, max_in_flight=4, **settings)


def ask(model, *prompts):
    answers = {answer.request.prompt: answer for answer in model.answers(map(Request, prompts))}
    return [answers[prompt] for prompt in prompts]


def test_several_questions_are_asked_at_a_time():
    foreign = Foreign()
    answers = ask(build(foreign), *map(str, range(20)))
    assert foreign.most_in_flight == 4
    assert {answer.response for answer in answers} == {"good"}


@pytest.mark.parametrize(
    ("prompt", "tries", "n", "status"),
    [("once", 2, 2, "answered"), ("fail", 2, 2, "failed"), ("fail", 1, 1, "failed")],
)
def test_failure_is_tried_again(prompt, tries, n, status):
    foreign = Foreign()
    (answer,) = ask(build(foreign, max_tries=tries), prompt)
    assert (answer.status, foreign.asked) == (status, [prompt] * n)


def test_exception_ends_the_run():
    model = build(Foreign())
    with pytest.raises(ConnectionError, match="gone for good"):
        ask(model, *map(str, range(20)), "raise", *map(str, range(20, 40)))
    assert model.budget.n_open == 0


def test_exception_ends_the_run_with_a_store_and_keeps_the_answers(tmp_path):
    foreign = Foreign()
    model = StoredModel(build(foreign), str(tmp_path / "a.sqlite"))
    with pytest.raises(ConnectionError):
        ask(model, *map(str, range(20)), "raise")
    assert len(model.store) == len(foreign.asked) - 1
    model.close()


def test_cap_holds_for_tries_too():
    foreign = Foreign()
    model = build(foreign)
    model.limit(max_calls=5)
    with pytest.raises(UserError, match="cap on calls, 5, is reached"):
        ask(model, "once", *map(str, range(20)))
    assert len(foreign.asked) == 5


def test_cost_cannot_be_capped():
    with pytest.raises(UserError, match="cap"):
        build(Foreign()).limit(max_cost=1.0)


def test_stop_waits_for_what_is_asked_and_asks_nothing_more():
    foreign = Foreign()
    with build(foreign).exchange() as exchange:
        exchange.put([Request(f"wait {i}") for i in range(8)])
        while foreign.in_flight < 4:
            time.sleep(0.005)
        exchange.stop()
        foreign.opened.set()
        answers = []
        while exchange.n_open:
            answers += exchange.take(0.1)
    assert len(answers) == len(foreign.asked) == 4


def test_answers_that_nobody_wants_any_more_hold_up_nobody():
    foreign = Foreign()
    answers = build(foreign).answers([Request("a"), *(Request(f"wait {i}") for i in range(20))])
    next(answers)
    start = time.monotonic()
    answers.close()
    assert time.monotonic() - start < 2.0
    foreign.opened.set()


def test_model_travels_to_another_process():
    model = build(plain)
    assert [a.response for a in ask(pickle.loads(pickle.dumps(model)), "a")] == ["good"]


def test_foreign_model_with_a_store_needs_a_name(tmp_path):
    with pytest.raises(UserError, match="name"):
        build(plain, path=str(tmp_path / "a.sqlite"))
    stored = build(plain, path=str(tmp_path / "a.sqlite"), name="foreign")
    assert [answer.response for answer in ask(stored, "a")] == ["good"]
    stored.close()


@pytest.mark.parametrize("setting", ["max_in_flight", "max_tries"])
def test_numbers_must_be_positive(setting):
    with pytest.raises(UserError, match="1 or more"):
        build_concurrent_v1(plain, **{setting: 0})
