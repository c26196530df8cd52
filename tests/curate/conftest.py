from pathlib import Path

import pytest
from spacy.tokenizer import Tokenizer
from spacy.vocab import Vocab

from spacy_distill.attrs import get_distill
from spacy_distill.io import write_docs

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "configs" / "curate.cfg"
TOKENIZER = Tokenizer(Vocab())


def make_doc(text, *, cats=None, **record):
    doc = TOKENIZER(text)
    doc.cats = cats or {}
    get_distill(doc).update(record)
    return doc


def answer(outcome="ok", reason="", response="praise"):
    return {"outcome": outcome, "reason": reason, "response": response, "prompt_sha256": "00"}


def labelled(text, label="praise", **record):
    return make_doc(text, cats={label: 1.0}, answers=[answer(response=label)], n_ok=1, **record)


TEXTS = (
    "The headphones sound wonderful and the case is sturdy.",
    "My parcel was sent to the wrong street again.",
    "My parcel was sent to the wrong street again!!",
    "Die Lieferung ist seit drei Wochen unterwegs und niemand antwortet.",
    "n/a",
    "Can I pair two phones with one speaker at the same time?",
)


@pytest.fixture
def corpus(tmp_path):
    docs = [labelled(text, source=f"c-{number}") for number, text in enumerate(TEXTS)]
    docs[0].cats = {"question": 1.0}
    write_docs(docs, tmp_path / "labelled")
    return tmp_path / "labelled"


@pytest.fixture
def gold(tmp_path):
    write_docs(
        [make_doc("Can I pair 2 phones with one speaker at the same time?")], tmp_path / "gold"
    )
    return tmp_path / "gold"
