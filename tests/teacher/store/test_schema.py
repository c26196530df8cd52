"""Stores of every released version open, and what they held is still there."""

import json
import sqlite3
import subprocess
import sys

import pytest

from spacy_distill.errors import UserError
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.teacher.store.keys import answer_key, prompt_sha256
from spacy_distill.teacher.store.records import read_records
from spacy_distill.ty import Answer, Request

# As version 1 made it; never edited
VERSION_1 = """
CREATE TABLE prompts (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE answers (
    key TEXT NOT NULL,
    sample INTEGER NOT NULL,
    prompt_sha256 TEXT NOT NULL REFERENCES prompts (sha256),
    model TEXT NOT NULL,
    params TEXT NOT NULL,
    status TEXT NOT NULL,
    response TEXT,
    reason TEXT NOT NULL,
    finish_reason TEXT NOT NULL,
    usage TEXT NOT NULL,
    latency REAL NOT NULL,
    created TEXT NOT NULL,
    tags TEXT NOT NULL,
    PRIMARY KEY (key, sample)
) WITHOUT ROWID;
CREATE INDEX answers_prompt ON answers (prompt_sha256);
PRAGMA application_id = 1396982094;
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
"""
# As version 2 makes it, white space aside; a change to it is version 3
VERSION_2 = {
    "prompts": "CREATE TABLE prompts (sha256 TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL)",
    "answers": "CREATE TABLE answers ( key TEXT NOT NULL, sample INTEGER NOT NULL, prompt_sha256 "
    "TEXT NOT NULL REFERENCES prompts (sha256), model TEXT NOT NULL, params TEXT NOT NULL, status "
    "TEXT NOT NULL, response TEXT, reason TEXT NOT NULL, finish_reason TEXT NOT NULL, usage TEXT "
    "NOT NULL, latency REAL NOT NULL, created TEXT NOT NULL, tags TEXT NOT NULL, logprobs TEXT, "
    "PRIMARY KEY (key, sample) )",
    "answers_prompt": "CREATE INDEX answers_prompt ON answers (prompt_sha256)",
    "owners": "CREATE TABLE owners ( id TEXT PRIMARY KEY, pid INTEGER NOT NULL, host TEXT NOT "
    "NULL, heartbeat REAL NOT NULL ) WITHOUT ROWID",
    "claims": "CREATE TABLE claims ( key TEXT NOT NULL, sample INTEGER NOT NULL, owner TEXT NOT "
    "NULL, PRIMARY KEY (key, sample) ) WITHOUT ROWID",
    "claims_owner": "CREATE INDEX claims_owner ON claims (owner)",
    "batch_jobs": "CREATE TABLE batch_jobs ( tag TEXT PRIMARY KEY, model TEXT NOT NULL, params "
    "TEXT NOT NULL, state TEXT NOT NULL, file_id TEXT NOT NULL, batch_id TEXT NOT NULL, n_rows "
    "INTEGER NOT NULL, sent REAL NOT NULL ) WITHOUT ROWID",
    "batch_rows": "CREATE TABLE batch_rows ( key TEXT NOT NULL, sample INTEGER NOT NULL, job "
    "TEXT, number INTEGER NOT NULL, prompt TEXT NOT NULL, tries INTEGER NOT NULL, hopeless "
    "INTEGER NOT NULL, PRIMARY KEY (key, sample) )",
    "batch_rows_job": "CREATE INDEX batch_rows_job ON batch_rows (job, number)",
}
PARAMS = {"temperature": 0.3}
N = 200
MIGRATE = """
import sys
from pathlib import Path
from spacy_distill.teacher.store.answers import AnswerStore
while not Path(sys.argv[2]).exists():
    pass
with AnswerStore(sys.argv[1]) as store:
    print(len(store))
"""


