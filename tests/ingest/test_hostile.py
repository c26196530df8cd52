"""Files as they should not be: each is refused in clear words, or its bad rows are counted."""

import contextlib
import gzip
import io
import os
import socket
import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_distill.cli import ingest as _  # noqa: F401  (registers the command)
from spacy_distill.cli.app import distill_app
from spacy_distill.errors import UserError
from spacy_distill.ingest import ingest


def parquet(**columns):
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


TABLE = b"text,id\nfirst,1\nsecond,2\n"
ZIPPED = gzip.compress(b"".join(b"%d text\n" % (number**3) for number in range(9_999)))
PARQUET = parquet(text=[f"text {number**3}" for number in range(999)])
DOCBIN = DocBin().to_bytes()

REFUSED = {
    "nothing": ("x.jsonl", b"", "empty; it must have one text a row"),
    "mark alone": ("x.jsonl", b"\xef\xbb\xbf", "no rows"),
    "blank lines": ("x.txt", b"\n \r\n\t\n", "no rows"),
    "blank table": ("x.csv", b"\n\n", "line 1 must name the columns"),
    "header alone": ("x.csv", b"text,id\r\n", "no rows"),
    "wrong columns": ("x.csv", b"body,nr\na,1\n", "no column 'text'; it has 'body', 'nr'"),
    "wrong keys": ("x.jsonl", b'{"body": "a"}\n{"body": "b"}\n', "no column 'text'"),
    "no header": ("x.csv", b"1,Hello there\n2,Good bye\n", "no column 'text'"),
    "header in single quotes": ("x.csv", b"'text','id'\na,1\n", "it has \"'text'\""),
    "header with an open quote": ("x.csv", b'"text,id\na,1\n', "line 1 must name the columns"),
    "header with a stray quote": ("x.csv", b'"te"xt,id\na,1\n', "line 1 must name the columns"),
    "column twice": ("x.csv", b"text,text\na,b\n", "two columns of one name"),
    "UTF-16 with mark": ("x.csv", TABLE.decode().encode("utf-16"), "UTF-16"),
    "UTF-16 without": ("x.txt", "a text".encode("utf-16-be"), "UTF-16"),
    "UTF-32": ("x.jsonl", b'{"text": "a"}'.decode().encode("utf-32"), "UTF-16 or no text"),
    "UTF-16 compressed": ("x.txt.gz", gzip.compress("a".encode("utf-16")), "UTF-16"),
    "NUL bytes alone": ("x.txt", b"\0" * 5_000, "UTF-16 or no text"),
    "Latin-1 header": ("x.csv", b"text,caf\xe9\na,b\n", "line 1 must name the columns"),
    "JSON array": ("x.jsonl", b'[{"text": "a"}, {"text": "b"}]', "is a JSON array"),
    "JSON array of many lines": (
        "x.jsonl",
        b'[\n{"text": "a"},\n{"text": "b"}\n]',
        "is a JSON array",
    ),
    "JSON in a table": ("x.csv", b'{"text": "a"}\n{"text": "b"}\n', "no column 'text'"),
    "table in JSON": ("x.jsonl", TABLE, "3 not JSON"),
    "numbers": ("x.jsonl", b'{"text": 1}\n{"text": 2.5}\n', "2 not text"),
    "numbers in Parquet": ("x.parquet", parquet(text=[1, 2]), "2 not text"),
    "Parquet without the column": ("x.parquet", parquet(body=["a"]), "no column 'text'"),
    "Parquet without rows": ("x.parquet", parquet(text=pa.array([], pa.string())), "no rows"),
    "text as Parquet": ("x.parquet", TABLE, "no Parquet file, or damaged"),
    "cut Parquet": ("x.parquet", PARQUET[:-100], "no Parquet file, or damaged"),
    "Parquet with a hole": (
        "x.parquet",
        PARQUET[:50] + bytes(500) + PARQUET[550:],
        "no Parquet file, or damaged",
    ),
    "cut gzip": ("x.txt.gz", ZIPPED[:-2_000], "can't be read to its end"),
    "gzip with a hole": ("x.txt.gz", ZIPPED[:900] + bytes(99) + ZIPPED[999:], "can't be read"),
    "no gzip": ("x.jsonl.gz", b'{"text": "a"}\n', "can't be read to its end: Not a gzipped"),
    "gzip of nothing": ("x.txt.gz", gzip.compress(b""), "no rows"),
    "text as .spacy": ("x.spacy", TABLE, "not a readable .spacy file"),
    "cut .spacy": ("x.spacy", DOCBIN[:-5], "not a readable .spacy file"),
    ".spacy of nothing": ("x.spacy", DOCBIN, "no rows"),
    "unknown ending": ("x.docx", b"PK", "unknown ending; ingest reads .jsonl"),
    "no ending": ("x", b"a", "unknown ending; ingest reads .jsonl"),
    "compressed Parquet": ("x.parquet.gz", b"a", "unknown ending; ingest reads .jsonl"),
}

