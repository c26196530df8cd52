"""Who may ask what: claims, their end, and the death of their owners."""

import sqlite3
import subprocess
import sys
import time

import pytest

from spacy_distill.errors import UserError
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.teacher.store.claims import BEAT_EVERY, DEAD_AFTER
from spacy_distill.ty import Answer, Request

A, B, C = (Request(prompt) for prompt in "abc")
CLAIM_AND_WAIT = """
import sys
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.ty import Request
store = AnswerStore(sys.argv[1])
print(len(store.claim([Request("a"), Request("b")], "m", {}).mine), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def two(tmp_path):
    with AnswerStore(tmp_path / "a.sqlite") as one, AnswerStore(tmp_path / "a.sqlite") as other:
        yield one, other


@pytest.fixture
def claimant(tmp_path):
    """Another process that has claimed "a" and "b"."""
    arguments = [sys.executable, "-c", CLAIM_AND_WAIT, str(tmp_path / "a.sqlite")]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "2\n"
        yield process
        process.kill()


def claims(path):
    connection = sqlite3.connect(path)
    counts = [connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in TABLES]
    connection.close()
    return counts


TABLES = ("claims", "owners")


def age(path, seconds):
    connection = sqlite3.connect(path)
    connection.execute("UPDATE owners SET heartbeat = heartbeat - ?", (seconds,))
    connection.commit()
    connection.close()


def test_claim_sorts_requests(two):
    one, other = two
    one.add_all([Answer(A, "yes"), Answer(B, None, "failed", "down")], "m", {})
    other.claim([C], "m", {})
    claimed = one.claim([C, B, A], "m", {})
    assert claimed.known == [Answer(A, "yes")]
    assert claimed.mine == [B]
    assert claimed.elsewhere == [C]


def test_claim_keeps_the_order(two):
    requests = [Request(str(i)) for i in range(50)]
    assert two[0].claim(requests, "m", {}).mine == requests
    assert two[1].claim(requests, "m", {}).elsewhere == requests


def test_claim_of_ourselves_is_elsewhere(two):
    assert two[0].claim([A], "m", {}).mine == [A]
    assert two[0].claim([A, B], "m", {}).elsewhere == [A]


def test_claim_of_one_request_twice_is_ours_once(two):
    claimed = two[0].claim([A, B, A, A], "m", {})
    assert claimed.mine == [A, B]
    assert claimed.elsewhere == [A, A]


def test_claim_of_a_known_request_twice_is_known_twice(two):
    two[0].add(Answer(A, "yes"), "m", {})
    assert two[0].claim([A, A], "m", {}).known == [Answer(A, "yes")] * 2


@pytest.mark.parametrize(
    ("request_", "model", "params"), [(Request("a", 1), "m", {}), (A, "n", {}), (A, "m", {"x": 1})]
)
def test_claim_takes_no_other_question(two, request_, model, params):
    two[0].claim([A], "m", {})
    assert two[1].claim([request_], model, params).mine == [request_]


def test_claim_of_nothing_is_nothing(two):
    claimed = two[0].claim([], "m", {})
    assert (claimed.known, claimed.mine, claimed.elsewhere) == ([], [], [])


@pytest.mark.parametrize("status", ["answered", "refused", "truncated"])
def test_claim_ends_with_the_answer(two, status):
    one, other = two
    one.claim([A], "m", {})
    answer = Answer(A, "yes", status)
    one.add_all([answer], "m", {})
    assert other.claim([A], "m", {}).known == [answer]
    assert claims(one.path)[0] == 0


def test_claim_on_a_failure_is_free_again(two):
    one, other = two
    one.claim([A], "m", {})
    one.add_all([Answer(A, None, "failed", "down")], "m", {})
    assert other.claim([A], "m", {}).mine == [A]


def test_claim_can_be_released(two):
    one, other = two
    one.claim([A, B], "m", {})
    one.release([A], "m", {})
    claimed = other.claim([A, B], "m", {})
    assert (claimed.mine, claimed.elsewhere) == ([A], [B])


def test_claim_of_another_cannot_be_released(two):
    one, other = two
    one.claim([A], "m", {})
    other.claim([B], "m", {})
    other.release([A], "m", {})
    assert other.claim([A], "m", {}).elsewhere == [A]


def test_claim_ends_when_its_store_is_closed(tmp_path):
    with AnswerStore(tmp_path / "a.sqlite") as store:
        store.claim([A], "m", {})
    assert claims(tmp_path / "a.sqlite") == [0, 0]


def test_claim_ends_only_for_what_was_stored(two):
    one, other = two
    one.claim([A, B], "m", {})
    one.add(Answer(A, "yes"), "m", {})
    assert other.claim([B], "m", {}).elsewhere == [B]


def test_claim_of_a_living_process_stands(tmp_path, claimant):
    with AnswerStore(tmp_path / "a.sqlite") as store:
        assert store.claim([A, C], "m", {}).elsewhere == [A]


def test_claim_of_a_killed_process_is_taken_over(tmp_path, claimant):
    claimant.kill()
    claimant.wait()
    with AnswerStore(tmp_path / "a.sqlite") as store:
        assert store.claim([A], "m", {}).mine == [A]
        assert claims(store.path) == [1, 1]


def test_claim_of_a_silent_owner_is_taken_over(two):
    one, other = two
    one.claim([A, B], "m", {})
    age(one.path, DEAD_AFTER - 5)
    assert other.claim([A], "m", {}).elsewhere == [A]
    age(one.path, 10)
    assert other.claim([A], "m", {}).mine == [A]


def test_claim_of_another_machine_needs_the_heartbeat(two):
    one, other = two
    one.claim([A], "m", {})
    connection = sqlite3.connect(one.path)
    connection.execute("UPDATE owners SET host = 'elsewhere', pid = 4194304")
    connection.commit()
    connection.close()
    assert other.claim([A], "m", {}).elsewhere == [A]


def test_claim_owner_taken_for_dead_goes_on(two):
    one, other = two
    one.claim([A, B], "m", {})
    age(one.path, DEAD_AFTER + 1)
    assert other.claim([A], "m", {}).mine == [A]
    assert one.claim([A, B, C], "m", {}).mine == [B, C]
    one.add(Answer(A, "late"), "m", {})
    other.add(Answer(A, "second"), "m", {})
    assert other.claim([A, B], "m", {}).known == [Answer(A, "late")]


def test_claim_heartbeat_is_written_when_due(two, monkeypatch):
    one, other = two
    one.claim([A], "m", {})
    age(one.path, DEAD_AFTER + 1)
    clock = time.monotonic
    one.beat()
    assert claims_alive(one.path) == 0
    monkeypatch.setattr(time, "monotonic", lambda: clock() + BEAT_EVERY)
    one.beat()
    assert claims_alive(one.path) == 1
    assert other.claim([A], "m", {}).elsewhere == [A]


def claims_alive(path):
    connection = sqlite3.connect(path)
    query = "SELECT count(*) FROM owners WHERE heartbeat > ?"
    (n,) = connection.execute(query, (time.time() - DEAD_AFTER,)).fetchone()
    connection.close()
    return n


def test_claim_heartbeat_of_one_who_claimed_nothing_writes_nothing(two):
    two[0].beat()
    assert claims(two[0].path) == [0, 0]


def test_claim_needs_a_store_to_write(tmp_path):
    AnswerStore(tmp_path / "a.sqlite").close()
    with (
        AnswerStore(tmp_path / "a.sqlite", read_only=True) as store,
        pytest.raises(UserError, match="read only"),
    ):
        store.claim([A], "m", {})
