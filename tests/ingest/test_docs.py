import pytest
import spacy

from spacy_distill.errors import UserError
from spacy_distill.ingest.docs import make_tokenizer

TEXTS = [
    "Don't you'd've known? See https://example.org/a(b), e.g. at 5p.m. -- (it's $3.50/kg)...",
    "z.B. die A8-Straße, 3. Okt. 2025, „so“ d.h. l'été qu'il aujourd'hui dell'anno p.ej. и т.д.",
    "我喜欢北京。 今日は 안녕하세요 สวัสดี مرحبا 😀👍🏽 a_b #x @y \n\t  \u00a0 end",
]


# Not ja, ko, th, vi: spaCy has them only with packages of their own.
@pytest.mark.parametrize("lang", ["en", "de", "fr", "it", "ru", "ar", "xx", "zh"])
def test_tokens_are_those_of_the_blank_pipeline(lang):
    nlp = spacy.blank(lang)
    tokenizer, vocab = make_tokenizer(lang)
    for text in TEXTS:
        expected, doc = nlp.make_doc(text), tokenizer(text)
        assert [(x.text, x.whitespace_, x.norm_) for x in doc] == [
            (x.text, x.whitespace_, x.norm_) for x in expected
        ]
        assert [(x.is_stop, x.like_num, x.shape_) for x in doc] == [
            (x.is_stop, x.like_num, x.shape_) for x in expected
        ]
    assert vocab.lang == lang


def test_language_without_its_package_is_an_error():
    with pytest.raises(UserError, match="can't make a tokenizer for 'nope'"):
        make_tokenizer("nope")
