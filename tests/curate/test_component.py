import pytest
from spacy.util import load_config, load_model_from_config

from spacy_distill.attrs import get_distill
from spacy_distill.curate.component import Curator
from spacy_distill.curate.filters.length import create_length_filter
from spacy_distill.errors import UserError

from .conftest import CONFIG, make_doc


@pytest.fixture
def curator():
    filters = {
        "short": create_length_filter(min_chars=0, max_chars=10, min_words=0),
        "long": create_length_filter(min_chars=5, max_chars=99, min_words=0),
    }
    return Curator("curator", filters=filters)


def test_verdicts_in_the_order_of_the_filters(curator):
    verdicts = curator(make_doc("abc"))._.distill["verdicts"]
    assert [(v["filter"], v["keep"]) for v in verdicts] == [("short", True), ("long", False)]


def test_verdicts_are_replaced(curator):
    doc = curator(curator(make_doc("abc")))
    assert len(doc._.distill["verdicts"]) == 2


def test_nothing_else_is_changed(curator):
    doc = make_doc("abc", cats={"a": 0.3}, gold=["a"], meta={"n": 1})
    before = {**get_distill(doc)}
    assert curator(doc) is doc
    after = dict(get_distill(doc))
    del after["verdicts"]
    assert (after, doc.cats, doc.text) == (before, {"a": 0.3}, "abc")


def test_pipe_keeps_all_docs_in_order(curator):
    texts = ["a", "a text that is far too long", "b"]
    assert [doc.text for doc in curator.pipe(map(make_doc, texts))] == texts


def test_a_block_without_function_is_refused():
    with pytest.raises(UserError, match=r"filter 'length' of 'curator' is \{'min_chars': 3\}"):
        Curator("curator", filters={"length": {"min_chars": 3}})


def test_config_loads_as_a_pipeline():
    nlp = load_model_from_config(load_config(CONFIG))
    verdicts = {v["filter"]: v for v in nlp("n/a")._.distill["verdicts"]}
    assert nlp.pipe_names == ["curator"]
    assert list(verdicts) == list(nlp.get_pipe("curator").filters)
    assert not verdicts["junk"]["keep"]
