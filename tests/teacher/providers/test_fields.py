"""Fields that vendors refuse or ignore."""

import pytest

from spacy_distill.ty import Request

from .vendors import VENDORS, ask, model_for, serving

REFUSED, IGNORED = (
    [(name, field) for name in VENDORS for field in VENDORS[name][kind] if field != "n"]
    for kind in ("refused", "ignored")
)
MANY = [name for name in VENDORS if VENDORS[name]["choices"] == "n"]
SINGLE = [name for name in VENDORS if VENDORS[name]["choices"] == "one"]
SAMPLES = [Request("hello", sample) for sample in range(3)]


@pytest.mark.parametrize(("name", "field"), REFUSED)
def test_refused_field_stops_the_run_and_is_named(name, field):
    with serving(name) as server:
        model = model_for(server, max_in_flight=1, config={field: 1})
        _, error = ask(model, [Request("hello"), Request("you")])
        assert field in str(error)
        assert len(server.seen) == 1


@pytest.mark.parametrize(("name", "field"), IGNORED)
def test_ignored_field_is_sent_and_costs_nothing(name, field):
    with serving(name) as server:
        answers, error = ask(model_for(server, config={field: 1}), [Request("hello")])
        assert server.seen[0].body[field] == 1
    answer = answers[Request("hello")]
    assert error is None
    assert (answer.status, answer.response, answer.logprobs) == ("answered", "hello", ())


@pytest.mark.parametrize("name", MANY)
def test_samples_of_a_prompt_come_from_one_call(name):
    with serving(name) as server:
        answers, error = ask(model_for(server, config={"n": 3}), SAMPLES)
        assert [seen.body.get("n") for seen in server.seen] == [3]
    assert error is None
    assert [answers[request].response for request in SAMPLES] == ["hello"] * 3


@pytest.mark.parametrize("name", SINGLE)
def test_samples_that_a_vendor_does_not_give_are_asked_one_by_one(name):
    with serving(name) as server:
        answers, error = ask(model_for(server, config={"n": 3}, max_tries=1), SAMPLES)
        assert len(server.seen) == (4 if "n" in server.vendor["refused"] else 3)
    assert error is None
    assert [answers[request].response for request in SAMPLES] == ["hello"] * 3


@pytest.mark.parametrize("name", [name for name in VENDORS if VENDORS[name]["logprobs"]])
def test_log_probabilities_are_read(name):
    config = {"logprobs": True, "top_logprobs": 1}
    with serving(name) as server:
        answers, _ = ask(model_for(server, config=config), [Request("hello")])
    (token,) = answers[Request("hello")].logprobs
    assert (token.token, token.logprob, token.top) == ("hello", -0.1, (("hello", -0.1),))


@pytest.mark.parametrize("name", VENDORS)
def test_only_what_is_set_is_sent(name):
    with serving(name) as server:
        ask(model_for(server), [Request("hello")])
        message = {"role": "user", "content": "hello"}
        assert server.seen[0].body == {"model": "m", "messages": [message]}


@pytest.mark.parametrize("name", VENDORS)
def test_fields_have_sources(name):
    facts = VENDORS[name]["facts"]
    assert all(fact["source"].startswith("https://") and fact["what"] for fact in facts)
