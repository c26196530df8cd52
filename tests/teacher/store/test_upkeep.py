"""What a store holds, and that what is deleted is gone from the disk."""

import pytest
import spacy
from spacy.tokens import Doc

from spacy_distill.attrs import content_id, get_distill
from spacy_distill.errors import UserError
from spacy_distill.io import write_docs
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.teacher.store.keys import prompt_sha256
from spacy_distill.teacher.store.records import read_records
from spacy_distill.teacher.store.selection import Selection
from spacy_distill.teacher.store.totals import ModelTotals, TagTotals
from spacy_distill.teacher.store.upkeep import delete_answers, store_stats, traces
from spacy_distill.ty import Answer, Request

from .conftest import backdate, fill


def contents(path):
    """Return the bytes of all files of a store."""
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def test_stats_count_by_model_and_tag(path):
    found = store_stats(path)
    models = {(m.model, m.answers, m.failed) for m in found.models}
    assert models == {("m", 3, 0), ("n", 2, 1)}
    assert found.tags == [
        TagTotals("m", "run", "a", 3, 0),
        TagTotals("m", "who", 'ä"\\', 1, 0),
        TagTotals("n", "run", "b", 2, 1),
    ]
    assert found.n_prompts == 5
    assert found.n_bytes > 10_000


def test_stats_sum_tokens_under_either_name(path):
    tokens = {m.model: (m.prompt_tokens, m.completion_tokens) for m in store_stats(path).models}
    assert tokens == {"m": (27, 4), "n": (10, 2)}


def test_stats_of_usage_that_is_no_valid_json_are_counted(tmp_path):
    answers = [
        Answer(Request("a"), "yes", usage={"prompt_tokens": float("nan")}),
        Answer(Request("b"), "yes", usage={"prompt_tokens": None, "total": {}}),
        Answer(Request("c"), "yes", usage={"prompt_tokens": 5}),
    ]
    fill(tmp_path / "a.sqlite", answers)
    with AnswerStore(tmp_path / "a.sqlite") as store:
        (totals,) = store.totals()
    assert (totals.answers, totals.prompt_tokens, totals.completion_tokens) == (3, 5, 0)


def test_totals_of_a_tag(path):
    backdate(path, "Bad", "2026-01-31")
    with AnswerStore(path) as store:
        assert store.totals({"run": "none"}) == []
        (totals,) = store.totals({"run": "b"})
        assert store.totals({"who": 'ä"\\'})[0].answers == 1
    first = "2026-01-31T12:00:00.000+00:00"
    assert totals == ModelTotals("n", 2, 1, 10, 2, first, totals.last)
    assert totals.last > first


def test_stats_show_what_is_being_asked(path):
    with AnswerStore(path) as store:
        store.claim([Request("new")], "m", {})
        assert store_stats(path).n_claims == 1
    assert store_stats(path).n_claims == 0


def test_store_size_grows(path):
    with AnswerStore(path) as store:
        before = store.n_bytes
        store.add(Answer(Request("large"), "x" * 100_000), "m", {})
        assert store.n_bytes >= before + 100_000


@pytest.mark.parametrize("in_use", [True, False])
def test_delete_leaves_no_trace_in_the_file(path, in_use):
    fill(path, [Answer(Request(f"my secret text {i}"), f"secret answer {i}") for i in range(200)])
    other = AnswerStore(path) if in_use else None
    assert b"secret" in contents(path)
    assert delete_answers(path, Selection(about=["my secret text"])) == 200
    assert b"secret" not in contents(path)
    assert b"Is the dog brown?" in contents(path)
    if other is not None:
        assert len(other) == 5
        other.close()


def test_delete_keeps_a_prompt_that_has_another_answer(path):
    assert delete_answers(path, Selection(model="m", about=["cat"])) == 1
    with AnswerStore(path) as store:
        assert store.get(Request("Is the cat grey?"), "n", {}).response == "yes"
        assert store.get(Request("Is the cat grey?"), "m", {"temperature": 0.3}) is None


def test_delete_of_nothing_deletes_nothing(path):
    before = list(read_records(path))
    assert delete_answers(path, Selection(model="none")) == 0
    assert list(read_records(path)) == before


def test_delete_everything_leaves_an_empty_store(path):
    assert delete_answers(path, Selection()) == 6
    found = store_stats(path)
    assert (found.models, found.n_prompts) == ([], 0)


def test_delete_needs_a_store(tmp_path):
    with pytest.raises(UserError, match="No answer store"):
        delete_answers(tmp_path / "a.sqlite", Selection())
    assert not list(tmp_path.iterdir())


@pytest.fixture
def corpus(tmp_path):
    """Two Docs; the prompt about the first has its text masked."""
    vocab = spacy.blank("en").vocab
    ann, bob = Doc(vocab, ["Ann", "called"]), Doc(vocab, ["Bob", "called"])
    get_distill(ann)["id"] = content_id(ann.text)
    get_distill(ann)["source"] = "ticket-1"
    get_distill(ann)["answers"] = [
        {"outcome": "ok", "reason": "", "response": "", "prompt_sha256": prompt_sha256("NAME rang")}
    ]
    write_docs([ann, bob], tmp_path / "corpus.spacy")
    return tmp_path / "corpus.spacy"


@pytest.mark.parametrize("id_", ["ticket-1", content_id("Ann called ")])
def test_traces_find_masked_prompts(corpus, path, id_):
    fill(path, ["NAME rang", "Who? Ann called", "Who? Bob called"])
    assert delete_answers(path, Selection(about=traces(corpus, [id_]))) == 2
    assert [r.prompt for r in read_records(path, Selection(pattern="rang|called"))] == [
        "Who? Bob called"
    ]


def test_traces_of_an_unlabelled_doc_are_its_text(corpus):
    assert traces(corpus, [content_id("Bob called ")]) == ["Bob called "]


def test_traces_need_an_id_of_the_corpus(corpus):
    with pytest.raises(UserError, match=r"corpus.spacy has no text with the id 'nobody'"):
        traces(corpus, ["ticket-1", "nobody"])


def test_delete_includes_what_a_dead_process_had_only_written_down(path):
    with AnswerStore(path) as store:
        store.receipts("m", {}).note([Answer(Request("my secret text"), "yes")])
    assert b"secret" in contents(path)
    assert delete_answers(path, Selection(about=["my secret text"])) == 1
    assert b"secret" not in contents(path)
