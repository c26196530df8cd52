"""What is written down before it is committed survives, and goes once it is committed."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_distill.teacher.store import receipts as receipts_module
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.teacher.store.receipt_lines import as_answer, as_line, read_receipts
from spacy_distill.teacher.store.receipts import (
    Receipts,
    receipt_paths,
)
from spacy_distill.ty import Answer, Request, TokenLogprob

FULL = Answer(
    Request("a \U0001f600 \ud800 \0 prompt", 2),
    "re\nsponse",
    "truncated",
    "cut",
    "length",
    0.25,
    {"prompt_tokens": 3, "details": {"cached": 1}},
    (TokenLogprob("re", -0.5, (("re", -0.5), ("no", -1.0))),),
)
KILLED = """
import os, sys
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.ty import Answer, Request

store = AnswerStore(sys.argv[1], tags={"run": "killed"})
store.claim([Request(str(i)) for i in range(5)], "m", {"t": 1})
receipts = store.receipts("m", {"t": 1})
receipts.note([Answer(Request(str(i)), f"response {i}") for i in range(4)])
store.add_all([Answer(Request("0"), "response 0")], "m", {"t": 1})
receipts.settle([Answer(Request("0"), "response 0")])
os._exit(9)
"""


def answers(*prompts):
    return [Answer(Request(prompt), f"response to {prompt}") for prompt in prompts]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.sqlite"


@pytest.fixture
def receipts(path):
    return Receipts(path, "me", model="m", params={"t": 1}, tags="{}")


def noted(path):
    found = [read_receipts(one) for one in receipt_paths(path)]
    return [answer.response for one in found if one for answer in one.answers]


def test_answer_is_written_down_whole(receipts, path):
    receipts.note([FULL])
    (file,) = receipt_paths(path)
    found = read_receipts(file)
    assert (found.model, found.params, found.tags, found.answers) == ("m", {"t": 1}, "{}", [FULL])


@given(st.text(), st.text(), st.text())
def test_line_and_answer_are_the_same(prompt, response, reason):
    answer = Answer(Request(prompt, 3), response, "refused", reason)
    assert as_answer(*as_line(answer)) == answer


def test_failure_needs_no_receipt(receipts, path):
    receipts.note([Answer(Request("a"), None, "failed", "no")])
    assert receipt_paths(path) == []


def test_receipts_go_once_all_is_committed(receipts, path):
    with receipts:
        receipts.note(answers("a", "b"))
        receipts.settle(answers("a"))
        assert noted(path) == ["response to a", "response to b"]
        receipts.settle(answers("b"))
        assert noted(path) == []
        receipts.note(answers("c"))
        assert noted(path) == ["response to c"]
        receipts.settle(answers("c"))
    assert receipt_paths(path) == []


def test_order_of_commits_does_not_matter(receipts, path, monkeypatch):
    monkeypatch.setattr(receipts_module, "MAX_BYTES", 10)  # an answer a file
    with receipts:
        for prompt in "abcd":
            receipts.note(answers(prompt))
        receipts.settle(answers("d", "b"))
        receipts.settle(answers("x"))  # of which nothing was noted
        assert {"response to a", "response to c"} <= set(noted(path))
        receipts.settle(answers("a"))
        assert {"response to c"} <= set(noted(path))
        receipts.settle(answers("c"))
    assert receipt_paths(path) == []


def test_what_is_not_committed_is_left_for_the_next_flow(path):
    with AnswerStore(path) as store:
        with store.receipts("m", {}) as receipts:
            receipts.note(answers("a", "b"))
            receipts.settle(answers("a"))
        assert store.get(Request("b"), "m", {}) is None
        with store.receipts("m", {}):
            assert store.get(Request("b"), "m", {}).response == "response to b"
        assert receipt_paths(path) == []


def test_answer_that_comes_too_late_is_kept_for_the_next_flow(path):
    with AnswerStore(path) as store:
        with store.receipts("m", {}) as receipts:
            pass
        receipts.note(answers("a"))
        store.receipts("m", {})
        assert store.get(Request("a"), "m", {}).response == "response to a"


def test_receipts_of_a_living_process_are_left_alone(path):
    with AnswerStore(path) as ours, AnswerStore(path) as theirs:
        theirs.claim([Request("a")], "m", {})
        with theirs.receipts("m", {}) as receipts:
            receipts.note(answers("a"))
            ours.recover()
            ours.claim([Request("b")], "m", {})
            assert noted(path) == ["response to a"]
            theirs.add_all(answers("a"), "m", {})
            receipts.settle(answers("a"))


def kill(path):
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert killed.returncode == 9


def test_receipts_of_a_killed_process_are_stored_by_the_next(path):
    kill(path)
    assert len(noted(path)) == 4
    with AnswerStore(path) as store:
        claimed = store.claim([Request(str(i)) for i in range(5)], "m", {"t": 1})
        assert [answer.response for answer in claimed.known] == [f"response {i}" for i in range(4)]
        assert claimed.mine == [Request("4")]
        assert store.totals({"run": "killed"})[0].answers == 4
    assert receipt_paths(path) == []


def test_receipts_of_a_process_killed_meanwhile_are_stored_before_its_questions_are_asked(path):
    with AnswerStore(path) as store:
        kill(path)
        claimed = store.claim([Request(str(i)) for i in range(5)], "m", {"t": 1})
        assert len(claimed.known) == 4
        assert claimed.mine == [Request("4")]
    assert receipt_paths(path) == []


@pytest.mark.parametrize("n_bytes", [0, 1, 20, 60])
def test_file_that_was_cut_off_holds_what_is_complete(receipts, path, n_bytes):
    receipts.note(answers("a"))
    receipts.note(answers("b"))
    (file,) = receipt_paths(path)
    os.truncate(file, len(file.read_bytes().rstrip(b"\0")) - n_bytes)
    assert noted(path) == ["response to a", "response to b"][: 2 if n_bytes <= 1 else 1]


def test_line_that_was_cut_off_costs_no_later_one(receipts, path):
    receipts.note(answers("a"))
    (file,) = receipt_paths(path)
    with file.open("ab") as opened:
        opened.write(b'["half a line\n')
    receipts.note(answers("b"))
    assert noted(path) == ["response to a", "response to b"]


@pytest.mark.parametrize("content", [b"", b"[]\n", b"{}\n", b'["half', b"\xff\xfe\n"])
def test_file_that_holds_no_receipts_keeps_nobody_from_the_store(path, content):
    AnswerStore(path).close()
    path.with_name("a.sqlite.dead.0.0.receipts").write_bytes(content)
    with AnswerStore(path) as store:
        assert len(store) == 0
    assert receipt_paths(path) == []


def test_only_the_owner_may_read_receipts(receipts, path):
    receipts.note(answers("a"))
    (file,) = receipt_paths(path)
    assert file.stat().st_mode & 0o777 == 0o600


def test_bytes_that_come_after_the_end_of_their_file_go_nowhere(receipts, path, monkeypatch):
    monkeypatch.setattr(receipts_module, "MAX_BYTES", 10)
    with receipts:
        catch = receipts.catching([Request("a")])
        catch(b"HTTP/1.1 200 OK")
        receipts.note(answers("b"))
        receipts.settle(answers("a"))
        with path.with_name("other").open("wb") as other:  # gets the number of the file that ended
            catch(b"HTTP/1.1 408 Request Timeout")
            other.flush()
            assert path.with_name("other").read_bytes() == b""
        receipts.settle(answers("b"))
