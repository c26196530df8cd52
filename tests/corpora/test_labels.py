from dataclasses import replace

import pytest

from spacy_distill.corpora.labels import (
    FOREIGN_LABEL,
    NO_LABEL,
    SEVERAL_LABELS,
    configure_labels,
    harden,
)
from spacy_distill.errors import UserError

from .conftest import CONTRACT, MULTILABEL, make_doc


@pytest.mark.parametrize(
    ("contract", "cats", "hard"),
    [
        (
            CONTRACT,
            {"bug": 0.2, "praise": 0.5, "question": 0.3},
            {"bug": 0, "praise": 1, "question": 0},
        ),
        (CONTRACT, {"question": 0.5, "praise": 0.5}, {"bug": 0, "praise": 1, "question": 0}),
        (CONTRACT, {"question": 0.2}, {"bug": 0, "praise": 0, "question": 1}),
        (
            MULTILABEL,
            {"bug": 0.5, "praise": 0.49, "question": 1.0},
            {"bug": 1, "praise": 0, "question": 1},
        ),
        (MULTILABEL, {"bug": 0.1}, {"bug": 0}),
    ],
)
def test_harden(contract, cats, hard):
    assert harden(cats, contract) == hard


def test_teacher_labels_stay_as_they_are():
    pick = configure_labels("teacher", CONTRACT)
    assert pick(make_doc("text", {"bug": 0.7, "praise": 0.3})) == {"bug": 0.7, "praise": 0.3}


def test_no_teacher_label():
    assert configure_labels("teacher", CONTRACT)(make_doc("text")) == NO_LABEL


def test_teacher_labels_of_another_task():
    with pytest.raises(UserError, match=r"has the labels \['spam'\].*'bug'"):
        configure_labels("teacher", CONTRACT)(make_doc("text", {"spam": 1.0, "bug": 0.0}))


@pytest.mark.parametrize(
    ("contract", "gold", "picked"),
    [
        (CONTRACT, ["bug"], {"bug": 1, "praise": 0, "question": 0}),
        (CONTRACT, ["defect"], {"bug": 1, "praise": 0, "question": 0}),
        (CONTRACT, ["defect", "bug"], {"bug": 1, "praise": 0, "question": 0}),
        (CONTRACT, ["bug", "noise"], {"bug": 1, "praise": 0, "question": 0}),
        (CONTRACT, ["bug", "praise"], SEVERAL_LABELS),
        (CONTRACT, ["spam"], FOREIGN_LABEL),
        (CONTRACT, ["noise"], NO_LABEL),
        (CONTRACT, [], NO_LABEL),
        (CONTRACT, None, NO_LABEL),
        (MULTILABEL, ["bug", "praise"], {"bug": 1, "praise": 1, "question": 0}),
        (MULTILABEL, [], {"bug": 0, "praise": 0, "question": 0}),
        (MULTILABEL, ["noise"], {"bug": 0, "praise": 0, "question": 0}),
        (MULTILABEL, ["bug", "spam"], FOREIGN_LABEL),
        (MULTILABEL, None, NO_LABEL),
    ],
)
def test_gold_labels(contract, gold, picked):
    mapped = replace(contract, label_map={"defect": "bug", "noise": None})
    pick = configure_labels("gold", mapped)
    record = {} if gold is None else {"gold": gold}
    assert pick(make_doc("text", {"praise": 1.0}, **record)) == picked
