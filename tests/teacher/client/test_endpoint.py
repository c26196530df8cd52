"""Where requests go and what goes into them."""

import gzip
import json
import pickle

import pytest

from spacy_distill.errors import UserError
from spacy_distill.teacher.client.chat import build_chat_model_v1
from spacy_distill.teacher.client.endpoint import Endpoint
from spacy_distill.ty import Request

from ...chat_server import completion
from .raw_server import good, responding

KEY = "sk-abcdefghijklmnop"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in ("OPENAI_API_KEY", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def ask(model, *prompts):
    answers = {answer.request.prompt: answer for answer in model.answers(map(Request, prompts))}
    return [answers[prompt] for prompt in prompts]


@pytest.mark.parametrize(
    ("base_url", "path", "url"),
    [
        ("https://host/v1", "/chat/completions", "https://host/v1/chat/completions"),
        ("https://host/v1//", "/chat/completions", "https://host/v1/chat/completions"),
        ("http://[::1]:8000/v1", "chat", "http://[::1]:8000/v1/chat"),
        ("http://host:1/whole/address", "", "http://host:1/whole/address"),
    ],
)
def test_url_is_base_and_path(base_url, path, url):
    assert Endpoint("m", base_url, path=path).url == url


@pytest.mark.parametrize(
    "base_url",
    ["", "host:8000/v1", "ftp://host", "http://", "http://host:port", "https://h/v1?a=b"],
)
def test_base_url_that_cannot_work_is_refused_at_once(base_url):
    with pytest.raises(UserError, match="base_url"):
        build_chat_model_v1("m", base_url)


def test_refused_base_url_is_shown_without_its_password():
    with pytest.raises(UserError) as raised:
        build_chat_model_v1("m", "htp://bob:hunter2@host/v1")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "config",
    [{"n": 0}, {"n": -3}, {"n": "2"}, {"max_tokens": "many"}, {"max_tokens": 0}, {"seed": "1"}],
)
def test_number_that_is_none_is_refused_at_once(config):
    with pytest.raises(UserError, match=next(iter(config))):
        build_chat_model_v1("m", config=config)


@pytest.mark.parametrize("field", ["model", "messages", "stream"])
def test_what_the_client_decides_is_refused(field):
    with pytest.raises(UserError, match=field):
        build_chat_model_v1("m", config={field: 1})


@pytest.mark.parametrize("name", ["Authorization", "api-key", "X-API-Key", "x-goog-api-key"])
@pytest.mark.parametrize("place", ["headers", "query"])
def test_secret_in_the_config_is_refused(place, name):
    with pytest.raises(UserError, match="key_variable") as raised:
        build_chat_model_v1("m", **{place: {name: KEY}})
    assert KEY not in str(raised.value)


def test_key_goes_into_the_header_that_the_endpoint_wants(monkeypatch):
    monkeypatch.setenv("MY_KEY", KEY)
    with responding() as server:
        ask(
            build_chat_model_v1(
                "m", server.url, key_variable="MY_KEY", key_header="api-key", key_prefix=""
            ),
            "a",
        )
    ((_, _, headers, _),) = server.seen
    assert headers["api-key"] == KEY
    assert "Authorization" not in headers


def test_query_and_headers_go_along():
    with responding() as server:
        model = build_chat_model_v1(
            "m", server.url, query={"api-version": "2024 10"}, headers={"X-Title": "mine"}
        )
        ask(model, "a")
    ((_, path, headers, _),) = server.seen
    assert path == "/v1/chat/completions?api-version=2024+10"
    assert headers["X-Title"] == "mine"


def test_seed_grows_with_the_sample():
    with responding() as server:
        model = build_chat_model_v1("m", server.url, config={"seed": 40})
        list(model.answers([Request("a", sample) for sample in range(3)]))
    assert sorted(body["seed"] for body in server.bodies) == [40, 41, 42]


def test_tags_go_along_only_where_completions_are_stored():
    with responding() as server:
        for config in ({}, {"store": True, "metadata": {"run": "mine"}}):
            model = build_chat_model_v1("m", server.url, config=config)
            model.tags.update(run="ours", team="blue")
            ask(model, "a")
    assert [body.get("metadata") for body in server.bodies] == [
        None,
        {"run": "mine", "team": "blue"},
    ]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_is_not_followed_with_the_key(monkeypatch, status):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with responding() as elsewhere:
        headers = {"Location": f"{elsewhere.url}/chat/completions"}
        with responding(lambda *_: (status, headers, b"")) as server:
            with pytest.raises(UserError, match="has moved"):
                ask(build_chat_model_v1("m", server.url), "a")
    assert (len(server.seen), elsewhere.seen) == (1, [])


def test_proxy_of_the_environment_is_used(monkeypatch):
    with responding() as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.server_port}")
        (answer,) = ask(build_chat_model_v1("m", "http://llm.invalid/v1"), "a")
    assert answer.response == "good"
    assert proxy.seen[0][1] == "http://llm.invalid/v1/chat/completions"


@pytest.mark.parametrize("excepted", ["127.0.0.1", "127.0.0.1:{port}", "*"])
def test_exceptions_from_the_proxy_are_kept(monkeypatch, excepted):
    with responding() as server:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        monkeypatch.setenv("no_proxy", excepted.format(port=server.server_port))
        (answer,) = ask(build_chat_model_v1("m", server.url, max_tries=1), "a")
    assert answer.response == "good"


def test_password_of_the_proxy_is_in_no_reason(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://bob:hunter2@127.0.0.1:9")
    (answer,) = ask(build_chat_model_v1("m", "http://llm.invalid/v1", max_tries=1), "a")
    assert answer.status == "failed"
    assert "hunter2" not in answer.reason


def test_compressed_answer_is_read():
    data = gzip.compress(completion("good").encode())
    with responding(lambda *_: (200, {"Content-Encoding": "gzip"}, data)) as server:
        (answer,) = ask(build_chat_model_v1("m", server.url), "a")
    assert answer.response == "good"


def test_answer_with_a_byte_order_mark_is_read():
    data = b"\xef\xbb\xbf" + completion("good").encode()
    with responding(lambda *_: (200, {}, data)) as server:
        (answer,) = ask(build_chat_model_v1("m", server.url), "a")
    assert (answer.response, len(server.seen)) == ("good", 1)


def test_echoed_key_is_in_no_reason(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def echo(server, prompt):
        key = server.seen[-1][2]["Authorization"]
        return 400, {}, json.dumps({"error": {"message": f"what is {key}?"}}).encode()

    with responding(echo) as server:
        (answer,) = ask(build_chat_model_v1("m", server.url), "a")
    assert answer.reason.startswith("HTTP 400")
    assert KEY not in answer.reason


def test_model_travels_to_another_process_without_secrets(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with responding() as server:
        model = build_chat_model_v1("m", server.url, requests_per_minute=600)
        ask(model, "a")
        data = pickle.dumps(model)
        (answer,) = ask(pickle.loads(data), "b")
    assert KEY.encode() not in data
    assert answer.response == "good"


def test_date_that_nobody_can_read_is_no_pause():
    dates = ["1 Jan 99999999999999999999 00:00:00 GMT", "soon", "-1", "nan", "1e999"]

    def respond(server, prompt):
        n = len(server.seen)
        return good() if n > len(dates) else (503, {"Retry-After": dates[n - 1]}, b"")

    with responding(respond) as server:
        model = build_chat_model_v1("m", server.url, max_tries=2)
        answers = ask(model, "a", "b", "c", "d")
    assert {answer.status for answer in answers} <= {"answered", "failed"}
    assert model.budget.n_open == 0