COUNTED = {
    "ragged table": ("x.csv", b"text,id\na\nb,2\nc,3,4\n,5\n", {"not CSV": 2, "empty": 1}, 1),
    "stray quotes": ("x.csv", b'text,id\n"a" b,1\n"c,2\nd "e",3\nf,4\n', {"not CSV": 2}, 2),
    "odd header": ("x.csv", b'"text","the ""id, or so"""\na,1\n', {}, 1),
    "space before a quote": ("x.csv", b'text, "id"\na, "1"\n', {}, 1),
    "byte order mark": ("x.csv", b"\xef\xbb\xbf" + TABLE, {}, 2),
    "carriage returns": ("x.csv", TABLE.replace(b"\n", b"\r"), {}, 2),
    "mixed line ends": ("x.csv", b'text,id\r\na,1\rb,2\n"c\r\nd",3\r\n', {}, 3),
    "carriage returns in JSON": ("x.jsonl", b'{"text": "a"}\r{"text": "b"}\r\r', {}, 2),
    "NUL bytes in a table": ("x.csv", b"text,id\na\0,1\nb,2\n", {"bad encoding": 1}, 1),
    "NUL bytes in JSON": ("x.jsonl", b'{"text": "a"}\n\0\0\0\n', {"bad encoding": 1}, 1),
    "bad UTF-8": ("x.txt", b"caf\xe9\ngood\n\xff\xfe\n", {"bad encoding": 2}, 1),
    "picture": ("x.txt", b"fine\n\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\n", {"bad encoding": 3}, 2),
    "lone surrogate": ("x.jsonl", b'{"text": "\\ud800"}\n{"text": "a"}', {"bad encoding": 1}, 1),
    "odd JSON": (
        "x.jsonl",
        b'{"text": "a", "n": NaN, "i": ' + b"9" * 5_000 + b"}\n{}\n[]\nnull\n" + b"[" * 9_999,
        {"no such column": 1, "not JSON": 3},
        1,
    ),
    "half numbers": ("x.jsonl", b'{"text": 1}\n{"text": null}\n{"text": "a"}', {"not text": 2}, 1),
    "mixed Parquet": ("x.parquet", parquet(text=["a", None, "", "b"]), {"not text": 1, "empty": 1}, 2),
}  # fmt: skip


@pytest.fixture
def command(room):
    def command(source):
        arguments = ["ingest", str(source), str(room.out_path), "--report", str(room.path / "r")]
        arguments += ["--lang", "xx"]
        return CliRunner().invoke(distill_app, arguments)

    return command


def check_refused(room, command, source, message):
    with pytest.raises(UserError) as error:
        ingest(source, room.out_path, lang="xx")
    assert message in str(error.value)
    assert source.name in str(error.value)
    result = command(source)
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "".join(message.split()) in "".join(result.output.split())
    assert not room.out_path.exists()


@pytest.mark.parametrize("case", REFUSED)
def test_file_is_refused(room, command, case):
    name, content, message = REFUSED[case]
    check_refused(room, command, room.write(name, content), message)


@pytest.mark.parametrize("case", COUNTED)
def test_bad_rows_are_counted(room, command, case):
    name, content, rejects, n_docs = COUNTED[case]
    report = room.ingest(name, content)
    assert dict(report.rejects) == rejects
    assert report.n_docs == len(room.docs()) == n_docs
    assert report.n_rows == n_docs + sum(rejects.values()) == n_docs + len(room.rejects())
    result = command(room.path / name)
    assert result.exit_code == 0, result.output
    assert f"holds {n_docs} Docs" in " ".join(result.output.split())


def test_folder_named_like_a_file_is_refused(room, command):
    (room.path / "x.jsonl").mkdir()
    check_refused(room, command, room.path / "x.jsonl", "is a folder without a file")


