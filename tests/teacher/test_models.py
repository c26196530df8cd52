import pytest

from spacy_distill.errors import UserError
from spacy_distill.secrets import redacted, redacted_config, without_secrets
from spacy_distill.teacher.flow import MAX_FAILURES_IN_A_ROW
from spacy_distill.teacher.models import WrappedModel
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.teacher.stored import StoredModel, build_stored_v1
from spacy_distill.ty import Answer, Request


def echo(prompts):
    for doc_prompts in prompts:
        answers = []
        for prompt in doc_prompts:
            if prompt.startswith("fail"):
                raise ConnectionError("no connection")
            answers.append(prompt.upper())
        yield answers


def stored(tmp_path, model=echo):
    return StoredModel(WrappedModel(model, "echo", {}), str(tmp_path / "a.sqlite"))


def test_models_failure_costs_one_answer(tmp_path):
    requests = [Request("a"), Request("fail"), Request("b")]
    answers = list(stored(tmp_path).answers(requests))
    assert [a.response for a in answers] == ["A", None, "B"]
    assert answers[1].status == "failed"
    assert "no connection" in answers[1].reason


def test_models_answers_are_stored_before_they_are_used(tmp_path):
    model = stored(tmp_path)
    for answer in model.answers([Request("a"), Request("b")]):
        with AnswerStore(tmp_path / "a.sqlite", read_only=True) as store:
            assert store.get(answer.request, "echo", {}) == answer


def test_models_stored_answers_are_not_asked_again(tmp_path):
    list(stored(tmp_path).answers([Request("a"), Request("fail")]))
    again = stored(tmp_path)
    list(again.answers([Request("a"), Request("a", 1), Request("fail")]))
    assert again.counts == {"stored": 1, "asked": 2, "failed": 1}


def test_models_run_stops_when_nothing_works(tmp_path):
    requests = [Request(f"fail {i}") for i in range(100)]
    model = stored(tmp_path)
    with pytest.raises(UserError, match=r"in a row failed.*no connection"):
        list(model.answers([Request("a"), *requests]))
    assert model.counts["asked"] == MAX_FAILURES_IN_A_ROW + 1


def test_models_plain_face_never_returns_an_empty_answer(tmp_path):
    model = stored(tmp_path)
    assert list(model([["a", "b"], ["c"]])) == [["A", "B"], ["C"]]
    with pytest.raises(UserError, match="distill_llm"):
        list(model([["fail"]]))


def test_models_error_json_is_a_failure(tmp_path):
    def broken(prompts):
        return [['{"error": {"message": "overloaded"}}'] for _ in prompts]

    (answer,) = stored(tmp_path, broken).answers([Request("a")])
    assert answer.status == "failed"
    assert "overloaded" in answer.reason


def test_models_reasons_hold_no_secret(monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "sk-12345678")
    assert redacted("refused for sk-12345678") == "refused for $SOME_API_KEY"


def test_models_stored_needs_a_name_for_foreign_models(tmp_path):
    with pytest.raises(UserError, match="name"):
        build_stored_v1(echo, str(tmp_path / "a.sqlite"))


def test_models_stored_opens_nothing_when_made(tmp_path):
    build_stored_v1(echo, str(tmp_path / "a.sqlite"), name="echo")
    assert not list(tmp_path.iterdir())


def test_models_what_looks_like_a_key_is_redacted():
    assert redacted("401: bad key sk-abcdefgh1234 given") == "401: bad key *** given"
    assert redacted("https://me:pass-word@host/v1") == "https***host/v1"


def test_models_secrets_are_no_parameters():
    params = {
        "name": "m",
        "config": {"api_key": "sk-12345678", "max_tokens": 5, "headers": {"x": "y"}},
        "list": [{"password": "p", "seed": 1}],
    }
    expected = {"name": "m", "config": {"max_tokens": 5}, "list": [{"seed": 1}]}
    assert without_secrets(params) == expected


def test_models_texts_that_always_fail_do_not_block_a_run(tmp_path):
    requests = [Request(f"fail {i}") for i in range(MAX_FAILURES_IN_A_ROW)]
    with pytest.raises(UserError, match="in a row failed"):
        list(stored(tmp_path).answers([*requests, Request("a")]))
    answers = {x.request: x for x in stored(tmp_path).answers([*requests, Request("a")])}
    assert answers[Request("a")].response == "A"


class Own:
    """A model that tells its name and parameters itself."""

    name = "own"
    params = {"api_key": "sk-abcdefghijkl", "url": "https://me:secret@host/v1"}  # noqa: RUF012

    def __init__(self):
        self.asked = []

    def answers(self, requests):
        for request in requests:
            self.asked.append(request)
            yield Answer(request, "an answer")


def test_what_a_run_that_ends_early_has_asked_is_stored(tmp_path):
    inner = Own()
    model = build_stored_v1(inner, str(tmp_path / "a.sqlite"))
    answers = model.answers([Request(str(i)) for i in range(500)])
    next(answers)
    answers.close()
    assert len(inner.asked) == len(model.store) < 500


def test_two_models_on_one_store_never_ask_the_same_question(tmp_path):
    ours, theirs = Own(), Own()
    path = str(tmp_path / "a.sqlite")
    first, second = build_stored_v1(ours, path), build_stored_v1(theirs, path)
    requests = [Request(str(i)) for i in range(500)]
    begun = first.answers(requests)
    next(begun)
    taken = second.answers(requests)
    found = {next(taken).request, *(answer.request for answer in begun)}
    found |= {answer.request for answer in taken}
    assert found == set(requests)
    assert sorted(map(str, ours.asked + theirs.asked)) == sorted(map(str, requests))


def test_question_that_stands_there_twice_is_asked_once(tmp_path):
    inner = Own()
    model = build_stored_v1(inner, str(tmp_path / "a.sqlite"))
    answers = list(model.answers([Request("a"), Request("b"), Request("a")]))
    assert [answer.request.prompt for answer in answers].count("a") == 2
    assert len(inner.asked) == 2


def test_own_models_secrets_are_left_out_as_well(tmp_path):
    model = build_stored_v1(Own(), str(tmp_path / "a.sqlite"))
    assert "secret" not in str(model.params)
    assert "sk-" not in str(model.params)


def test_secrets_are_found_in_nested_values():
    params = {"a": ({"authorization": "Bearer abcdefgh"},), "b": [{"password": "x", "n": 1}]}
    assert without_secrets(params) == {"a": ({},), "b": [{"n": 1}]}


def test_config_text_keeps_its_settings_but_no_secrets():
    text = 'name = "gpt"\napi_key = "abc"\n  auth_token="x"\nurl = "https://me:pw@host/v1"\nn = 1\n'
    kept = redacted_config(text)
    assert "abc" not in kept
    assert "me:pw" not in kept
    assert '"x"' not in kept
    assert 'name = "gpt"' in kept
    assert kept.endswith("n = 1\n")
    assert len(kept.splitlines()) == 5
