from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokenizer import Tokenizer
from spacy.tokens import DocBin, Span
from spacy.vocab import Vocab

from spacy_distill.attrs import get_distill
from spacy_distill.io import read_docs, write_docs

TOKENIZER = Tokenizer(Vocab())
VALUES = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text()
RECORDS = st.dictionaries(st.text(), VALUES | st.tuples(VALUES, VALUES), max_size=4)


def make_doc(text, **record):
    doc = TOKENIZER(text)
    get_distill(doc).update(record)
    return doc


def make_docs(n):
    return [make_doc(f"text {number}", source=str(number)) for number in range(n)]


def sources(docs):
    return [get_distill(doc)["source"] for doc in docs]


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(min_size=1), RECORDS), max_size=4))
def test_bytes_are_those_of_docbin(tmp_path_factory, rows):
    docs = [make_doc(text, meta=record) for text, record in rows]
    path = tmp_path_factory.mktemp("io") / "docs.spacy"
    write_docs(docs, path)
    assert path.read_bytes() == DocBin(docs=docs, store_user_data=True).to_bytes()


def test_docs_are_those_of_docbin(tmp_path):
    doc = make_doc("one two three", answers=[{"outcome": "ok"}])
    doc.cats = {"bug": 0.5}
    doc.ents = [Span(doc, 0, 1, label="FIRST")]
    doc.spans["sc"] = [Span(doc, 1, 3, label="REST")]
    write_docs([doc, make_doc("four")], tmp_path / "docs.spacy")
    docbin = DocBin().from_disk(tmp_path / "docs.spacy")
    for ours, theirs in zip(read_docs(tmp_path), docbin.get_docs(Vocab()), strict=True):
        assert ours.to_json() == theirs.to_json()
        assert ours.user_data == theirs.user_data


def test_docs_without_user_data_are_read(tmp_path):
    DocBin(docs=make_docs(2)).to_disk(tmp_path / "plain.spacy")
    assert [doc.text for doc in read_docs(tmp_path)] == ["text 0", "text 1"]


def test_arrays_are_kept(tmp_path):
    doc = make_doc("a text", meta={"vector": TOKENIZER.vocab.vectors.data[:0]})
    write_docs([doc], tmp_path / "docs.spacy")
    (read,) = read_docs(tmp_path)
    assert get_distill(read)["meta"]["vector"].shape == (0, 0)


def test_each_shard_has_a_vocabulary_of_its_own(tmp_path):
    write_docs(make_docs(5), tmp_path / "docs", shard_size=2)
    vocabs = [doc.vocab for doc in read_docs(tmp_path / "docs")]
    assert [vocab is vocabs[0] for vocab in vocabs] == [True, True, False, False, False]
    assert "text" in vocabs[0].strings
    assert "4" not in vocabs[0].strings


def test_a_given_vocabulary_is_used(tmp_path):
    write_docs(make_docs(3), tmp_path / "docs", shard_size=2)
    vocab = Vocab()
    assert all(doc.vocab is vocab for doc in read_docs(tmp_path / "docs", vocab))


def test_shards_hold_the_docs_in_order(tmp_path):
    for n, files in ((0, 1), (1, 1), (3, 1), (4, 2), (6, 2), (7, 3)):
        assert write_docs(make_docs(n), tmp_path / "docs", shard_size=3) == n
        assert len(list((tmp_path / "docs").iterdir())) == files
        assert sources(read_docs(tmp_path / "docs")) == [str(number) for number in range(n)]


def test_write_holds_one_shard_at_a_time(tmp_path):
    alive = []

    def stream():
        for number in range(9):
            alive.append(len(list(tmp_path.rglob("*.spacy"))))
            yield make_doc(f"text {number}")

    write_docs(stream(), tmp_path / "docs", shard_size=3)
    assert alive == [0, 0, 0, 1, 1, 1, 2, 2, 2]
