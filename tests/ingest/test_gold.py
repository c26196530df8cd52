import pytest

from spacy_distill.errors import UserError
from spacy_distill.ingest.gold import GoldRule, read_gold

LABELS = ("bug", "praise", "question")


@pytest.mark.parametrize(
    ("value", "rule", "gold"),
    [
        ("bug", GoldRule(LABELS), ("bug",)),
        (" bug ", GoldRule(LABELS), ("bug",)),
        (["bug"], GoldRule(LABELS), ("bug",)),
        (["bug", "bug"], GoldRule(LABELS), ("bug",)),
        ("anything", GoldRule(), ("anything",)),
        (["praise", "bug"], GoldRule(LABELS, exclusive=False), ("bug", "praise")),
        ([], GoldRule(LABELS, exclusive=False), ()),
        ("praise; bug;", GoldRule(LABELS, exclusive=False, separator=";"), ("bug", "praise")),
        ("bug", GoldRule(LABELS, separator=";"), ("bug",)),
        (["bug;"], GoldRule(separator=";"), ("bug;",)),
        ("==NONE==", GoldRule(LABELS, exclusive=False), ()),
        (" ==NONE== ", GoldRule(exclusive=False), ()),
        (["==NONE=="], GoldRule(LABELS, exclusive=False), ()),
        ("==NONE==", GoldRule(LABELS, exclusive=False, separator=";"), ()),
        (";", GoldRule(LABELS, exclusive=False, separator=";"), ()),
        (" ; ", GoldRule(LABELS, exclusive=False, separator=";"), ()),
        (" | ", GoldRule(LABELS, exclusive=False, separator=" | "), ()),
        ("==NONE==", GoldRule(), ("==NONE==",)),
    ],
)
def test_gold_is_read(value, rule, gold):
    assert read_gold(value, rule) == gold


@pytest.mark.parametrize(
    ("value", "rule", "reason", "detail"),
    [
        (None, GoldRule(LABELS), "no gold", "None"),
        ("", GoldRule(LABELS), "no gold", "''"),
        ([], GoldRule(LABELS), "no gold", "empty"),
        ("nope", GoldRule(LABELS), "gold not in labels", "'nope' is none of bug, praise, question"),
        (["bug", "nope"], GoldRule(LABELS, exclusive=False), "gold not in labels", "'nope'"),
        (3, GoldRule(LABELS), "gold not in labels", "3 is neither"),
        ({"bug": 1}, GoldRule(LABELS), "gold not in labels", "neither text nor"),
        (["bug", "praise"], GoldRule(LABELS), "several gold labels", "bug, praise"),
        ("bug|praise", GoldRule(LABELS, separator="|"), "several gold labels", "bug, praise"),
        (" ", GoldRule(), "no gold", "' '"),
        (";;", GoldRule(LABELS, exclusive=False, separator=";"), "no gold", "';;' has none"),
        (" ; ", GoldRule(LABELS, separator=";"), "no gold", "' ; ' has none"),
        (" ", GoldRule(LABELS, exclusive=False, separator=" "), "no gold", "' '"),
        ("", GoldRule(LABELS, exclusive=False), "no gold", "write ==NONE== where no label applies"),
        (None, GoldRule(LABELS, exclusive=False), "no gold", "None; write ==NONE=="),
        ("==none==", GoldRule(LABELS, exclusive=False), "gold not in labels", "'==none=='"),
        ("==NONE==", GoldRule(LABELS), "gold not in labels", "'==NONE=='"),
        (
            "bug;==NONE==",
            GoldRule(exclusive=False, separator=";"),
            "gold not in labels",
            "==NONE== beside other labels: bug",
        ),
    ],
)
def test_gold_is_refused(value, rule, reason, detail):
    problem = read_gold(value, rule)
    assert problem.reason == reason
    assert detail in problem.detail


def test_exclusive_gold_has_no_way_to_say_none():
    assert "==NONE==" not in read_gold("", GoldRule(LABELS)).detail


def test_gold_stands_on_the_doc(room):
    rows = [{"text": "a", "intent": "bug"}, {"text": "b", "intent": ["praise"]}]
    room.ingest("x.jsonl", rows, gold="intent", labels=LABELS)
    assert [record["gold"] for record in room.records()] == [("bug",), ("praise",)]
    assert room.records()[0]["meta"] == {}


def test_row_without_gold_is_rejected(room):
    room.ingest("x.jsonl", [{"text": "a", "intent": "bug"}, {"text": "b"}], gold="intent")
    assert [(reject["line"], reject["reason"]) for reject in room.rejects()] == [(2, "no gold")]


def test_same_text_with_same_gold_is_a_copy(room):
    rows = [{"text": "a", "intent": "bug"}, {"text": "a", "intent": ["bug"]}]
    assert room.ingest("x.jsonl", rows, gold="intent").n_copies == 1


def test_same_text_with_other_gold_is_rejected(room):
    labels = ("bug", "praise", "bug")
    report = room.ingest(
        "x.jsonl", [{"text": "a", "intent": label} for label in labels], gold="intent"
    )
    assert [(reject["line"], reject["reason"]) for reject in room.rejects()] == [
        (2, "conflicting gold")
    ]
    assert room.rejects()[0]["detail"] == "praise here, but bug where the text came first"
    assert report.n_copies == 1
    assert room.records()[0]["gold"] == ("bug",)


def test_empty_gold_of_an_exclusive_task_is_rejected(room):
    rows = [{"text": "a", "intent": "bug"}, {"text": "b", "intent": []}]
    room.ingest("x.jsonl", rows, gold="intent", labels=LABELS)
    assert [record["gold"] for record in room.records()] == [("bug",)]
    assert room.rejects()[0]["reason"] == "no gold"


def test_empty_separator_is_refused():
    with pytest.raises(UserError, match="empty"):
        GoldRule(separator="")
