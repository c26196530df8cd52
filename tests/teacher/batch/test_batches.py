"""Batches against a real server: the whole round, and whatever can go wrong on its way."""

import json

import pytest

from spacy_distill.errors import UserError
from spacy_distill.teacher.batch.desk import LOCK, LOCK_MODEL
from spacy_distill.teacher.batch.parts import Limits
from spacy_distill.teacher.batch.run import ask_batches, cancel_batches
from spacy_distill.teacher.label import label
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.teacher.store.records import read_records

TEXTS = [f"text {i}" for i in range(7)]


@pytest.fixture
def store_path(tmp_path):
    return tmp_path / "a.sqlite"


def answers(path):
    """Return status and response by text."""
    with AnswerStore(path):
        pass  # takes over what a dead process has left
    return {
        record.prompt.rsplit("'''", 2)[1].strip(): (record.status, record.response)
        for record in read_records(path)
    }


def test_answers_come_into_the_store_and_label_asks_nothing(ask, config, server, store_path):
    report = ask([*TEXTS, "bad one"])
    assert (report.n_submitted, report.collected.n_answered, report.batches) == (8, 8, [])
    assert answers(store_path) == {
        **{text: ("answered", "good") for text in TEXTS},
        "bad one": ("answered", "bad"),
    }
    corpus, out = store_path.parent / "texts", store_path.parent / "out"
    (labelled,) = label(config(), [corpus], out, store_path=store_path)
    assert labelled.requests == {"stored": 8}
    assert labelled.labels == {"good": 7.0, "bad": 1.0}


def test_nothing_is_asked_live_and_nothing_twice(ask, server):
    ask(TEXTS)
    again = ask(TEXTS)
    assert (again.n_submitted, again.n_stored) == (0, 7)
    assert len(server.batches) == 1
    assert server.twice.total() == 0
    assert server.calls["POST", "/chat/completions"] == 0


def test_without_wait_the_batch_stays_open_and_the_next_run_collects_it(ask, server):
    server.manual = True
    first = ask(TEXTS, wait=False)
    assert [(b.id, b.n_rows) for b in first.batches] == [("batch_0", 7)]
    second = ask(TEXTS, wait=False)
    assert (second.n_submitted, [b.status for b in second.batches]) == (0, ["in_progress"])
    server.finish(server.batches["batch_0"])
    third = ask(TEXTS, wait=False)
    assert (third.n_submitted, third.collected.n_answered, third.batches) == (0, 7, [])


def test_new_texts_only_are_handed_in_beside_an_open_batch(ask, server):
    server.manual = True
    ask(TEXTS, wait=False)
    assert ask([*TEXTS, "a new one"], wait=False).n_submitted == 1


def test_label_leaves_open_batches_alone(ask, config, server, store_path):
    server.manual = True
    ask(TEXTS, wait=False)
    corpus = store_path.parent / "texts"
    with pytest.raises(UserError, match="in a batch that is open"):
        label(config(), [corpus], store_path.parent / "out", store_path=store_path)
    assert server.calls["POST", "/v1/chat/completions"] == 0


@pytest.mark.parametrize(
    ("limits", "n_batches"),
    [(Limits(max_requests=3), 3), (Limits(max_requests=7), 1), (Limits(max_bytes=1_400), 4)],
)
def test_parts_keep_within_the_limits(ask, server, limits, n_batches):
    report = ask(TEXTS, limits=limits)
    assert report.collected.n_answered == 7
    sizes = [len(server.files[one["input_file_id"]]) for one in server.batches.values()]
    assert len(sizes) == n_batches
    assert max(sizes) <= limits.max_bytes
    assert max(one["request_counts"]["total"] for one in server.batches.values()) <= (
        limits.max_requests
    )


def test_samples_are_asked_one_by_one_with_seeds_of_their_own(ask, server):
    report = ask(["one", "two"], samples=3, fields={"seed": 5, "n": 3})
    assert report.collected.n_answered == 6
    assert sorted(body["seed"] for body in server.bodies) == [5, 5, 6, 6, 7, 7]
    assert all("n" not in body for body in server.bodies)


