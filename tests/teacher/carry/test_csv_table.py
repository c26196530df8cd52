import csv

import pytest
import spacy

from spacy_distill.attrs import content_id, get_distill
from spacy_distill.contract import Contract
from spacy_distill.errors import UserError
from spacy_distill.io import write_docs
from spacy_distill.teacher.carry.csv_table import export_csv

EXCLUSIVE = Contract("llm", "xx", ("good", "bad"), exclusive=True)
SEVERAL = Contract("llm", "xx", ("good", "bad"), exclusive=False)


@pytest.fixture
def export(tmp_path):
    nlp = spacy.blank("xx")

    def run(texts, *, cats=None, contract=EXCLUSIVE, **record):
        docs = [nlp.make_doc(text) for text in texts]
        for doc in docs:
            doc.cats = cats or {}
            get_distill(doc).update(record)
        write_docs(docs, tmp_path / "corpus.spacy")
        report = export_csv(tmp_path / "corpus.spacy", tmp_path / "out.csv", contract=contract)
        with (tmp_path / "out.csv").open(encoding="utf8", newline="") as file:
            return report, list(csv.DictReader(file))

    return run


def test_row_holds_what_is_known(export):
    _, rows = export(
        ["one"], cats={"good": 0.75, "bad": 0.25}, source="r-1", agreement=0.75, gold=["bad"]
    )
    assert rows == [
        {
            "id": content_id("one"),
            "source": "r-1",
            "text": "one",
            "labels": "good",
            "scores": "0.7500",
            "agreement": "0.7500",
            "gold": "bad",
        }
    ]


def test_several_labels_stand_in_one_cell(export):
    _, rows = export(
        ["one"], cats={"good": 0.6, "bad": 0.9}, contract=SEVERAL, gold=["good", "bad"]
    )
    assert (rows[0]["labels"], rows[0]["scores"]) == ("bad;good", "0.9000;0.6000")
    assert rows[0]["gold"] == "good;bad"


def test_missing_label_is_empty(export):
    report, rows = export(["one"])
    assert rows[0]["labels"] == ""
    assert (report.n, report.n_labelled) == (1, 0)


@pytest.mark.parametrize("text", ['a "quoted", text', "two\nlines", "carriage\r\nreturn", "ü☃"])
def test_text_comes_back_as_it_is(export, text):
    assert export([text])[1][0]["text"] == text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_formula_is_guarded(export, start):
    report, rows = export([f"{start}1+1", "1=1"])
    assert [row["text"] for row in rows] == [f"'{start}1+1", "1=1"]
    assert report.n_guarded == 1


def test_other_labels_are_refused(export, tmp_path):
    with pytest.raises(UserError, match="ugly"):
        export(["one"], cats={"ugly": 1.0})
    assert not (tmp_path / "out.csv").exists()
