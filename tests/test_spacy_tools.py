"""spaCy's own commands run on what our commands write."""

import subprocess
import sys

import pytest
import spacy

from spacy_distill.attrs import content_id, get_distill
from spacy_distill.contract import Contract
from spacy_distill.corpora.convert import convert
from spacy_distill.io import write_docs

CONTRACT = Contract("llm", "en", ("good", "bad"), exclusive=True)
WORDS = (
    "battery",
    "screen",
    "button",
    "strap",
    "charger",
    "lamp",
    "speaker",
    "cable",
    "app",
    "box",
)


def make_docs(nlp, verdict, start):
    for i, word in enumerate(WORDS * 16):
        label = "good" if i % 2 else "bad"
        doc = nlp.make_doc(f"{start} {i}: the {word} is {label} {verdict} {word * 3} {i * i}")
        get_distill(doc).update(id=content_id(doc.text), gold=[label])
        doc.cats = {x: float(x == label) for x in CONTRACT.labels}
        yield doc


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    root = tmp_path_factory.mktemp("corpora")
    nlp = spacy.blank("en")
    for name, start in (("texts", "Report"), ("gold_dev", "Note"), ("gold_test", "Letter")):
        write_docs(make_docs(nlp, name * 2, start), root / name)
    convert(
        root / "texts",
        root / "split",
        contract=CONTRACT,
        gold_dev=root / "gold_dev",
        gold_test=root / "gold_test",
        threshold=0.95,
    )
    return root / "split"


def run_spacy(*arguments):
    command = [sys.executable, "-m", "spacy", *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def paths(corpora):
    return ("--paths.train", corpora / "train", "--paths.dev", corpora / "dev")


def test_spacy_debug_data_reads_our_corpora(corpora):
    out = run_spacy("debug", "data", "configs/textcat_bow.cfg", *paths(corpora))
    assert "training docs" in out


def test_spacy_train_and_evaluate_run_on_our_corpora(corpora, tmp_path):
    few = ("--training.max_epochs", 3)
    run_spacy("train", "configs/textcat_bow.cfg", "--output", tmp_path, *paths(corpora), *few)
    out = run_spacy("evaluate", tmp_path / "model-best", corpora / "test")
    assert "TEXTCAT" in out
