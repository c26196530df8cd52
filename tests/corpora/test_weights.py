import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_distill.attrs import get_distill
from spacy_distill.corpora.weights import balance_weights, class_shares, weigh_docs

from .conftest import LABELS, make_doc

CATS = st.dictionaries(st.sampled_from(LABELS), st.sampled_from([0.0, 0.1, 0.5, 1.0]))


@pytest.mark.parametrize(
    ("balance", "weights"),
    [
        ("none", {"bug": 1.0, "praise": 1.0}),
        ("inverse", {"bug": 0.625, "praise": 2.5}),
        ("sqrt", {"bug": 5 / 6, "praise": 5 / 3}),
    ],
)
def test_balance_weights(balance, weights):
    cats = [{"bug": 1.0, "praise": 0.0}] * 4 + [{"bug": 0.0, "praise": 1.0}]
    assert balance_weights(cats, balance) == pytest.approx(weights)


def test_no_label_is_a_class_of_its_own():
    assert balance_weights([{"bug": 1.0}, {"bug": 0.0}, {"bug": 0.0}], "inverse") == pytest.approx(
        {"bug": 1.5, None: 0.75}
    )


def test_soft_labels_divide_a_doc():
    assert class_shares({"bug": 0.6, "praise": 0.2, "question": 0.0}) == pytest.approx(
        {"bug": 0.75, "praise": 0.25}
    )


@given(st.lists(CATS, min_size=1, max_size=30), st.sampled_from(["none", "sqrt", "inverse"]))
def test_mean_weight_is_one(all_cats, balance):
    weights = balance_weights(all_cats, balance)
    docs = list(weigh_docs([make_doc("text", cats) for cats in all_cats], weights))
    assert sum(get_distill(doc)["weight"] for doc in docs) / len(docs) == pytest.approx(1.0)


def test_no_docs():
    assert balance_weights([], "inverse") == {}
