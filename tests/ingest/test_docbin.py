import pytest
from spacy.tokens import Doc, DocBin

from spacy_distill.errors import UserError
from spacy_distill.ingest import Subset, TextStats, ingest
from spacy_distill.ingest.docs import make_tokenizer


@pytest.fixture
def write(room):
    """Write Docs as a `.spacy` file and return its bytes."""

    def write(*docs, store_user_data=True):
        docbin = DocBin(docs=docs, store_user_data=store_user_data)
        return docbin.to_bytes()

    return write


@pytest.fixture(scope="module")
def make_doc():
    tokenizer, _ = make_tokenizer("xx")

    def make_doc(text, cats=(), **user_data):
        doc = tokenizer(text)
        doc.cats = dict(cats)
        doc.user_data.update(user_data)
        return doc

    return make_doc


def test_text_and_user_data_are_kept(room, write, make_doc):
    room.ingest("x.spacy", write(make_doc("It's  a text.", channel="chat", llm_io={"llm": {}})))
    assert room.texts() == ["It's  a text."]
    (record,) = room.records()
    assert (record["source"], record["meta"]) == ("x.spacy:1", {"channel": "chat"})


def test_extensions_are_metadata(room, write, make_doc):
    Doc.set_extension("shop", default="")
    doc = make_doc("a")
    doc._.shop = "north"
    content = write(doc)
    Doc.remove_extension("shop")
    room.ingest("x.spacy", content)
    assert room.records()[0]["meta"] == {"shop": "north"}


def test_docs_without_user_data(room, write, make_doc):
    room.ingest("x.spacy", write(make_doc("a"), store_user_data=False))
    assert room.texts() == ["a"]


def test_cats_are_gold_from_half_on(room, write, make_doc):
    docs = [make_doc("a", {"x": 0.5, "y": 0.49}), make_doc("b", {"x": 0.1}), make_doc("c")]
    room.ingest("x.spacy", write(*docs), gold="cats", exclusive=False)
    assert [record["gold"] for record in room.records()] == [("x",), ()]
    assert [(x["line"], x["reason"]) for x in room.rejects()] == [(3, "no gold")]


def test_cats_are_no_metadata_without_gold(room, write, make_doc):
    room.ingest("x.spacy", write(make_doc("a", {"x": 1.0})))
    assert room.records()[0]["meta"] == {}


def test_user_data_may_be_gold(room, write, make_doc):
    room.ingest("x.spacy", write(make_doc("a", label="x")), gold="label")
    assert room.records()[0]["gold"] == ("x",)


def test_corpus_of_ingest_is_read_again(room):
    rows = [{"id": "1", "text": "a", "k": 1, "y": "p"}, {"id": "2", "text": "b", "k": 2, "y": "q"}]
    room.ingest("x.jsonl", rows, gold="y")
    first = room.records()
    subset = Subset(where={"k": ["2"]})
    report = ingest(room.out_path, room.path / "again", lang="xx", gold="gold", subset=subset)
    assert report.excluded == {"where k": 1}
    room.out_path = room.path / "again"
    assert room.records() == first[1:]


@pytest.fixture
def again(room):
    """Ingest a corpus of ingest a second time."""

    def again(**options):
        source, room.out_path = room.out_path, room.path / "again"
        return ingest(source, room.out_path, lang="xx", **options)

    return again


def test_copies_of_an_earlier_ingest_are_kept(room, again):
    room.ingest("x.jsonl", [{"text": text} for text in "abaa"])
    stats = TextStats()
    report = again(stats=stats)
    assert [record["copies"] for record in room.records()] == [2, 0]
    assert (report.n_rows, report.n_docs, report.n_copies) == (2, 2, 0)
    assert (stats.n_copies, stats.n_copied) == (2, 1)


def test_copies_of_merged_docs_are_added(room, write, make_doc):
    docs = [make_doc(text) for text in "aab"]
    for doc, copies in zip(docs, (1, 2, 5), strict=True):
        doc._.distill = {"copies": copies}
    report = room.ingest("x.spacy", write(*docs))
    assert [record["copies"] for record in room.records()] == [1 + 2 + 1, 5]
    assert (report.n_rows, report.n_docs, report.n_copies) == (3, 2, 1)


def test_copies_of_a_text_that_is_left_out_go_with_it(room, again):
    room.ingest("x.jsonl", [{"text": text} for text in "abb"])
    report = again(subset=Subset(limit=1))
    assert [record["copies"] for record in room.records()] == [0]
    assert (report.n_rows, report.n_docs, report.excluded) == (2, 1, {"limit": 1})


def test_copies_of_a_doc_with_other_gold_are_not_added(room, write, make_doc):
    docs = [make_doc("a", label="x"), make_doc("a", label="y")]
    for doc in docs:
        doc._.distill = {"copies": 3}
    room.ingest("x.spacy", write(*docs), gold="label")
    assert [record["copies"] for record in room.records()] == [3]


def test_metadata_named_like_the_id_is_read_again(room, again):
    room.ingest("x.jsonl", [{"text": "a", "id": ["b"]}])
    first = room.records()
    again()
    assert room.records() == first


def test_corpus_is_not_replaced_by_itself(room):
    room.ingest("x.jsonl", [{"text": "a"}])
    with pytest.raises(UserError, match="would overwrite its source"):
        ingest(room.out_path, room.out_path)


@pytest.mark.parametrize("cut", [1, 30])
def test_damaged_file_is_an_error(room, write, make_doc, cut):
    with pytest.raises(UserError, match=r"x\.spacy is not a readable"):
        room.ingest("x.spacy", write(make_doc("a"))[:-cut])