def test_expired_batch_keeps_what_it_answered_and_the_rest_is_asked_again(ask, server, store_path):
    server.fates = ["expired"]
    report = ask(TEXTS)
    assert [b["request_counts"]["total"] for b in server.batches.values()] == [7, 3]
    assert report.collected.n_answered == 7
    assert server.twice.total() == 0
    assert set(answers(store_path).values()) == {("answered", "good")}


def test_row_that_fails_once_is_asked_again_alone(ask, server, store_path):
    ask([*TEXTS, "once 500"])
    assert [b["request_counts"]["total"] for b in server.batches.values()] == [8, 1]
    assert answers(store_path)["once 500"] == ("answered", "good")


def test_row_that_always_fails_is_given_up_after_its_tries(ask, server, store_path):
    report = ask(["fine", "status 500"], limits=Limits(max_tries=2))
    assert [b["request_counts"]["total"] for b in server.batches.values()] == [2, 1]
    assert report.n_given_up == 1
    assert answers(store_path)["status 500"] == ("failed", None)
    assert ask(["fine", "status 500"], limits=Limits(max_tries=2)).n_submitted == 0


def test_row_that_is_refused_for_its_own_fault_is_not_asked_again(ask, server, store_path):
    report = ask(["fine", "status 400"])
    assert (len(server.batches), report.n_given_up) == (1, 1)
    assert answers(store_path)["status 400"] == ("failed", None)


@pytest.mark.parametrize(
    ("reason", "status"), [("content_filter", "refused"), ("length", "truncated")]
)
def test_refused_and_truncated_answers_are_answers(ask, server, store_path, reason, status):
    ask([f"finish {reason}"])
    assert answers(store_path)[f"finish {reason}"][0] == status
    assert ask([f"finish {reason}"]).n_submitted == 0


def test_batch_that_is_refused_shows_the_endpoints_message(ask, server, store_path):
    server.fates = ["failed"]
    with pytest.raises(UserError, match=r"batch_0 was refused: Not valid JSON. \(line 2\)"):
        ask(TEXTS)
    assert len(server.batches) == 1
    assert ask(TEXTS).collected.n_answered == 7


def test_lines_twice_corrupt_or_foreign_cost_nothing(ask, server, store_path, tmp_path):
    def corrupt(lines):
        foreign = json.dumps({"custom_id": "elsewhere-0", "response": {}, "error": None})
        return [lines[0][:50], *lines[1:], *lines[1:], foreign, "", "[]"]

    server.corrupt = corrupt
    report = ask(TEXTS, rejects_path=tmp_path / "rejects.jsonl", limits=Limits(max_tries=1))
    assert (report.collected.n_answered, report.collected.n_failed) == (6, 1)
    assert (report.collected.n_known, report.collected.n_rejected) == (6, 3)
    rejects = (tmp_path / "rejects.jsonl").read_text(encoding="utf8").splitlines()
    assert [json.loads(line)["line"] for line in rejects] == [1, 14, 16]
    server.corrupt = lambda lines: lines
    assert ask(TEXTS).collected.n_answered == 1


def test_bad_key_is_said_and_leaves_nothing_open(ask, server, store_path, monkeypatch):
    monkeypatch.setenv("BATCH_TEST_KEY", "another-key-0000")
    with pytest.raises(UserError, match="BATCH_TEST_KEY holds a key") as error:
        ask(TEXTS)
    assert "another-key-0000" not in str(error.value)
    assert not server.batches
    monkeypatch.undo()


def test_endpoint_without_batches_is_said(ask, server):
    server.faults = [["POST", "/files", 9, 404]]
    with pytest.raises(UserError, match="not every endpoint has files and batches"):
        ask(TEXTS)


