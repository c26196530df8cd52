import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_distill.ingest import Subset, TextStats, ingest
from spacy_distill.ingest.lengths import Lengths
from spacy_distill.ingest.tally import MAX_COLUMNS, MAX_VALUES, MetaTally


@pytest.fixture
def stats_of(room):
    def stats_of(rows, **options):
        stats = TextStats()
        source = room.write("x.jsonl", rows)
        ingest(source, stats=stats, **options)
        return stats.to_json()

    return stats_of


def test_lengths_copies_and_tokens(stats_of):
    found = stats_of([{"text": "one two"}, {"text": "three"}, {"text": "one two"}, {"text": ""}])
    assert (found["texts"], found["copies"]) == (2, {"n": 1, "of_texts": 1})
    assert found["characters"] == {"min": 5, "p5": 5, "median": 5, "p95": 7, "max": 7, "total": 12}
    assert found["words"] == {"min": 1, "p5": 1, "median": 1, "p95": 2, "max": 2, "total": 3}
    assert found["estimated_tokens"] == 3


def test_columns_are_counted_by_value(stats_of):
    rows = [
        {"text": f"text {number}", "k": "ab"[number % 3 == 0], "meta": {"shop": {"n": number}}}
        for number in range(60)
    ]
    assert stats_of(rows)["columns"] == {
        "k": {"n": 60, "n_values": 2, "top": {"a": 40, "b": 20}},
        "shop.n": {"n": 60, "n_values": f"over {MAX_VALUES}", "top": {}},
    }


def test_only_ten_values_are_named(stats_of):
    rows = [{"text": str(number), "k": number % 12} for number in range(24)]
    column = stats_of(rows)["columns"]["k"]
    assert (column["n_values"], len(column["top"])) == (12, 10)


def test_columns_beyond_a_hundred_are_only_counted():
    tally = MetaTally()
    tally.add({f"k{number}": 1 for number in range(MAX_COLUMNS + 5)})
    assert (len(tally.columns), tally.n_left_out) == (MAX_COLUMNS, 5)


def test_languages_of_a_sample(stats_of, monkeypatch):
    monkeypatch.setattr("spacy_distill.ingest.stats.N_LANGUAGES", 3)
    rows = [{"text": f"Where is my parcel number {number}? It is late."} for number in range(5)]
    assert stats_of(rows)["languages"] == {"n": 3, "texts": {"en": 3}}


def test_stats_are_of_the_texts_that_are_kept(stats_of):
    found = stats_of([{"text": "short"}, {"text": "much longer"}], subset=Subset(match="short"))
    assert (found["texts"], found["characters"]["max"]) == (1, 5)


def test_stats_and_corpus_in_one_run(room):
    stats = TextStats()
    room.ingest("x.jsonl", [{"text": "a"}], stats=stats)
    assert (room.texts(), stats.n_texts) == (["a"], 1)


def test_stats_are_json(stats_of):
    rows = [{"text": "a", "k": [1, None], "j": float("nan")}]
    assert json.loads(json.dumps(stats_of(rows), allow_nan=False))["columns"]["j"]["top"] == {
        "nan": 1
    }


@given(st.lists(st.integers(0, 30), min_size=1, max_size=50))
def test_quantiles_are_lengths_that_enough_texts_do_not_exceed(values):
    lengths = Lengths()
    for value in values:
        lengths.add(value)
    found = lengths.to_json()
    assert (found["min"], found["max"], found["total"]) == (min(values), max(values), sum(values))
    for name, share in (("p5", 0.05), ("median", 0.5), ("p95", 0.95)):
        assert sum(value <= found[name] for value in values) >= share * len(values) - 1e-9
        assert sum(value < found[name] for value in values) < share * len(values) + 1e-9


def test_no_lengths_without_a_text():
    assert Lengths().to_json() == {}