def test_folder_named_like_a_file_is_read_as_a_folder(room):
    (room.path / "x.jsonl").mkdir()
    (room.path / "x.jsonl" / "a.txt").write_text("a\n", encoding="utf8")
    assert ingest(room.path / "x.jsonl", room.out_path).n_docs == 1


def test_pipe_is_refused(room, command):
    os.mkfifo(room.path / "x.jsonl")
    check_refused(room, command, room.path / "x.jsonl", "no regular file")


def test_socket_is_refused(room, command, monkeypatch):
    monkeypatch.chdir(room.path)  # a socket's path may not be long
    with socket.socket(socket.AF_UNIX) as end:
        end.bind("x.jsonl")
        check_refused(room, command, room.path / "x.jsonl", "no regular file")


def test_link_in_a_circle_is_missing(room, command):
    (room.path / "x.jsonl").symlink_to(room.path / "x.jsonl")
    with pytest.raises(FileNotFoundError, match=r"No file or folder .*x\.jsonl"):
        ingest(room.path / "x.jsonl", room.out_path)
    assert command(room.path / "x.jsonl").exit_code == 1


@pytest.fixture
def no_root():
    """Give up the right to read everything, where the tests run with it."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


@pytest.mark.parametrize("name", ["x.txt", "folder/x.txt"])
def test_file_that_may_not_be_read_is_refused(tmp_path_factory, request, name):
    folder = tmp_path_factory.mktemp("locked")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("a\n", encoding="utf8")
    (folder / name).chmod(0)
    request.getfixturevalue("no_root")
    with pytest.raises(UserError, match=r"can't be read.*Permission denied"):
        ingest(folder / name.partition("/")[0], folder / "out")


def test_name_that_is_not_utf8_is_refused(room, command):
    source = room.path / os.fsdecode(b"caf\xe9.txt")
    source.write_text("a\n", encoding="utf8")
    with pytest.raises(UserError, match=r"caf\\udce9\.txt: a name that is not UTF-8"):
        ingest(source, room.out_path, lang="xx")


def test_name_that_is_not_utf8_is_named_in_a_folder(room):
    folder = room.path / "in"
    folder.mkdir()
    for name in (b"caf\xe9.txt", b"a.txt"):
        (folder / os.fsdecode(name)).write_text("a\n", encoding="utf8")
    report = ingest(folder, room.out_path)
    assert report.skipped == {"a name that is not UTF-8": ["caf\\udce9.txt"]}


LONG = 50_000_000


@pytest.mark.parametrize(
    ("name", "head", "tail"),
    [
        ("x.txt", "good\n", "\nlast\n"),
        ("x.jsonl", '{"text": "good"}\n{"text": "', '"}\n{"text": "last"}\n'),
        ("x.csv", "text,id\ngood,1\n", ",2\nlast,3\n"),
        ("x.csv", 'text,id\ngood,1\n"', '",2\nlast,3\n'),
    ],
)
def test_line_of_fifty_megabytes_is_a_reject(room, name, head, tail):
    source = room.write(name, head + "word " * (LONG // 5) + tail)
    tracemalloc.start()
    report = ingest(source, room.out_path, lang="xx", rejects_path=room.rejects_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert dict(report.rejects) == {"over length": 1}
    assert room.texts() == ["good", "last"]
    assert peak < 3 * LONG


def test_file_that_changes_while_it_is_read_is_an_error(room):
    source = room.write("x.txt", "a\nb\n")

    def track(items, *, total=None, desc=""):
        if desc == "Ingest":
            source.write_text("a\n", encoding="utf8")
        return items

    with pytest.raises(UserError, match="changed while it was read: 1 texts are missing"):
        ingest(source, room.out_path, lang="xx", track=track)
    assert not room.out_path.exists()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(["x.jsonl", "x.csv", "x.tsv", "x.txt", "x.txt.gz", "x.parquet", "x.spacy"]),
    st.one_of(
        st.binary(max_size=60),
        st.text('text,;"\n\r\0\t{}:1 \\é', max_size=60).map(lambda x: b"text\ngood\n" + x.encode()),
    ),
)
def test_any_bytes_are_refused_or_counted(room, name, content):
    with contextlib.suppress(UserError):
        report = room.ingest(name, content)
        assert report.n_rows == report.n_docs + report.n_copies + len(room.rejects())
        assert report.n_docs == len(room.docs())
