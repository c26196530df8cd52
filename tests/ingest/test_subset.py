import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacy_distill.errors import UserError
from spacy_distill.ingest import Subset

ROWS = [
    {"text": "a red bus", "k": "x", "n": 1, "meta": {"shop": {"city": "Ulm"}}, "day": "2025-01-01"},
    {"text": "a red car", "k": "y", "n": 2.5, "ok": True, "day": "2025-01-02T23:59:59Z"},
    {"text": "a blue car", "k": "x", "n": None, "a.b": "c", "day": "2025-01-03 10:00"},
]
TEXTS = [row["text"] for row in ROWS]


@pytest.mark.parametrize(
    ("conditions", "kept"),
    [
        ({"where": {"k": ["x"]}}, [0, 2]),
        ({"where": {"k": "x"}}, [0, 2]),
        ({"where": {"k": ["x", "y"]}}, [0, 1, 2]),
        ({"where": {"k": ["x"], "n": ["1"]}}, [0]),
        ({"where": {"n": ["2.5"]}}, [1]),
        ({"where": {"n": ["null"]}}, [2]),
        ({"where": {"ok": ["true"]}}, [1]),
        ({"where": {"shop.city": ["Ulm"]}}, [0]),
        ({"where": {"meta.shop.city": ["Ulm"]}}, [0]),
        ({"where": {"a.b": ["c"]}}, [2]),
        ({"where": {"text": ["a red car"]}}, [1]),
        ({"match": "^a red"}, [0, 1]),
        ({"no_match": "(?i)BUS|blue"}, [1]),
        ({"match": "red", "no_match": "bus"}, [1]),
        ({"date_column": "day", "since": "2025-01-02"}, [1, 2]),
        ({"date_column": "day", "until": "2025-01-02"}, [0, 1]),
        ({"date_column": "day", "since": "2025-01-02", "until": "2025-01-02"}, [1]),
        ({"limit": 2}, [0, 1]),
        ({"limit": 9}, [0, 1, 2]),
        ({"sample": 9}, [0, 1, 2]),
    ],
)
def test_condition_keeps(room, conditions, kept):
    report = room.ingest("x.jsonl", ROWS, subset=Subset(**conditions))
    assert room.texts() == [TEXTS[index] for index in kept]
    assert sum(report.excluded.values()) == len(TEXTS) - len(kept)
    assert report.n_rows == len(TEXTS)


@pytest.mark.parametrize(
    ("conditions", "excluded"),
    [
        ({"where": {"k": ["y"]}, "match": "car", "limit": 5}, {"where k": 2}),
        ({"match": "red", "no_match": "bus"}, {"match": 1, "no match": 1}),
        ({"date_column": "day", "since": "2025-01-03"}, {"date": 2}),
        ({"match": "a", "limit": 1}, {"limit": 2}),
        ({"sample": 2}, {"sample": 1}),
        ({}, {}),
    ],
)
def test_rows_left_out_are_counted_by_condition(room, conditions, excluded):
    assert room.ingest("x.jsonl", ROWS, subset=Subset(**conditions)).excluded == excluded


def test_language(room):
    texts = [
        "Where is my parcel? It was due on Friday.",
        "Wo bleibt mein Paket? Es sollte am Freitag kommen.",
        "Danke!",
    ]
    rows = [{"text": text} for text in texts]
    report = room.ingest("x.jsonl", rows, subset=Subset(languages=["en"]))
    assert room.texts() == [texts[0], texts[2]]
    assert report.excluded == {"language": 1}


def test_row_left_out_may_lack_gold(room):
    rows = [{"text": "a", "k": "x", "y": "p"}, {"text": "b", "k": "z", "y": None}]
    report = room.ingest("x.jsonl", rows, gold="y", subset=Subset(where={"k": ["x"]}))
    assert (report.excluded, report.rejects) == ({"where k": 1}, {})


