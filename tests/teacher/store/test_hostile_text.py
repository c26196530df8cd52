"""Any text that a prompt or an answer may be comes back as it was."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.teacher.store.intake import import_answers, merge_stores
from spacy_distill.teacher.store.records import read_records
from spacy_distill.teacher.store.selection import Selection
from spacy_distill.teacher.store.text import from_cell, to_cell
from spacy_distill.teacher.store.transfer import export_answers
from spacy_distill.ty import Answer, Request

TEXTS = [
    "",
    "\ud800",
    "half of a pair \udc4d and more",
    "before\x00after",
    "\x00",
    "\ufeff\u2028\u2029\x85\r\n\x1b[31m",
    "👍🏽 नमस्ते שלום \u202e",
    "'; DROP TABLE answers; --",
    "x" * 2_000_000,
    "ß\ud800" * 500_000,
]
NAMES = [repr(text[:20]) for text in TEXTS]


@given(st.text(st.characters(), max_size=50))
def test_text_is_the_same_in_a_cell(text):
    assert from_cell(to_cell(text)) == text


@pytest.mark.parametrize("text", TEXTS, ids=NAMES)
def test_store_keeps_any_text(tmp_path, text):
    answer = Answer(Request(text), text, "truncated", text, text, usage={"text": text[:99]})
    with AnswerStore(tmp_path / "a.sqlite", tags={"tag": text[:99]}) as store:
        assert store.claim([answer.request], text[:99], {"stop": text[:99]}).mine
        store.add_all([answer], text[:99], {"stop": text[:99]})
        assert store.get(answer.request, text[:99], {"stop": text[:99]}) == answer
        assert store.totals({"tag": text[:99]})[0].answers == 1


@pytest.mark.parametrize("text", TEXTS, ids=NAMES)
def test_store_carries_any_text(tmp_path, text):
    with AnswerStore(tmp_path / "a.sqlite", tags={"tag": text[:99]}) as store:
        store.add(Answer(Request(text), text), text[:99], {"stop": text[:99]})
    export_answers(tmp_path / "a.sqlite", tmp_path / "a.jsonl")
    for line in (tmp_path / "a.jsonl").read_text(encoding="utf8").split("\n")[:-1]:
        assert json.loads(line)["prompt"] == text
    import_answers(tmp_path / "a.jsonl", tmp_path / "b.sqlite")
    merge_stores([tmp_path / "b.sqlite"], tmp_path / "c.sqlite")
    records = list(read_records(tmp_path / "a.sqlite"))
    assert list(read_records(tmp_path / "b.sqlite")) == records
    assert list(read_records(tmp_path / "c.sqlite")) == records


@pytest.mark.parametrize("text", [t for t in TEXTS if t.strip()][:7])
def test_store_finds_any_text(tmp_path, text):
    with AnswerStore(tmp_path / "a.sqlite") as store:
        store.add_all([Answer(Request(f"<{text}>"), ""), Answer(Request("other"), "")], "m", {})
    found = list(read_records(tmp_path / "a.sqlite", Selection(about=[text])))
    assert [record.prompt for record in found] == [f"<{text}>"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.lists(st.text(st.characters(), max_size=20), unique=True, max_size=9))
def test_store_never_mixes_any_texts_up(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("store") / "a.sqlite"
    with AnswerStore(path) as store:
        store.add_all([Answer(Request(text), text) for text in texts], "m", {})
        known = store.get_all([Request(text) for text in texts], "m", {})
    assert [answer.response for answer in known] == texts
