"""Whatever is wrong with the file, the error names it and says what to do."""

import os
import resource
import sqlite3
import subprocess
import sys

import pytest

from spacy_distill.errors import UserError
from spacy_distill.teacher.store import opening
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.ty import Answer, Request

from .conftest import fill

FILL = """
import sys
from spacy_distill.errors import UserError
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.ty import Answer, Request
with AnswerStore(sys.argv[1]) as store:
    try:
        for i in range(1000):
            store.add_all([Answer(Request(f"{i} {j}"), "x" * 1000) for j in range(10)], "m", {})
            print(i, flush=True)
    except UserError as error:
        print(error)
"""


def foreign(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE mine (x)")
    connection.commit()
    connection.close()


def cut_to(size):
    def cut(path):
        fill(path, [str(i) for i in range(500)])
        with path.open("r+b") as file:
            file.truncate(size)

    return cut


def overwrite(path):
    fill(path, [str(i) for i in range(500)])
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(40_000))


def use(path, read_only):
    with AnswerStore(path, read_only=read_only) as store:
        len(store)
        store.get_all([Request(str(i)) for i in range(500)], "m", {})
        list(store.recorded())


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_bytes(b"no database at all" * 99), "not an answer store"),
        (lambda path: path.write_bytes(b""), "not an answer store"),
        (lambda path: path.write_bytes(opening.SQLITE_HEADER), "give another path"),
        (lambda path: path.mkdir(), "is a folder"),
        (foreign, "not an answer store"),
        (cut_to(60), "give another path"),
        (cut_to(8192), "malformed; restore it from a copy"),
        (overwrite, "malformed; restore it from a copy"),
    ],
)
def test_store_explains_a_faulty_file(tmp_path, make, message, read_only):
    make(tmp_path / "a.sqlite")
    with pytest.raises(UserError, match=message) as error:
        use(tmp_path / "a.sqlite", read_only)
    assert str(tmp_path / "a.sqlite") in str(error.value)


def test_store_leaves_a_foreign_file_alone(tmp_path):
    foreign(tmp_path / "a.sqlite")
    before = (tmp_path / "a.sqlite").read_bytes()
    with pytest.raises(UserError):
        AnswerStore(tmp_path / "a.sqlite")
    assert (tmp_path / "a.sqlite").read_bytes() == before
    assert os.listdir(tmp_path) == ["a.sqlite"]


def test_store_explains_a_lock_and_goes_on_after_it(tmp_path, monkeypatch):
    path = tmp_path / "a.sqlite"
    monkeypatch.setattr(opening, "LOCK_TIMEOUT", 0.1)
    with AnswerStore(path) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for write in (
            lambda: store.add(Answer(Request("p"), "yes"), "m", {}),
            lambda: store.claim([Request("p")], "m", {}),
        ):
            with pytest.raises(UserError, match="database is locked; another process"):
                write()
        assert store.get(Request("p"), "m", {}) is None
        other.execute("ROLLBACK")
        other.close()
        store.add(Answer(Request("p"), "yes"), "m", {})
        assert len(store) == 1


def test_store_stores_all_answers_of_a_group_or_none(tmp_path):
    with AnswerStore(tmp_path / "a.sqlite") as store:
        store.claim([Request("0")], "m", {})
        answers = [Answer(Request(str(i)), "yes") for i in range(9)]
        with pytest.raises(UserError):
            store.add_all([*answers, Answer(Request("bad"), "yes", None)], "m", {})
        assert len(store) == 0
        store.add_all(answers, "m", {})
        assert len(store) == 9


def test_store_keeps_what_was_committed_when_the_disk_is_full(tmp_path):
    path = tmp_path / "a.sqlite"
    result = subprocess.run(
        [sys.executable, "-c", FILL, str(path)],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000)),
    )
    *committed, message = result.stdout.splitlines()
    assert result.returncode == 0, result.stderr
    assert f"Answer store {path}" in message
    assert "what was answered is kept" in message
    with AnswerStore(path) as store:
        assert len(store) == 10 * len(committed) > 0
        store.add(Answer(Request("more"), "yes"), "m", {})
