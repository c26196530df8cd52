import numpy as np
import pytest

from spacy_distill.errors import UserError
from spacy_distill.evaluate.baselines import majority, train_tfidf
from spacy_distill.evaluate.gold import read_gold_set
from spacy_distill.evaluate.inputs import TrainSet, read_inputs, read_train_set
from spacy_distill.io import write_docs

from .conftest import CONTRACT, LABELS, MULTILABEL, hard, make_doc, make_docs


@pytest.fixture
def corpus(tmp_path):
    def write(*docs, name="corpus.spacy"):
        write_docs(docs, tmp_path / name)
        return tmp_path / name

    return write


def train_set(texts, scores):
    scores = np.asarray(scores, dtype=float)
    return TrainSet(texts, texts, scores, np.ones(len(texts)), frozenset())


def test_gold_set_holds_gold_and_the_teachers_answers(corpus):
    docs = make_docs(20, 1)
    found = read_gold_set(corpus(*docs), CONTRACT)
    assert found.gold.argmax(axis=1).tolist() == [i % 3 for i in range(20)]
    assert found.teacher.known.tolist() == [i != 4 for i in range(20)]
    assert found.meta[1]["channel"] == "mail"
    assert len(found.prompts) == 20


def test_gold_set_leaves_out_docs_without_gold(corpus):
    path = corpus(make_doc("a", gold=["bug"]), make_doc("b"))
    found = read_gold_set(path, CONTRACT)
    assert (found.texts, found.n_without_gold) == (["a"], 1)


def test_gold_set_without_any_gold_keeps_all_docs(corpus):
    found = read_gold_set(corpus(make_doc("a"), make_doc("b")), CONTRACT)
    assert (found.texts, found.gold) == (["a", "b"], None)


def test_gold_set_true_all_negative_is_gold(corpus):
    found = read_gold_set(corpus(make_doc("a", gold=[])), MULTILABEL)
    assert found.gold.tolist() == [[False, False, False]]


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        (["spam"], r"gold label 'spam'.*--label-map"),
        (["bug", "praise"], r"2 gold labels .*exactly one"),
        ([], r"0 gold labels"),
    ],
)
def test_gold_set_that_does_not_fit_is_refused_with_the_doc(corpus, gold, message):
    doc = make_doc("a", gold=gold)
    with pytest.raises(UserError, match=f"Doc {doc._.distill['id']} has .*{message}"):
        read_gold_set(corpus(doc), CONTRACT)


def test_gold_set_must_not_be_empty(corpus):
    with pytest.raises(UserError, match="holds no Docs"):
        read_gold_set(corpus(), CONTRACT)


def test_train_set_leaves_out_absent_labels(corpus):
    path = corpus(make_doc("a", cats=hard("bug"), weight=0.5), make_doc("b"))
    found = read_train_set(path, CONTRACT)
    assert (found.texts, found.weights.tolist()) == (["a"], [0.5])
    assert found.scores.tolist() == [[0.0, 0.0, 1.0]]


def test_train_set_needs_labels(corpus):
    with pytest.raises(UserError, match="has a label"):
        read_train_set(corpus(make_doc("a")), CONTRACT)


@pytest.mark.parametrize("leaky", ["test", "dev"])
def test_inputs_refuse_gold_that_was_trained_on(corpus, leaky):
    paths = {
        "test": corpus(make_doc("a", gold=["bug"]), name="test.spacy"),
        "dev": corpus(make_doc("b", gold=["bug"]), name="dev.spacy"),
    }
    text = {"test": "a", "dev": "b"}[leaky]
    train = corpus(make_doc(text, cats=hard("bug")), name="train.spacy")
    with pytest.raises(UserError, match=rf"1 texts of .*{leaky}.spacy are also in the training"):
        read_inputs(CONTRACT, train=train, **paths)


def test_inputs_dev_without_gold_is_no_dev(corpus):
    found = read_inputs(
        CONTRACT,
        test=corpus(make_doc("a", gold=["bug"]), name="test.spacy"),
        dev=corpus(make_doc("b"), name="dev.spacy"),
        train=corpus(make_doc("c", cats=hard("bug")), name="train.spacy"),
    )
    assert found.dev is None


def test_baseline_learns_exclusive_labels(corpora):
    train = read_train_set(corpora / "train.spacy", CONTRACT)
    scores = train_tfidf(train, exclusive=True)(["refund invoice", "love superb", "crash error"])
    assert scores.argmax(axis=1).tolist() == [0, 1, 2]
    assert scores.sum(axis=1) == pytest.approx(1.0)


def test_baseline_learns_several_labels(corpus):
    docs = make_docs(200, 5, gold=False, exclusive=False)
    train = read_train_set(corpus(*docs), MULTILABEL)
    scores = train_tfidf(train, exclusive=False)(["refund invoice love superb"])
    assert (scores >= 0.5).tolist() == [[True, True, False]]


def test_baseline_weighs_soft_labels():
    texts = ["alpha"] * 4
    votes = [[0.9, 0.1]] * 2 + [[0.4, 0.6]] * 2
    scores = train_tfidf(train_set(texts, votes), exclusive=True)(["alpha"])
    assert scores[0, 0] == pytest.approx(0.6, abs=0.02)  # 1.8 to 1.2


@pytest.mark.parametrize("exclusive", [True, False])
def test_baseline_takes_labels_that_never_vary(exclusive):
    train = train_set(["alpha", "beta"], [[1.0, 0.0], [1.0, 0.0]])
    assert train_tfidf(train, exclusive=exclusive)(["gamma"]).tolist() == [[1.0, 0.0]]


def test_baseline_label_missing_in_training_scores_zero():
    train = train_set(["alpha", "beta"], [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert train_tfidf(train, exclusive=True)(["alpha"])[0, 1] == 0.0


def test_majority_of_exclusive_labels():
    train = train_set(["a", "b", "c"], [[1, 0, 0], [0, 1, 0], [0, 1, 0]])
    found = majority(train, 2, exclusive=True)
    assert found.decided.tolist() == [[False, True, False]] * 2
    assert found.name == "majority"


def test_majority_of_several_labels_may_be_none_or_more():
    train = train_set(["a", "b"], [[1, 1, 0], [1, 0, 0]])
    assert majority(train, 1, exclusive=False).decided.tolist() == [[True, True, False]]


def test_baseline_columns_follow_the_contract(corpora):
    assert read_train_set(corpora / "train.spacy", CONTRACT).scores.shape[1] == len(LABELS)


def test_gold_set_labelled_by_another_teacher_is_refused(corpus):
    path = corpus(make_doc("a", cats={"urgent": 1.0, "low": 0.0}, gold=["bug"]))
    with pytest.raises(UserError, match=r"labelled with \['low', 'urgent'\]"):
        read_gold_set(path, CONTRACT)


def test_gold_set_answer_without_one_of_the_labels_is_no_answer(corpus):
    whole = make_doc("a", cats=hard("bug"), gold=["bug"])
    part = make_doc("b", cats={"bug": 1.0}, gold=["bug"])
    assert read_gold_set(corpus(whole, part), CONTRACT).teacher.known.tolist() == [True, False]