@pytest.fixture
def old(tmp_path):
    """A file of version 1 with answers and a failure."""
    path = tmp_path / "old.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(VERSION_1)
    for i in range(N):
        prompt = f"prompt {i}"
        status, response, reason = ("answered", f"yes {i}", "") if i else ("failed", None, "down")
        connection.execute("INSERT INTO prompts VALUES (?, ?)", (prompt_sha256(prompt), prompt))
        connection.execute(
            "INSERT INTO answers VALUES (?, 0, ?, 'm', ?, ?, ?, ?, 'stop', ?, 0.5, ?, ?)",
            (
                answer_key(prompt, "m", PARAMS),
                prompt_sha256(prompt),
                json.dumps(PARAMS),
                status,
                response,
                reason,
                '{"total_tokens": 7}',
                "2026-01-31T12:00:00.000+00:00",
                '{"run": "first"}',
            ),
        )
    connection.commit()
    connection.close()
    return path


def schema(path):
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    found = {name: " ".join(sql.split()) for name, sql in rows}
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return version, found


def test_schema_of_a_new_store_is_version_2(tmp_path):
    AnswerStore(tmp_path / "new.sqlite").close()
    assert schema(tmp_path / "new.sqlite") == (2, VERSION_2)


def test_schema_version_1_becomes_the_same_as_a_new_store(old):
    AnswerStore(old).close()
    assert schema(old) == (2, VERSION_2)


@pytest.mark.parametrize("read_only", [True, False])
def test_schema_version_1_keeps_its_answers(old, read_only):
    with AnswerStore(old, read_only=read_only) as store:
        assert len(store) == N - 1
        assert store.get(Request("prompt 7"), "m", PARAMS) == Answer(
            Request("prompt 7"), "yes 7", "answered", "", "stop", 0.5, {"total_tokens": 7}
        )
        assert store.get(Request("prompt 0"), "m", PARAMS).reason == "down"
        assert len(list(store.recorded())) == N - 1
        assert store.totals({"run": "first"})[0].answers == N - 1


def test_schema_version_1_exports_the_same_before_and_after(old):
    before = list(read_records(old))
    AnswerStore(old).close()
    assert list(read_records(old)) == before
    assert len(before) == N


def test_schema_reading_version_1_leaves_it_alone(old):
    before = old.read_bytes()
    with AnswerStore(old, read_only=True) as store:
        assert store.get(Request("prompt 7"), "m", PARAMS)
    assert old.read_bytes() == before


def test_schema_reader_of_version_1_reads_on_after_another_has_migrated_it(old):
    with AnswerStore(old, read_only=True) as reader:
        assert len(reader) == N - 1
        with AnswerStore(old) as store:
            store.add(Answer(Request("new"), "yes"), "m", PARAMS)
        assert len(reader) == N
        assert reader.get(Request("new"), "m", PARAMS).response == "yes"


def test_schema_version_1_can_be_claimed_from_once_migrated(old):
    with AnswerStore(old) as store:
        claimed = store.claim([Request("prompt 0"), Request("prompt 1")], "m", PARAMS)
    assert claimed.mine == [Request("prompt 0")]
    assert [answer.response for answer in claimed.known] == ["yes 1"]


def test_schema_is_migrated_by_two_processes_at_the_same_moment(old, tmp_path):
    go = tmp_path / "go"
    arguments = [sys.executable, "-c", MIGRATE, str(old), str(go)]
    processes = [subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    go.touch()
    assert [process.communicate(timeout=60)[0] for process in processes] == [f"{N - 1}\n"] * 2
    assert schema(old) == (2, VERSION_2)


def test_schema_migration_that_fails_leaves_version_1(old):
    connection = sqlite3.connect(old)
    connection.execute("CREATE TABLE claims (in_the_way)")
    connection.commit()
    connection.close()
    before = schema(old)
    with pytest.raises(UserError, match="claims already exists"):
        AnswerStore(old)
    assert schema(old) == before
    with AnswerStore(old, read_only=True) as store:
        assert len(store) == N - 1


@pytest.mark.parametrize("read_only", [True, False])
def test_schema_of_a_later_version_is_refused(tmp_path, read_only):
    path = tmp_path / "a.sqlite"
    AnswerStore(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 3")
    connection.close()
    with pytest.raises(UserError, match=r"schema version 3.* up to 2"):
        AnswerStore(path, read_only=read_only)
