from collections import Counter

import pytest

from spacy_distill.attrs import get_distill
from spacy_distill.errors import UserError

OPTIONS = [{"id": "good", "text": "good"}, {"id": "bad", "text": "bad"}]


def test_raw_answers_are_audited_and_stored(write_rows, reap, prompt_of):
    rows = [
        {
            "text": text,
            "llm": {"prompt": prompt_of(text), "response": response},
            "accept": ["good"],
            "options": OPTIONS,
            "meta": {"page": 3, "odd": [1]},
        }
        for text, response in [("one", "bad"), ("two", "The label is bad.")]
    ]
    report, docs, _ = reap("prodigy", write_rows(rows))
    assert docs["one"].cats == {"good": 0.0, "bad": 1.0}  # the answer, not what was pre-selected
    assert docs["two"].cats == {}
    assert get_distill(docs["one"])["meta"] == {"page": 3}
    assert get_distill(docs["one"])["source"] == "log.jsonl:1"
    assert report.n_stored == 2


@pytest.mark.parametrize(
    ("row", "cats"),
    [
        ({"options": OPTIONS, "accept": ["bad"]}, {"good": 0.0, "bad": 1.0}),
        ({"options": OPTIONS, "accept": []}, {}),
        ({"options": OPTIONS, "accept": ["bad", "good"]}, {}),
    ],
)
def test_preselected_labels_count_where_there_is_no_answer(write_rows, reap, row, cats):
    report, docs, _ = reap("prodigy", write_rows([{"text": "one", "answer": "accept", **row}]))
    assert docs["one"].cats == cats
    assert report.n_stored == 0


def test_a_label_to_accept_is_the_one_label_of_a_task(write_rows, reap, make_config):
    rows = [
        {"text": text, "label": "spam", "answer": answer}
        for text, answer in [("one", "accept"), ("two", "reject")]
    ]
    _, docs, _ = reap("prodigy", write_rows(rows), teacher=make_config(labels='["spam"]'))
    assert docs["one"].cats == {"spam": 1.0}
    assert docs["two"].cats == {}  # a "no" or an answer that was not understood


BAD_ROWS = [
    ("{", "not JSON"),
    ("[]", "not JSON"),
    ({"label": "good"}, "no text"),
    ({"text": 3}, "no text"),
    ({"text": " ", "options": OPTIONS, "accept": ["bad"]}, "empty text"),
    ({"text": "\ud800", "options": OPTIONS, "accept": ["bad"]}, "bad encoding"),
    ({"text": "x", "spans": []}, "no answer"),
    ({"text": "x", "options": OPTIONS, "accept": ["bad"], "answer": "ignore"}, "ignored"),
    ({"text": "x", "options": OPTIONS, "accept": ["bad"], "answer": "reject"}, "ignored"),
    ({"text": "x1", "options": OPTIONS, "accept": ["ugly"]}, "other labels"),
    ({"text": "x2", "options": OPTIONS[:1], "accept": ["good"]}, "other labels"),
    ({"text": "x", "options": OPTIONS, "accept": ["bad"], "_timestamp": 1}, "annotated by a person"),
    ({"text": "x", "llm": {"prompt": None, "response": "good"}}, "malformed answer"),
    ({"text": "x", "llm": {"prompt": "\ud800", "response": "good"}}, "malformed answer"),
    ({"text": "x", "llm": {}}, "no answer"),
    ({"text": "x3", "llm": {"prompt": "x3?", "response": "good"}}, "other prompt"),
    ({"text": "x4", "llm": {"prompt": "y?", "response": "good"}}, "text not in the prompt"),
]  # fmt: skip


def test_every_bad_row_is_rejected_and_the_others_go_on(write_rows, reap):
    rows = [row for row, _ in BAD_ROWS]
    good = {"text": "one", "options": OPTIONS, "accept": ["bad"]}
    report, docs, rejects = reap("prodigy", write_rows([*rows, good]))
    assert list(docs) == ["one"]
    found = {x["line"]: x["reason"] for x in rejects}
    assert [found[i] for i in range(1, len(rows) + 1)] == [reason for _, reason in BAD_ROWS]
    assert report.rejects == Counter(reason for _, reason in BAD_ROWS)


def test_secrets_of_a_row_are_not_in_the_rejects(write_rows, reap, tmp_path):
    rows = [{"text": "x", "key": "Bearer abcdefghijkl"}, {"text": "y"}]
    with pytest.raises(UserError, match="no answer"):
        reap("prodigy", write_rows(rows))
    assert "abcdefghijkl" not in (tmp_path / "rejects.jsonl").read_text(encoding="utf8")
