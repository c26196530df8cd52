"""Whatever a server does, each prompt ends stored, rejected with a reason, or unasked."""

import random
from collections import Counter

import pytest

from spacy_distill.errors import UserError
from spacy_distill.teacher.client.chat import build_chat_model_v1
from spacy_distill.teacher.stored import StoredModel
from spacy_distill.ty import Request

from ..fault_server import BIG, ERRORS, NO_COMPLETIONS, digest, faulty

TIMEOUT = 1.5  # seconds; only hangs are meant to take longer
STORM = 4.0
PASSING = [*ERRORS, "hang", "reset", "reset midway", "cut", "close"]
# By fault: the tries of a client that may try twice, and what it says then
LASTING = {
    "503": (8, "HTTP 503"),  # it says when to come back, and so is tried more often
    "reset": (2, "ClientOSError"),
    "cut": (2, "ClientPayloadError"),
    "close": (2, "ServerDisconnectedError"),
    "hang": (2, "no answer in time"),
}


def build(server, path, **settings):
    settings = {"max_tries": 4, "timeout": TIMEOUT, "max_in_flight": 64, **settings}
    return StoredModel(build_chat_model_v1("m", server.url, **settings), str(path))


def ask(server, path, prompts, **settings):
    """Ask through the store; return the answers by prompt."""
    model = build(server, path, **settings)
    answers = list(model.answers(map(Request, prompts)))
    model.close()
    assert Counter(answer.request.prompt for answer in answers) == Counter(prompts)
    return {answer.request.prompt: answer for answer in answers}


def stored(path, server, prompts):
    """Return what the store holds, by prompt."""
    model = build(server, path)
    found = model.store.get_all([Request(prompt) for prompt in prompts], model.name, model.params)
    model.close()
    return dict(zip(prompts, found, strict=True))


def check_books(server, answers):
    """Hold the answers against the server's own books: none lost, repeated or mixed up."""
    assert server.repeated.total() == 0
    for prompt, answer in answers.items():
        if answer is None:
            assert server.paid[prompt] == 0
        elif answer.status == "failed":
            assert (server.paid[prompt], answer.response, bool(answer.reason)) == (0, None, True)
        else:
            assert server.paid[prompt] == 1
            assert answer.response.startswith(digest(prompt))


@pytest.fixture(scope="module")
def after_faults(tmp_path_factory):
    """The answers to prompts that met each fault once, or each body that is no completion always."""
    plans = {f"{fault} once": [fault] for fault in (*PASSING, *NO_COMPLETIONS)}
    plans |= {f"{fault} always": [fault] * 99 for fault in NO_COMPLETIONS}
    with faulty(plans) as server:
        yield ask(server, tmp_path_factory.mktemp("faults") / "a.sqlite", list(plans)), server


@pytest.mark.parametrize("fault", [*PASSING, *NO_COMPLETIONS])
def test_passing_fault_costs_a_try_and_no_answer(fault, after_faults):
    answers, server = after_faults
    prompt = f"{fault} once"
    assert (server.asked[prompt], answers[prompt].status) == (2, "answered")
    check_books(server, {prompt: answers[prompt]})


@pytest.mark.parametrize("body", list(NO_COMPLETIONS))
def test_body_that_is_no_completion_is_asked_for_once_more(body, after_faults):
    answers, server = after_faults
    prompt = f"{body} always"
    assert (server.asked[prompt], answers[prompt].status) == (2, "failed")
    assert answers[prompt].reason.startswith("no chat completion")


@pytest.fixture(scope="module")
def after_lasting_faults(tmp_path_factory):
    """The answers of a client that tries twice, to prompts that never meet anything but a fault."""
    plans = {fault: [fault] * 99 for fault in LASTING}
    with faulty(plans) as server:
        path = tmp_path_factory.mktemp("lasting") / "a.sqlite"
        yield ask(server, path, [*plans, "fine"], max_tries=2), server


@pytest.mark.parametrize(("fault", "n_tries", "reason"), [(x, *y) for x, y in LASTING.items()])
def test_lasting_fault_is_rejected_with_its_reason(fault, n_tries, reason, after_lasting_faults):
    answers, server = after_lasting_faults
    assert (server.asked[fault], answers[fault].status) == (n_tries, "failed")
    assert answers[fault].reason.startswith(reason)
    assert answers["fine"].status == "answered"


