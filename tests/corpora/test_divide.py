import pytest

from spacy_distill.corpora.divide import divide
from spacy_distill.errors import UserError
from spacy_distill.io import write_docs

from .conftest import make_doc, pool_text, read


@pytest.fixture
def corpus(tmp_path):
    docs = [make_doc(pool_text(number), gold=["bug"]) for number in range(200)]
    docs += [make_doc(pool_text(number) + " again") for number in range(40)]
    write_docs(docs, tmp_path / "all")
    return tmp_path / "all"


def texts(path):
    return [doc.text for doc in read(path)]


def test_every_doc_goes_to_one_side(corpus, tmp_path):
    counts = divide(corpus, tmp_path / "a", tmp_path / "b", share=0.3)
    first, second = texts(tmp_path / "a"), texts(tmp_path / "b")
    assert counts == (len(first), len(second))
    assert sorted(first + second) == sorted(texts(corpus))
    assert 0.2 < len(first) / 240 < 0.4


def test_near_duplicates_stay_together(corpus, tmp_path):
    divide(corpus, tmp_path / "a", tmp_path / "b", share=0.5)
    first = set(texts(tmp_path / "a"))
    for number in range(40):
        assert (pool_text(number) in first) == (pool_text(number) + " again" in first)


def test_added_docs_move_no_older_one(corpus, tmp_path):
    divide(corpus, tmp_path / "a", tmp_path / "b", share=0.5)
    before = set(texts(tmp_path / "a"))
    more = [make_doc(pool_text(number)) for number in range(200, 260)]
    write_docs([*read(corpus), *more], tmp_path / "more")
    divide(tmp_path / "more", tmp_path / "a2", tmp_path / "b2", share=0.5)
    assert set(texts(tmp_path / "a2")) & set(texts(corpus)) == before


def test_docs_keep_their_gold(corpus, tmp_path):
    divide(corpus, tmp_path / "a", tmp_path / "b", share=0.5)
    docs = read(tmp_path / "a") + read(tmp_path / "b")
    assert sum("gold" in doc._.distill for doc in docs) == 200


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0, 2.0])
def test_share_out_of_range(corpus, tmp_path, share):
    with pytest.raises(UserError, match=r"between 0\.0 and 1\.0"):
        divide(corpus, tmp_path / "a", tmp_path / "b", share=share)


@pytest.mark.parametrize(
    "docs", [[], ["one text"], ["one and the same text here", "one and the same text here"]]
)
def test_nothing_is_written_if_one_side_would_be_empty(tmp_path, docs):
    write_docs([make_doc(text) for text in docs], tmp_path / "few")
    with pytest.raises(UserError, match="too few, or too alike"):
        divide(tmp_path / "few", tmp_path / "a", tmp_path / "b", share=0.5)
    assert not (tmp_path / "a").exists()
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("all", "b"),
        ("a", "all"),
        ("x", "x"),
        ("x", "./y/../x"),
        ("x", "x/y"),
        ("x/y", "x"),
        ("all/part.spacy", "b"),
        (".", "b"),
    ],
)
def test_places_that_overlap_are_refused(corpus, tmp_path, first, second):
    before = texts(corpus)
    with pytest.raises(UserError, match="need places of their own"):
        divide(corpus, f"{tmp_path}/{first}", f"{tmp_path}/{second}", share=0.5)
    assert texts(corpus) == before
    assert [path.name for path in tmp_path.iterdir()] == ["all"]


def test_link_to_the_corpus_is_the_corpus(corpus, tmp_path):
    (tmp_path / "link").symlink_to(corpus)
    with pytest.raises(UserError, match="need places of their own"):
        divide(corpus, tmp_path / "link", tmp_path / "b", share=0.5)


def test_first_is_not_replaced_if_second_cannot_be(corpus, tmp_path):
    divide(corpus, tmp_path / "a", tmp_path / "b", share=0.3)
    before = texts(tmp_path / "a")
    (tmp_path / "b" / "notes.txt").write_text("mine", encoding="utf8")
    with pytest.raises(UserError, match=r"notes\.txt"):
        divide(corpus, tmp_path / "a", tmp_path / "b", share=0.7)
    assert texts(tmp_path / "a") == before


def test_parts_may_be_single_files(corpus, tmp_path):
    divide(corpus, tmp_path / "a.spacy", tmp_path / "b.spacy", share=0.5)
    assert sorted(texts(tmp_path / "a.spacy") + texts(tmp_path / "b.spacy")) == sorted(
        texts(corpus)
    )