def test_copy_that_is_left_out_is_no_copy(room):
    rows = [{"text": "a", "k": "x"}, {"text": "a", "k": "y"}, {"text": "a", "k": "y"}]
    report = room.ingest("x.jsonl", rows, subset=Subset(where={"k": ["y"]}))
    (record,) = room.records()
    assert (record["source"], record["copies"], record["meta"]) == ("x.jsonl:2", 1, {"k": "y"})
    assert (report.n_docs, report.n_copies, report.excluded) == (1, 1, {"where k": 1})


def test_copies_beyond_a_limit_are_left_out_with_their_text(room):
    rows = [{"text": text} for text in "abab"]
    report = room.ingest("x.jsonl", rows, subset=Subset(limit=1))
    assert (report.n_docs, report.n_copies, report.excluded) == (1, 1, {"limit": 2})


@pytest.mark.parametrize("value", ["yesterday", "", None, 20250101, "2025-13-01", "01/02/2025"])
def test_date_that_cannot_be_read_is_a_reject(room, value):
    rows = [*ROWS, {"text": "d", "day": value}]
    subset = Subset(date_column="day", since="2025-01-01")
    report = room.ingest("x.jsonl", rows, subset=subset)
    assert report.rejects == {"bad date": 1}
    assert repr(value) in room.rejects()[0]["detail"]


def test_missing_date_is_a_reject(room):
    subset = Subset(date_column="day", since="2025-01-01")
    assert room.ingest("x.jsonl", [*ROWS, {"text": "d"}], subset=subset).rejects == {"bad date": 1}


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ({"match": "(red"}, r"'\(red' is no regular expression: missing \)"),
        ({"no_match": "*"}, r"'\*' is no regular expression"),
        (
            {"where": {"shade": ["x"]}},
            "No row has 'shade', which the subset names, but 'text', 'k'",
        ),
        ({"where": {"k.deeper": ["x"]}}, r"No row has 'k\.deeper'"),
        ({"date_column": "when", "since": "2025-01-01"}, "No row has 'when'"),
        ({"date_column": "day", "since": "May"}, "'May' is no ISO date"),
        ({"date_column": "day", "until": "2025-02-30"}, "'2025-02-30' is no ISO date"),
        (
            {"date_column": "day", "since": "2025-02-01", "until": "2025-01-01"},
            "first day, 2025-02-01, is after",
        ),
        ({"date_column": "day"}, "needs a first or last day"),
        ({"since": "2025-01-01"}, "need a date column"),
        ({"limit": 2, "sample": 2}, "not both"),
        ({"sample": 0}, "leaves nothing"),
        ({"languages": ["english"]}, r"can't recognise \['english'\]"),
        ({"match": "green"}, "no text that can be used: 3 left out by 'match'"),
    ],
)
def test_subset_is_refused(room, conditions, message):
    rows = [{**row, "text": row["text"] + " that was here"} for row in ROWS]
    with pytest.raises(UserError, match=message):
        room.ingest("x.jsonl", rows, subset=Subset(**conditions))
    assert not room.out_path.exists()


def test_samples_differ_by_seed_and_keep_the_order(room):
    rows = [{"text": f"text {number:03}"} for number in range(200)]
    samples = set()
    for seed in range(3):
        room.ingest("x.jsonl", rows, subset=Subset(sample=20, seed=seed))
        assert room.texts() == sorted(room.texts())
        samples.add(tuple(room.texts()))
    assert {len(sample) for sample in samples} == {20}
    assert len(samples) == 3


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(1, 12), st.sets(st.integers(0, 99), min_size=1), st.sets(st.integers(100, 150)))
def test_sample_changes_only_where_rows_were_added(room, size, first, added):
    subset = Subset(sample=size)
    room.ingest("x.jsonl", [{"text": str(number)} for number in first], subset=subset)
    before = set(room.texts())
    both = [*added, *first]
    report = room.ingest("x.jsonl", [{"text": str(number)} for number in both], subset=subset)
    after = set(room.texts())
    assert len(after) == min(size, len(both))
    assert {int(text) for text in after - before} <= added
    assert report.n_rows == report.n_docs + sum(report.excluded.values())
