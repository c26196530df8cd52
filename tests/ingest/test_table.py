import gzip

import pytest

from spacy_distill.errors import UserError
from spacy_distill.ingest.table import find_delimiter


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("id,text\n", ","),
        ("id;text\n", ";"),
        ("id\ttext\n", "\t"),
        ('id;"a,b,c";text\n', ";"),
        ("text\n", ","),
    ],
)
def test_delimiter_is_that_of_the_header(header, delimiter):
    assert find_delimiter(header) == delimiter


@pytest.mark.parametrize(
    ("name", "tab"), [("x.csv", ","), ("x.csv", "\t"), ("x.tsv", "\t"), ("X.CSV", ";")]
)
def test_columns_become_text_id_and_meta(room, name, tab):
    room.ingest(name, "id,text,channel\n7,Hello there,chat\n".replace(",", tab))
    (record,) = room.records()
    assert room.texts() == ["Hello there"]
    assert record["source"] == "7"
    assert record["meta"] == {"channel": "chat"}


@pytest.mark.parametrize("name", ["x.tsv", "X.TSV", "x.tsv.gz"])
def test_tsv_is_cut_at_tabs_whatever_its_header_holds(room, name):
    content = b"text\tshop, town, country; or so; or not\nHello, there\tMay, Ulm, DE\n"
    room.ingest(name, gzip.compress(content) if name.endswith(".gz") else content)
    assert room.texts() == ["Hello, there"]
    assert room.records()[0]["meta"] == {"shop, town, country; or so; or not": "May, Ulm, DE"}


def test_tsv_with_commas_names_its_one_column(room):
    with pytest.raises(UserError, match="no column 'text'; it has 'id,text'"):
        room.ingest("x.tsv", "id,text\n1,a\n")


def test_byte_order_mark_windows_lines_and_quoted_breaks(room):
    content = 'text;k\r\n"two\r\nlines; here";1\r\nlast;2\r\n'
    room.ingest("x.csv", b"\xef\xbb\xbf" + content.encode("utf8"))
    assert room.texts() == ["two\r\nlines; here", "last"]


def test_nameless_columns_are_left_out(room):
    room.ingest("x.csv", ",text,,\n0,a,,\n1,b,,\n")
    assert [record["meta"] for record in room.records()] == [{}, {}]


def test_source_counts_lines_not_records(room):
    room.ingest("x.csv", 'text\n"a\nb"\n\nc\n')
    assert [record["source"] for record in room.records()] == ["x.csv:2", "x.csv:5"]


@pytest.mark.parametrize(
    ("row", "reason", "detail"),
    [
        (b"caf\xe9,1", "bad encoding", "byte 0xE9"),
        (b"n\0ul,1", "bad encoding", "NUL byte at character 2"),
        (b"short", "not CSV", "1 cells, but the header names 2"),
        (b"a, stray comma,1", "not CSV", "3 cells"),
        (b'"quoted" badly,1', "not CSV", "expected after"),
        (b",1", "empty", "''"),
        (b"x" * 200_000 + b",1", "over length", "200,000 characters, at most 100,000"),
        (b'"' + b"word " * 1_000_000 + b'",1', "over length", "field limit"),
    ],
)
def test_bad_record_is_rejected_with_its_line(room, row, reason, detail):
    room.ingest("x.csv", b"text,k\nfirst,1\n" + row + b"\nlast,2\n")
    (reject,) = room.rejects()
    assert (reject["line"], reject["reason"]) == (3, reason)
    assert detail in reject["detail"]
    assert len(reject["row"]) <= 500
    assert room.texts() == ["first", "last"]


def test_open_quotation_mark_costs_its_own_line_only(room):
    report = room.ingest("x.csv", 'id,text\n1,first\n2,"never closed\n3,third\n4,"5 inch"\n')
    (reject,) = room.rejects()
    assert (reject["line"], reject["reason"]) == (3, "not CSV")
    assert reject["row"] == '2,"never closed'
    assert room.texts() == ["first", "third", "5 inch"]
    assert report.n_rows == 4


def test_lines_after_a_broken_record_keep_their_numbers(room):
    room.ingest("x.csv", 'text\nfirst\n"open\n\nthird\n')
    assert room.rejects()[0]["line"] == 3
    assert [record["source"] for record in room.records()] == ["x.csv:2", "x.csv:5"]


def test_long_text_in_a_cell_of_many_lines_is_one_reject(room):
    cell = '"' + "a line of the text\n" * 20_000 + '"'
    report = room.ingest("x.csv", f"text,k\n{cell},1\nlast,2\n")
    assert report.rejects == {"over length": 1}
    assert room.texts() == ["last"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_is_read(room, end):
    room.ingest("x.csv", end.join(["text,k", "first,1", '"two, parts",2', ""]))
    assert room.texts() == ["first", "two, parts"]


def test_cell_may_be_as_long_as_a_text(room):
    room.ingest("x.csv", "text\n" + "word " * 40_000 + "\n", max_chars=300_000)
    assert len(room.texts()[0]) == 200_000
