import pytest
from spacy.tokenizer import Tokenizer
from spacy.vocab import Vocab

from spacy_distill.attrs import get_distill
from spacy_distill.contract import Contract
from spacy_distill.io import read_docs, write_docs

TOKENIZER = Tokenizer(Vocab())
LABELS = ("bug", "praise", "question")
CONTRACT = Contract("llm", "en", LABELS, exclusive=True)
MULTILABEL = Contract("llm", "en", LABELS, exclusive=False)
KEEP = {"filter": "length", "keep": True, "score": 1.0, "threshold": 1.0, "evidence": ""}
DROP = {**KEEP, "keep": False}
WORDS = (
    "battery screen cable parcel invoice speaker lamp kettle router camera button strap filter "
    "charger manual drawer hinge sensor motor remote"
).split()


def make_doc(text, cats=None, **record):
    doc = TOKENIZER(text)
    doc.cats = dict(cats or {})
    get_distill(doc).update(record)
    return doc


def pool_text(number):
    """Return one of many texts that have little in common."""
    words = [WORDS[(number * step + number // 7) % len(WORDS)] for step in (1, 3, 7, 11, 13)]
    return f"{number * 7919} {' '.join(words)} {number * 104729}"


def read(path):
    return list(read_docs(path, Vocab()))


@pytest.fixture
def curated(tmp_path):
    docs = []
    for number in range(60):
        label = LABELS[number % 3]
        cats = {name: 0.8 if name == label else 0.1 for name in LABELS}
        docs.append(make_doc(pool_text(number), cats, verdicts=[KEEP], gold=[label]))
    write_docs(docs, tmp_path / "curated")
    return tmp_path / "curated"


@pytest.fixture
def gold_test(tmp_path):
    texts = ("Is there a manual in Dutch for this kettle?", "The hinge broke on day one.")
    labels = ("question", "bug")
    docs = [make_doc(text, gold=[label]) for text, label in zip(texts, labels, strict=True)]
    write_docs(docs, tmp_path / "gold_test")
    return tmp_path / "gold_test"
