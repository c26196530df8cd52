"""A malformed answer is asked for once more, in between the other questions."""

from collections import Counter

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy_llm.registry import registry

from spacy_distill.teacher.questions import ask, make_questions
from spacy_distill.ty import Answer, Request

AGAIN = "again: "


class Task:
    """A task that finds an answer malformed if it says so, and asks once more."""

    def reask(self, answer):
        return f"{AGAIN}{answer.request.prompt}" if "malformed" in answer.response else None


class Model:
    """Answers with the prompt; fails, refuses or repeats itself where that says so."""

    name, params = "m", {}

    def __init__(self):
        self.asked = []

    def answers(self, requests):
        for request in requests:
            self.asked.append(request)
            if "fail" in request.prompt and request.prompt.startswith(AGAIN):
                yield Answer(request, None, "failed", "no")
            elif "refuse" in request.prompt:
                yield Answer(request, "malformed", "refused", "no")
            elif request.prompt.startswith(AGAIN) and "stubborn" not in request.prompt:
                yield Answer(request, "good")
            else:
                yield Answer(request, request.prompt)


def asked(prompts, samples=1):
    model, counts = Model(), Counter()
    requests = [Request(prompt, sample) for prompt in prompts for sample in range(samples)]
    answers = list(ask(model, Task(), iter(requests), counts))
    assert Counter(answer.request for answer in answers) == Counter(requests)
    return model, answers, counts["reasked"]


@pytest.mark.parametrize(
    ("prompt", "response", "n"),
    [
        ("fine", "fine", 0),
        ("malformed", "good", 1),
        ("stubborn malformed", f"{AGAIN}stubborn malformed", 1),
        ("malformed, and would fail", "malformed, and would fail", 1),
        ("refuse", "malformed", 0),
    ],
)
def test_malformed_answer_is_asked_for_once_more(prompt, response, n):
    model, (answer,), reasked = asked([prompt])
    assert (answer.response, reasked, len(model.asked)) == (response, n, 1 + n)


@given(
    st.lists(st.sampled_from(["fine", "malformed", "stubborn malformed", "malformed fail"])),
    st.integers(1, 3),
)
def test_every_request_has_one_answer(prompts, samples):
    _, _, reasked = asked([f"{prompt} {i}" for i, prompt in enumerate(prompts)], samples)
    assert reasked == sum("malformed" in prompt for prompt in prompts) * samples


def test_request_that_stands_there_twice_is_answered_twice():
    _, answers, reasked = asked(["malformed", "malformed"])
    assert [answer.response for answer in answers] == ["good", "good"]
    assert reasked == 2


def test_second_questions_do_not_pile_up():
    model, held, most = Model(), 0, 0
    requests = (Request(f"malformed {i}") for i in range(1_000))
    for n, _ in enumerate(ask(model, Task(), requests, Counter()), start=1):
        held = len({x.prompt.removeprefix(AGAIN) for x in model.asked}) - n
        most = max(most, held)
    assert most <= 3


def test_second_questions_stand_between_no_samples_of_a_prompt():
    model, _, _ = asked([f"malformed {i}" for i in range(20)], samples=3)
    firsts = [x.prompt for x in model.asked if x.sample == 0 and not x.prompt.startswith(AGAIN)]
    for prompt in firsts:
        places = [i for i, request in enumerate(model.asked) if request.prompt == prompt]
        assert places[-1] - places[0] == 2


def test_task_that_does_not_ask_again_is_left_alone():
    model = Model()
    (answer,) = ask(model, object(), [Request("malformed")], Counter())
    assert (answer.response, len(model.asked)) == ("malformed", 1)


def test_doc_without_text_is_no_question():
    nlp = spacy.blank("en")
    block = {"@llm_tasks": "spacy.TextCat.v3", "labels": ["a", "b"]}
    task = registry.resolve({"task": block})["task"]
    docs = [nlp.make_doc(text) for text in ("one", "", " \n", "two")]
    questions = make_questions(task, docs, context_length=None, mask=None)
    assert [question.doc for question in questions] == docs
    assert [len(question.prompts) for question in questions] == [1, 0, 0, 1]
    assert [list(question.requests(2)) for question in questions[1:3]] == [[], []]
    assert [request.sample for request in questions[0].requests(2)] == [0, 1]