@pytest.mark.parametrize(
    ("method", "path", "fault"),
    [
        ("POST", "/files", 429),
        ("POST", "/files", 503),
        ("POST", "/files", "lost"),
        ("POST", "/batches", 429),
        ("POST", "/batches", 500),
        ("POST", "/batches", "lost"),
        ("GET", "/batches/.*", 502),
        ("GET", "/batches/.*", "lost"),
        ("GET", "/files/.*/content", 500),
        ("GET", "/files/.*/content", "cut"),
    ],
)
def test_fault_on_the_way_costs_no_answer_and_no_second_batch(ask, server, method, path, fault):
    server.faults = [[method, path, 1, fault]]
    assert ask(TEXTS).collected.n_answered == 7
    assert server.twice.total() == 0
    assert server.answered.total() == 7


def test_batch_is_found_by_its_tag_on_a_later_page(ask, server):
    for i in range(5):
        server.files[f"f{i}"] = ""
        body = {"endpoint": "/v1/chat/completions", "completion_window": "24h"}
        server.create({**body, "input_file_id": f"f{i}"})
    server.faults = [["POST", "/batches", 1, "lost"]]
    assert ask(TEXTS).collected.n_answered == 7
    assert len(server.batches) == 6


def test_cap_on_calls(ask, server):
    report = ask(TEXTS, max_calls=4)
    assert (report.n_submitted, len(server.bodies)) == (4, 4)
    assert "cap on calls, 4" in report.refusal


def test_cap_on_cost_holds_for_the_worst_case_at_half_price(ask, server):
    whole = ask(["one"], max_cost=1.0)
    assert whole.collected.cost == pytest.approx((100 * 10 + 10 * 30) / 1e6 / 2)
    report = ask(TEXTS, max_cost=3.5 * whole.worst_cost)
    assert report.n_submitted == 3
    assert report.worst_cost <= 3.5 * whole.worst_cost


def test_cap_on_cost_needs_the_longest_answer(ask, server):
    with pytest.raises(UserError, match="max_tokens"):
        ask(TEXTS, max_cost=1.0, fields={"temperature": 0.0})


def test_cancelled_batch_keeps_its_answers_and_frees_the_rest(ask, config, server, store_path):
    server.manual = True
    ask(TEXTS, wait=False)
    report = cancel_batches(config(), store_path=store_path)
    assert (report.collected.n_answered, report.batches) == (4, [])
    server.manual = False
    assert ask(TEXTS).n_submitted == 3
    assert server.twice.total() == 0


def test_batch_that_the_endpoint_has_lost_can_be_given_up(ask, config, server, store_path):
    server.manual = True
    ask(TEXTS, wait=False)
    server.batches.clear()
    with pytest.raises(UserError, match="/batches/batch_0: HTTP 404"):
        ask(TEXTS)
    assert cancel_batches(config(), store_path=store_path).batches == []
    server.manual = False
    assert ask(TEXTS).collected.n_answered == 7


def test_second_process_is_turned_away(ask, server, store_path):
    with AnswerStore(store_path) as store:
        assert store.claim([LOCK], LOCK_MODEL, {}).mine
        with pytest.raises(UserError, match="Another process is at the batches"):
            ask(TEXTS)
    assert ask(TEXTS).collected.n_answered == 7


def test_model_of_another_kind_is_refused(http_config, make_corpus, tmp_path):
    with pytest.raises(UserError, match=r"ChatModel\.v1 only"):
        ask_batches(http_config, [make_corpus(TEXTS)], store_path=tmp_path / "a.sqlite")


def test_malformed_answers_are_asked_again_in_a_batch(ask, config, server, store_path):
    config.task = "spacy-distill.TextCat.v1"
    server.say = "### nonsense"
    report = ask(["one"])
    assert (report.n_submitted, len(server.batches)) == (2, 2)
    assert "### nonsense" in server.bodies[1]["messages"][-1]["content"]
    corpus, out = store_path.parent / "texts", store_path.parent / "out"
    (labelled,) = label(config(), [corpus], out, store_path=store_path)
    assert labelled.requests == {"stored": 2, "reasked": 1, "unparsed": 1}
