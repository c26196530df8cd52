import os
import sqlite3
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_distill.errors import UserError
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.teacher.store.keys import answer_key
from spacy_distill.ty import Answer, Request

VALUES = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=4)


@given(st.text(), st.text(), VALUES)
def test_store_key_ignores_order_of_params(prompt, model, params):
    reordered = dict(reversed(params.items()))
    assert answer_key(prompt, model, params) == answer_key(prompt, model, reordered)


@given(st.tuples(st.text(), st.text(), VALUES), st.tuples(st.text(), st.text(), VALUES))
def test_store_key_tells_different_questions_apart(a, b):
    assert (answer_key(*a) == answer_key(*b)) == (a == b)


def test_store_gives_back_what_was_added(tmp_path):
    answer = Answer(Request("Prompt 👍", 2), "ja\n", usage={"total_tokens": 7}, latency=0.5)
    with AnswerStore(tmp_path / "a.sqlite") as store:
        store.add(answer, "m", {"temperature": 0.3})
    with AnswerStore(tmp_path / "a.sqlite", read_only=True) as store:
        assert store.get(Request("Prompt 👍", 2), "m", {"temperature": 0.3}) == answer
        assert len(store) == 1


@pytest.mark.parametrize(
    ("request_", "model", "params"),
    [
        (Request("man bites dog"), "m", {}),
        (Request("dog bites man", 1), "m", {}),
        (Request("dog bites man"), "n", {}),
        (Request("dog bites man"), "m", {"temperature": 1}),
    ],
)
def test_store_never_mixes_answers_up(tmp_path, request_, model, params):
    with AnswerStore(tmp_path / "a.sqlite") as store:
        store.add(Answer(Request("dog bites man"), "yes"), "m", {})
        assert store.get(request_, model, params) is None


def test_store_failure_never_replaces_an_answer(tmp_path):
    request = Request("p")
    with AnswerStore(tmp_path / "a.sqlite") as store:
        store.add(Answer(request, None, "failed", "timeout"), "m", {})
        assert len(store) == 0
        store.add(Answer(request, "yes"), "m", {})
        store.add(Answer(request, None, "failed", "timeout"), "m", {})
        assert store.get(request, "m", {}) == Answer(request, "yes")


def test_store_keeps_the_first_answer_and_the_last_failure(tmp_path):
    request = Request("p")
    with AnswerStore(tmp_path / "a.sqlite") as store:
        store.add(Answer(request, None, "failed", "timeout"), "m", {})
        store.add(Answer(request, None, "failed", "no route"), "m", {})
        assert store.get(request, "m", {}).reason == "no route"
        store.add(Answer(request, "first"), "m", {})
        store.add(Answer(request, "second"), "m", {})
        store.add(Answer(request, None, "refused", "no"), "m", {})
        assert store.get(request, "m", {}) == Answer(request, "first")


def test_store_serves_several_threads(tmp_path):
    with AnswerStore(tmp_path / "a.sqlite") as store:
        threads = [
            threading.Thread(target=store.add, args=(Answer(Request(str(i)), "yes"), "m", {}))
            for i in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(store) == 20


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to be read" * 9, b"x"]
)
def test_store_refuses_a_foreign_file(tmp_path, content):
    path = tmp_path / "a.sqlite"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"a\.sqlite"):
        AnswerStore(path)
    assert path.read_bytes() == content


def test_store_refuses_another_database(tmp_path):
    path = tmp_path / "a.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE mine (x)")
    connection.commit()
    connection.close()
    with pytest.raises(UserError, match="not an answer store"):
        AnswerStore(path)


def test_store_refuses_a_later_schema(tmp_path):
    path = tmp_path / "a.sqlite"
    AnswerStore(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(UserError, match="schema version 99"):
        AnswerStore(path)


def test_store_read_only_needs_a_file(tmp_path):
    with pytest.raises(UserError, match="No answer store"):
        AnswerStore(tmp_path / "missing.sqlite", read_only=True)
    assert not list(tmp_path.iterdir())


def test_store_says_which_folder_cannot_be_written(tmp_path):
    folder = tmp_path / "file"
    folder.write_text("in the way", encoding="utf8")
    with pytest.raises((UserError, OSError), match="file"):
        AnswerStore(folder / "a.sqlite")


def test_store_takes_answers_from_several_writers(tmp_path):
    path = tmp_path / "a.sqlite"

    def write(who):
        with AnswerStore(path) as store:
            for i in range(50):
                store.add(Answer(Request(f"{who} {i}"), "yes"), "m", {})

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with AnswerStore(path) as store:
        assert len(store) == 200


def test_store_explains_a_full_disk(tmp_path):
    with AnswerStore(tmp_path / "a.sqlite") as store:
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        large = Answer(Request("large"), os.urandom(200_000).hex())
        with pytest.raises(UserError, match="free some space"):
            store.add(large, "m", {})
        kept = len(store)
    with AnswerStore(tmp_path / "a.sqlite") as store:
        assert len(store) == kept