@pytest.mark.parametrize(("step", "status"), [("length", "truncated"), ("filter", "refused")])
def test_answer_that_was_cut_off_or_filtered_is_kept_and_not_asked_again(step, status, tmp_path):
    with faulty({"p": [step] * 9}) as server:
        first = ask(server, tmp_path / "a.sqlite", ["p"])
        again = ask(server, tmp_path / "a.sqlite", ["p"])
    assert (first["p"].status, again["p"].status) == (status, status)
    assert server.asked["p"] == 1
    check_books(server, again)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (rb"half \ud800 alone", "half \ufffd alone"),
        (rb"\udc00\ud800 reversed", "\ufffd\ufffd reversed"),
        (rb"\ud83d\ude00 whole", "\U0001f600 whole"),
        (rb"nul \u0000 inside", "nul \0 inside"),
        ("\u202e\u05e9\u05dc\u05d5\u05dd\u202c".encode(), "\u202e\u05e9\u05dc\u05d5\u05dd\u202c"),
        ("e\u0301\u0323 \u1e69".encode(), "e\u0301\u0323 \u1e69"),
        (
            "\U0001f469\u200d\U0001f469\u200d\U0001f467".encode(),
            "\U0001f469\u200d\U0001f469\u200d\U0001f467",
        ),
        (rb"\ufeff\uffff\u2028\u0085", "\ufeff\uffff\u2028\x85"),
        (b"broken \xff\xfe\xc3( bytes", "broken \ufffd\ufffd\ufffd( bytes"),
        (b"surrogate \xed\xa0\x80 bytes", "surrogate \ufffd\ufffd\ufffd bytes"),
    ],
)
def test_any_unicode_is_kept(sent, kept, tmp_path):
    path = tmp_path / "a.sqlite"
    with faulty({"p": ["say " + sent.decode("latin1")]}) as server:
        answers = ask(server, path, ["p"])
        held = stored(path, server, ["p"])
    assert answers["p"].response == held["p"].response == f"{digest('p')} {kept}"
    assert server.asked["p"] == 1


@pytest.mark.parametrize(
    "prompt", ["\0nul", "\u202e\u05e9\u05dc", "\U0001f469\u200d\U0001f467 e\u0301", "\ufeff\u2028"]
)
def test_any_unicode_is_asked(prompt, tmp_path):
    with faulty() as server:
        answers = ask(server, tmp_path / "a.sqlite", [prompt])
    check_books(server, answers)
    assert server.asked == {prompt: 1}


def test_big_answers_are_kept_whole(tmp_path):
    prompts = [f"p{i}" for i in range(20)]
    with faulty({prompt: ["big"] for prompt in prompts}) as server:
        answers = ask(server, tmp_path / "a.sqlite", prompts, timeout=20)
    assert {len(answer.response) for answer in answers.values()} == {len(digest("p")) + 1 + BIG}
    check_books(server, answers)


def test_connection_that_went_stale_costs_no_answer(tmp_path):
    prompts = [f"p{i}" for i in range(20)]
    with faulty({prompt: ["stale"] for prompt in prompts}) as server:
        answers = ask(server, tmp_path / "a.sqlite", prompts, max_in_flight=2)
    assert {answer.status for answer in answers.values()} == {"answered"}
    check_books(server, answers)


ENDS = ["stale", "length", "filter", "big", "400", "422", *(["answer"] * 11)]


def make_plan(rng):
    """Return faults that the client gets over, and how it ends."""
    faults = rng.choices(PASSING, k=rng.choice([0, 1, 1, 2]))
    if rng.random() < 0.2:
        faults[:1] = [rng.choice(list(NO_COMPLETIONS))]
    return [*faults, rng.choice(ENDS)]


def test_storm_loses_repeats_and_mixes_up_nothing(tmp_path):
    rng = random.Random(0)
    path = tmp_path / "a.sqlite"
    plans = {f"prompt {i}": make_plan(rng) for i in range(300)}
    with faulty(plans) as server:
        answers = ask(server, path, list(plans), max_in_flight=256, timeout=STORM)
        held = stored(path, server, list(plans))
    check_books(server, answers)
    assert held == answers
    ends = Counter(plan[-1] for plan in plans.values())
    statuses = Counter(answer.status for answer in answers.values())
    assert statuses["failed"] == ends["400"] + ends["422"]
    assert (statuses["truncated"], statuses["refused"]) == (ends["length"], ends["filter"])


def test_what_failed_is_asked_again_and_nothing_else(tmp_path):
    prompts = [f"p{i}" for i in range(60)]
    plans = {prompt: ["400"] for prompt in prompts[::10]}
    with faulty(plans) as server:
        ask(server, tmp_path / "a.sqlite", prompts)
        answers = ask(server, tmp_path / "a.sqlite", prompts)
    assert {answer.status for answer in answers.values()} == {"answered"}
    assert server.asked.total() == len(prompts) + len(plans)
    check_books(server, answers)


@pytest.mark.parametrize("fault", ["401", "reset", "500"])
def test_server_that_answers_no_more_leaves_the_rest_unasked(fault, tmp_path):
    path = tmp_path / "a.sqlite"
    prompts = [f"p{i}" for i in range(300)]
    with faulty({prompt: [fault] * 99 for prompt in prompts[50:]}) as server:
        with pytest.raises(UserError, match=r"kept in .*a\.sqlite"):
            ask(server, path, prompts, max_in_flight=8, max_tries=1)
        asked = set(server.asked)
        held = stored(path, server, prompts)
        check_books(server, held)
        assert {prompt for prompt, answer in held.items() if answer is None} >= set(prompts) - asked
        assert len(asked) < 100
        server.plans.clear()
        answers = ask(server, path, prompts, timeout=20)
    assert {answer.status for answer in answers.values()} == {"answered"}
    check_books(server, answers)
