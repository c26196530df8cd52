import signal
import threading
from functools import partial

import pytest
import spacy
from spacy_llm.registry import registry

from spacy_distill.errors import UserError
from spacy_distill.teacher.client.chat import build_chat_model_v1
from spacy_distill.ty import AnswerModel, Request

from ...chat_server import serving

KEY = "sk-abcdefghijklmnop"
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def server():
    with serving() as server:
        yield server


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def ask(model, *prompts):
    answers = {answer.request: answer for answer in model.answers(map(Request, prompts))}
    return [answers[Request(prompt)] for prompt in prompts]


def test_answer_carries_what_the_server_reports(server):
    (answer,) = ask(build_chat_model_v1("m", server.url), "hello")
    assert (answer.response, answer.status, answer.finish_reason) == ("good", "answered", "stop")
    assert answer.usage == {"prompt_tokens": 7, "completion_tokens": 2}
    assert answer.latency > 0


def test_nothing_is_sent_that_the_user_has_not_set(server):
    ask(build_chat_model_v1("m", server.url), "hello")
    assert server.bodies == [{"model": "m", "messages": [{"role": "user", "content": "hello"}]}]
    assert server.keys == [None]


def test_config_goes_into_the_request_and_into_the_identity(server):
    model = build_chat_model_v1("m", server.url, config={"temperature": 0.5, "max_tokens": 9})
    ask(model, "hello")
    assert server.bodies[0]["temperature"] == 0.5
    assert server.bodies[0]["max_tokens"] == 9
    assert model.params == {"base_url": server.url, "temperature": 0.5, "max_tokens": 9}
    assert model.name == "m"


def test_key_comes_from_the_named_variable(server, monkeypatch):
    monkeypatch.setenv("MY_KEY", KEY)
    model = build_chat_model_v1("m", server.url, key_variable="MY_KEY")
    ask(model, "hello")
    assert server.keys == [f"Bearer {KEY}"]
    assert KEY not in str(vars(model))


def test_model_is_built_without_key_and_network():
    block = {"@llm_models": "spacy-distill.ChatModel.v1", "model": "m", "base_url": NOWHERE}
    assert isinstance(registry.resolve({"model": block})["model"], AnswerModel)


def test_several_calls_are_in_flight():
    with serving(latency=0.05) as server:
        answers = ask(build_chat_model_v1("m", server.url, max_in_flight=4), *map(str, range(20)))
        assert server.most_in_flight == 4
    assert [answer.status for answer in answers] == ["answered"] * 20


@pytest.mark.parametrize("status", [408, 429, 500, 529])
def test_passing_trouble_is_tried_again(server, status):
    (answer,) = ask(build_chat_model_v1("m", server.url), f"once {status}")
    assert answer.response == "good"
    assert server.asked[f"once {status}"] == 2


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_prompt_that_the_server_refuses_fails_alone(server, status):
    bad, good = ask(build_chat_model_v1("m", server.url), f"status {status}", "hello")
    assert (bad.status, bad.response) == ("failed", None)
    assert f"HTTP {status}" in bad.reason
    assert server.asked[f"status {status}"] == 1
    assert good.response == "good"


def test_trouble_that_stays_is_a_failure(server):
    (answer,) = ask(build_chat_model_v1("m", server.url, max_tries=2), "status 503")
    assert answer.status == "failed"
    assert server.asked["status 503"] == 2


def test_unreachable_server_is_a_failure():
    (answer,) = ask(build_chat_model_v1("m", NOWHERE, max_tries=1), "hello")
    assert answer.status == "failed"
    assert "Connect" in answer.reason


@pytest.mark.parametrize("status", [401, 403])
def test_denied_key_ends_the_run_after_what_was_answered(server, monkeypatch, status):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    model = build_chat_model_v1("m", server.url, max_in_flight=1)
    answers = model.answers(map(Request, ["hello", f"status {status} {KEY}", "never asked"]))
    assert next(answers).response == "good"
    with pytest.raises(UserError, match="OPENAI_API_KEY holds a key") as raised:
        list(answers)
    assert KEY not in str(raised.value)
    assert server.asked["never asked"] == 0


def test_answers_beside_a_denied_one_are_kept():
    with serving(latency=0.05) as server:
        model = build_chat_model_v1("m", server.url, max_in_flight=4)
        answers = model.answers(map(Request, ["status 401", "a", "b", "c"]))
        kept = []
        with pytest.raises(UserError, match="does not hold a key"):
            kept.extend(answer.response for answer in answers)
    assert sorted(kept, key=str) == [None, "good", "good", "good"]


@pytest.mark.parametrize(
    ("text", "status", "response"),
    [
        ("finish length", "truncated", "cut"),
        ("finish content_filter", "refused", "cut"),
        ('body {"choices": []}', "failed", None),
        ("body <html>busy</html>", "failed", None),
        ('body {"choices": [{"message": {"refusal": "no", "content": null}}]}', "refused", None),
        ('body {"choices": [{"message": {"content": null}}]}', "answered", ""),
    ],
)
def test_what_is_no_plain_answer_says_so(server, text, status, response):
    (answer,) = ask(build_chat_model_v1("m", server.url), text)
    assert (answer.status, answer.response) == (status, response)


@pytest.mark.parametrize("setting", ["max_in_flight", "max_tries", "timeout"])
def test_numbers_must_be_positive(setting):
    with pytest.raises(UserError, match="above 0"):
        build_chat_model_v1("m", **{setting: 0})


def test_it_stands_in_a_plain_spacy_llm_pipeline(server):
    nlp = spacy.blank("en")
    task = {"@llm_tasks": "spacy.TextCat.v3", "labels": ["good", "bad"], "exclusive_classes": True}
    model = {
        "@llm_models": "spacy-distill.ChatModel.v1",
        "model": "m",
        "base_url": server.url,
        "context_length": 1000,
    }
    nlp.add_pipe("llm", config={"task": task, "model": model})
    assert nlp("hello").cats == {"good": 1.0, "bad": 0.0}


@pytest.fixture
def interruptible():
    """Have SIGINT raise KeyboardInterrupt, also where a shell has told the process to ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield partial(signal.pthread_kill, threading.main_thread().ident, signal.SIGINT)
    signal.signal(signal.SIGINT, before)


def test_interrupted_run_yields_what_is_on_its_way(interruptible):
    with serving(latency=0.5) as server:
        model = build_chat_model_v1("m", server.url, max_in_flight=4)
        answers = model.answers(map(Request, map(str, range(40))))
        threading.Timer(0.25, interruptible).start()
        kept = []
        with pytest.raises(KeyboardInterrupt):
            kept.extend(answers)
        assert len(kept) == server.asked.total() == 4


def test_key_may_end_in_a_line_feed(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\n")
    ask(build_chat_model_v1("m", server.url), "hello")
    assert server.keys == [f"Bearer {KEY}"]


@pytest.mark.parametrize("key", ["schlüssel-123", "two\nlines-of-key"])
def test_key_that_is_none_is_refused_without_naming_it(server, monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(UserError, match="OPENAI_API_KEY") as raised:
        ask(build_chat_model_v1("m", server.url), "hello")
    assert key not in str(raised.value)
    assert not server.asked


def test_secrets_in_the_config_stay_out_of_the_identity():
    model = build_chat_model_v1(
        "m", "http://bob:hunter2@host/v1", config={"api_key": "abc", "top_p": 1}
    )
    assert "hunter2" not in str(model.params)
    assert "abc" not in str(model.params)
    assert model.params["top_p"] == 1
