from datetime import datetime, timezone
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spacy_distill.errors import UserError
from spacy_distill.ingest.parquet import BATCH_SIZE

NOON = datetime(2025, 5, 1, 12, tzinfo=timezone.utc)


@pytest.fixture
def ingest(room):
    def ingest(columns, **options):
        pq.write_table(pa.table(columns), room.path / "t.parquet")
        return room.ingest("x.parquet", (room.path / "t.parquet").read_bytes(), **options)

    return ingest


def test_columns_become_text_id_gold_and_meta(room, ingest):
    columns = {"text": ["a", "b"], "id": [7, 8], "intent": [["x", "y"], ["x"]], "n": [1.5, None]}
    ingest(columns, gold="intent", exclusive=False)
    assert room.texts() == ["a", "b"]
    assert [(x["source"], x["gold"], x["meta"]) for x in room.records()] == [
        ("7", ("x", "y"), {"n": 1.5}),
        ("8", ("x",), {"n": None}),
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (pa.array([NOON], pa.timestamp("ns", "UTC")), "2025-05-01T12:00:00+00:00"),
        (pa.array([1], pa.timestamp("ns")), "1970-01-01T00:00:00"),
        (pa.array([NOON.date()], pa.date32()), "2025-05-01"),
        (pa.array([Decimal("1.50")]), "1.50"),
        (pa.array([b"\xff\x00"]), "<2 bytes>"),
        (pa.array(["café".encode()]), "café"),
        (pa.array([[b"a", b"\xff"]]), ("a", "<1 bytes>")),
        (pa.array([{"a": b"b"}]), {"a": "b"}),
        (pa.array([{"a": {"b": [1]}}]), {"a": {"b": (1,)}}),
        (pa.array(["x"]).dictionary_encode(), "x"),
        (pa.array([2**64 - 1], pa.uint64()), 2**64 - 1),
    ],
)
def test_values_become_plain(room, ingest, column, value):
    ingest({"text": ["a"], "k": column})
    assert room.records()[0]["meta"] == {"k": value}


def test_text_may_be_stored_as_bytes(room, ingest):
    ingest({"text": [b"caf\xc3\xa9", b"caf\xe9"]})
    assert room.texts() == ["café"]
    assert [(x["line"], x["reason"]) for x in room.rejects()] == [(2, "bad encoding")]


def test_id_and_gold_may_be_stored_as_bytes(room, ingest):
    columns = {"text": [b"a", b"b"], "nr": [b"n-1", b"n-2"], "y": [[b"p", b"q"], [b"p"]]}
    ingest(columns, id="nr", gold="y", exclusive=False)
    assert [(x["source"], x["gold"], x["meta"]) for x in room.records()] == [
        ("n-1", ("p", "q"), {}),
        ("n-2", ("p",), {}),
    ]


@pytest.mark.parametrize(
    "bad", [{"text": [b"\xff"]}, {"id": [b"\xff"]}, {"y": [b"\xff"]}, {"y": [[b"p", b"\xff"]]}]
)
def test_bytes_that_are_not_utf8_are_a_reject_where_they_are_needed(room, ingest, bad):
    with pytest.raises(UserError, match="1 bad encoding"):
        ingest({"text": [b"a"], "id": [b"n-1"], "y": [b"p"], "k": ["seen"], **bad}, gold="y")
    (reject,) = room.rejects()
    (name,) = bad
    assert f"'{name}' is not UTF-8: " in reject["detail"]
    assert "byte 0xff in position 0" in reject["detail"]
    assert "k: seen" in reject["row"]


def test_string_that_is_not_utf8_is_a_reject(room, ingest):
    bad = pa.array([b"a", b"\xff", b"c"]).view(pa.string())
    ingest({"text": bad})
    assert [(x["line"], x["reason"]) for x in room.rejects()] == [(2, "bad encoding")]
    assert room.texts() == ["a", "c"]


def test_number_as_text_is_a_reject_that_shows_the_row(room, ingest):
    with pytest.raises(UserError, match=r"2 not text \(x.parquet:1: 'text' is 1\)"):
        ingest({"text": [1, 2], "k": ["x", "y"]})
    assert room.rejects()[0]["row"] == "text: 1, k: x"


def test_rows_are_counted_through_all_batches(room, ingest):
    n_rows = 2 * BATCH_SIZE + 1
    report = ingest({"text": [f"text {number}" for number in range(n_rows)]})
    assert report.n_docs == n_rows
    assert room.records()[-1]["source"] == f"x.parquet:{n_rows}"


def test_two_columns_of_one_name_are_an_error(room):
    table = pa.table([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    pq.write_table(table, room.path / "x.parquet")
    with pytest.raises(UserError, match="two columns of one name"):
        room.ingest("x.parquet", (room.path / "x.parquet").read_bytes())
