"""What becomes of each answer and each error that vendors document."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from spacy_distill.ty import Request

from .vendors import CASE, CASES, KEY, SLOW, VENDORS, ask, model_for, serving

STOPPING = [case for case in CASES if case["outcome"] == "stops"]
GOING_ON = [case for case in CASES if case["outcome"] != "stops"]
STATUS = {"retried": "answered"}
NAMES = sorted(VENDORS)


def case_id(case):
    return f"{case['vendor']}-{case['name']}"


def prompt_of(case):
    return CASE + case["name"]


def ask_all(name):
    """Ask a vendor for all of its cases after which a run goes on, at the same time."""
    prompts = [prompt_of(case) for case in GOING_ON if case["vendor"] == name]
    with serving(name) as server:
        model = model_for(server, max_tries=2)
        answers, error = ask(model, [Request(prompt) for prompt in [*prompts, "hello"]])
        return answers, error, {prompt: server.count(prompt) for prompt in prompts}


@pytest.fixture(scope="module")
def runs():
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(len(NAMES)) as pool:
        for vendor in VENDORS.values():
            patch.setenv(vendor["key_variable"], KEY)
        return dict(zip(NAMES, pool.map(ask_all, NAMES), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_run_goes_on(runs, name):
    answers, error, _ = runs[name]
    assert error is None
    assert answers[Request("hello")].response == "hello"


@pytest.mark.parametrize("case", GOING_ON, ids=case_id)
def test_outcome(runs, case):
    answer = runs[case["vendor"]][0][Request(prompt_of(case))]
    assert answer.status == STATUS.get(case["outcome"], case["outcome"])
    assert re.search(case.get("says", ""), answer.reason)


@pytest.mark.parametrize("case", GOING_ON, ids=case_id)
def test_number_of_tries(runs, case):
    tries = case.get("tries", 2 if case["outcome"] == "retried" else 1)
    assert runs[case["vendor"]][2][prompt_of(case)] == tries


@pytest.mark.parametrize(
    "case", [case for case in GOING_ON if case["outcome"] in ("answered", "retried")], ids=case_id
)
def test_response(runs, case):
    answer = runs[case["vendor"]][0][Request(prompt_of(case))]
    assert answer.response == case.get("response", prompt_of(case))


@pytest.mark.parametrize("case", STOPPING, ids=case_id)
def test_run_stops_at_once_and_says_why(case):
    with serving(case["vendor"]) as server:
        model = model_for(server, max_in_flight=1, config=case.get("config", {}))
        requests = [Request(prompt_of(case)), Request("hello"), Request("you")]
        _, error = ask(model, requests)
        says = case.get("says", "").format(**server.vendor)
        assert error is not None
        assert re.search(says, str(error))
        assert KEY not in str(error)
        assert len(server.seen) == 1


@pytest.mark.parametrize("name", [name for name in NAMES if VENDORS[name]["needs_key"]])
def test_a_missing_key_is_named(name, monkeypatch):
    monkeypatch.delenv(VENDORS[name]["key_variable"])
    with serving(name) as server:
        _, error = ask(model_for(server), [Request("hello")])
        assert VENDORS[name]["key_variable"] in str(error)
        assert len(server.seen) == 1


def test_what_is_on_its_way_is_answered_before_the_run_stops():
    slow, quota = Request(f"{SLOW}hello"), Request(f"{CASE}no quota")
    with serving("openai") as server:
        answers, error = ask(model_for(server, max_in_flight=2), [slow, quota, Request("you")])
    assert error is not None
    assert answers[slow].response == slow.prompt
    assert server.count("you") == 0


def test_usage_of_a_reasoning_model_is_kept(runs):
    answer = runs["openai"][0][Request(f"{CASE}usage of a reasoning model")]
    assert answer.usage["completion_tokens_details"] == {"reasoning_tokens": 198}


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_case_has_a_source(case):
    assert re.match(r"https://|Mythosia", case["source"])
