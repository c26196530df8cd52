"""The Docs without a label, one JSON line each."""

import pytest
import spacy
import srsly

from spacy_distill.attrs import AnswerRecord, get_distill
from spacy_distill.teacher.rejects import rejecting


def make_doc(text, *outcomes):
    doc = spacy.blank("en").make_doc(text)
    record = get_distill(doc)
    record.update(id=f"id of {text}", source="rows.csv:3")
    record["answers"] = [
        AnswerRecord(outcome=outcome, reason=f"is {outcome}", response="", prompt_sha256="")
        for outcome in outcomes
    ]
    return doc


def test_reject_says_why_without_the_text(tmp_path):
    path = tmp_path / "new" / "rejects.jsonl"
    with rejecting(path) as reject:
        reject(make_doc("a private text", "failed", "unparsed"))
        reject(make_doc("\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "empty"))
    first, second = srsly.read_jsonl(path)
    assert first == {
        "id": "id of a private text",
        "source": "rows.csv:3",
        "outcomes": ["failed", "unparsed"],
        "reasons": ["is failed", "is unparsed"],
    }
    assert second["outcomes"] == ["empty"]


def test_file_without_rejects_is_empty(tmp_path):
    with rejecting(tmp_path / "rejects.jsonl"):
        pass
    assert (tmp_path / "rejects.jsonl").read_text("utf8") == ""


def test_run_that_ends_early_leaves_the_file_of_the_last_one(tmp_path):
    path = tmp_path / "rejects.jsonl"
    path.write_text("before", encoding="utf8")

    def interrupted():
        with rejecting(path) as reject:
            reject(make_doc("text", "failed"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text("utf8") == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_without_a_path_nothing_is_written(tmp_path):
    with rejecting(None) as reject:
        reject(make_doc("text", "failed"))
    assert list(tmp_path.iterdir()) == []
