import pytest

from spacy_distill.teacher.money.observed import Observed, observed_calls
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.ty import Answer, Request

PARAMS = {"temperature": 0.5}


def answer(prompt, sample, usage, status="answered"):
    return Answer(Request(prompt, sample), "x", status, usage=usage)


def usage(n_prompt, n_completion):
    return {"prompt_tokens": n_prompt, "completion_tokens": n_completion}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "answers.sqlite"
    with AnswerStore(path) as store:
        answers = [
            answer("one", 0, usage(10, 2)),
            answer("three", 0, usage(30, 12)),  # one call with three answers
            answer("three", 1, {}),
            answer("three", 2, {}),
            answer("three", 3, usage(30, 5)),  # and another with one
            answer("silent", 0, {}),
            answer("long", 0, usage(40, 9), "truncated"),
            answer("broken", 0, usage(1, 1), "failed"),
        ]
        store.add_all(answers, "m", PARAMS)
        store.add(answer("else", 0, usage(1, 1)), "m", {"temperature": 1.0})
        store.add(answer("else", 0, usage(1, 1)), "other", PARAMS)
    return path


def test_usage_is_read_by_call(path):
    found = observed_calls(path, "m", PARAMS, measure=len)
    assert sorted(found) == [
        Observed(3, 10, 2.0),
        Observed(4, 40, 9.0),
        Observed(5, 30, 4.0),
        Observed(5, 30, 5.0),
    ]


def test_sizes_are_measured_as_asked(path):
    found = observed_calls(path, "m", PARAMS, measure=str.__len__)
    doubled = observed_calls(path, "m", PARAMS, measure=double)
    assert sorted(2 * call.size for call in found) == sorted(call.size for call in doubled)


def double(text):
    return 2 * len(text)


def test_store_that_is_not_there_has_seen_no_calls(tmp_path):
    assert observed_calls(tmp_path / "none.sqlite", "m", PARAMS, measure=len) == []
    assert not (tmp_path / "none.sqlite").exists()
