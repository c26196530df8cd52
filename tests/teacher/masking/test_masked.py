"""Whatever the text: it comes back whole, token by token, and nothing that was found is left."""

import re
from itertools import pairwise

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Span

from spacy_distill.teacher.masking.mask import Mask
from spacy_distill.teacher.masking.masked import Masked
from spacy_distill.teacher.masking.strings import KINDS, find_strings

from .test_strings import PRIVATE

REGIONS = ("US", "DE")
NLP = spacy.blank("en")
PIECES = st.one_of(
    st.sampled_from([string for _, string in PRIVATE]),
    st.sampled_from(
        ["[EMAIL_1]", "email_12", "[NAME 1]", "\\[", "]", "[", "_1", "'s", "s", " ", "\n"]
    ),
    st.text(max_size=6),
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)
PLACEHOLDER = re.compile(r"\[(?:EMAIL|IBAN|CARD|IP|PHONE|NAME)_\d+\]")


@st.composite
def masked_docs(draw):
    text = draw(TEXTS)
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    names = list(zip(edges[::2], edges[1::2], strict=False))
    found = find_strings(text, KINDS, REGIONS, names)
    return Masked(NLP.make_doc(text), found), [text[x.start : x.end] for x in found]


@given(masked_docs())
def test_masked_text_comes_back(case):
    masked, _ = case
    assert masked.unmask(masked.doc.text) == masked.original.text


@given(masked_docs())
def test_masked_text_holds_nothing_that_was_found(case):
    masked, strings = case
    for string in strings:
        assert re.search(rf"(?<!\w){re.escape(string)}(?!\w)", masked.doc.text) is None


@given(masked_docs(), st.data())
def test_masked_shards_are_those_of_the_original(case, data):
    masked, _ = case
    n = len(masked.doc)
    cuts = [0, *sorted(data.draw(st.sets(st.integers(1, max(n - 1, 1)), max_size=3))), n]
    spans = [masked.doc[a:b] for a, b in pairwise(cuts) if a < b <= n]
    shards = [span.as_doc() for span in spans]
    if not shards:
        return
    originals = masked.original_shards(shards)
    assert "".join(x.text_with_ws for x in originals) == masked.original.text_with_ws
    assert [masked.unmask(x.text) for x in shards] == [x.text for x in originals]


@given(st.lists(st.sampled_from([string for _, string in PRIVATE]), min_size=1, max_size=5))
def test_masked_strings_are_counted_once_each(strings):
    text = " ; ".join(strings)
    masked = Mask(KINDS, ("US", "GB", "DE", "FR", "IN")).mask(NLP.make_doc(text))
    assert set(PLACEHOLDER.sub("", masked.doc.text)) <= set(" ;")
    assert masked.counts["texts"] == 1
    assert masked.counts.total() == 1 + len(set(strings))


def test_masked_is_the_doc_itself_where_nothing_is_private():
    doc = NLP("Nothing here")
    masked = Mask(KINDS, REGIONS).mask(doc)
    assert masked.doc is doc
    assert masked.counts == {}
    assert masked.original_shards([doc]) == [doc]


def test_masked_doc_keeps_entities_and_has_no_user_data():
    doc = NLP("Ask Anna Smith of Acme (anna@example.com) today")
    doc.ents = [Span(doc, 1, 3, "PERSON"), Span(doc, 4, 5, "ORG", kb_id="Q1")]
    doc.user_data["mine"] = "anna@example.com"
    masked = Masked(doc, find_strings(doc.text, KINDS, REGIONS, [(4, 14)]))
    assert masked.doc.text == "Ask [NAME_1] of Acme ([EMAIL_1]) today"
    assert [(x.text, x.label_, x.kb_id_) for x in masked.doc.ents] == [
        ("[NAME_1]", "PERSON", ""),
        ("Acme", "ORG", "Q1"),
    ]
    assert masked.doc.user_data == {}
    assert masked.doc.vocab is doc.vocab
    assert doc.text == "Ask Anna Smith of Acme (anna@example.com) today"


def test_masked_doc_has_no_entities_where_a_mask_joins_them():
    doc = NLP("Anna Smith")
    doc.ents = [Span(doc, 0, 1, "FIRST"), Span(doc, 1, 2, "LAST")]
    assert Masked(doc, find_strings(doc.text, KINDS, REGIONS, [(0, 10)])).doc.ents == ()


def test_masked_single_shard_is_the_original():
    doc = NLP("Mail anna@example.com")
    masked = Mask(KINDS, REGIONS).mask(doc)
    (shard,) = masked.original_shards([masked.doc])
    assert shard is doc


@pytest.mark.parametrize("cut", [slice(0, 3), slice(1, None)])
def test_masked_shards_that_leave_something_out_are_refused(cut):
    masked = Mask(KINDS, REGIONS).mask(NLP("Mail anna@example.com and come again"))
    shards = [masked.doc[i : i + 1].as_doc() for i in range(len(masked.doc))]
    assert masked.original_shards(shards[cut]) is None
