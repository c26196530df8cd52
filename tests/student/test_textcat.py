import numpy
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.training import Example

from spacy_distill.attrs import get_distill

BOW = {
    "@architectures": "spacy.TextCatBOW.v3",
    "length": 2048,
    "ngram_size": 1,
    "no_output_layer": False,
}


def make_nlp(labels, *, exclusive=True):
    nlp = spacy.blank("en")
    factory = "distill_textcat" if exclusive else "distill_textcat_multilabel"
    config = {"model": {**BOW, "exclusive_classes": exclusive}}
    pipe = nlp.add_pipe(factory, name="llm", config=config)
    for label in labels:
        pipe.add_label(label)
    nlp.initialize()
    return nlp


def example(nlp, text, cats, weight=1.0):
    reference = nlp.make_doc(text)
    reference.cats = cats
    get_distill(reference)["weight"] = weight
    return Example(nlp.make_doc(text), reference)


def fit(nlp, examples, steps=300):
    optimizer = nlp.resume_training()
    optimizer.learn_rate = 0.05
    optimizer.L2 = 0.0
    for _ in range(steps):
        nlp.update(examples, sgd=optimizer)


@pytest.mark.parametrize("exclusive", [True, False])
def test_textcat_learns_soft_labels(exclusive):
    nlp = make_nlp(["a", "b"], exclusive=exclusive)
    fit(nlp, [example(nlp, "one", {"a": 0.8, "b": 0.2}), example(nlp, "two", {"a": 0.3, "b": 0.7})])
    assert nlp("one").cats == pytest.approx({"a": 0.8, "b": 0.2}, abs=0.01)
    assert nlp("two").cats == pytest.approx({"a": 0.3, "b": 0.7}, abs=0.01)


@pytest.mark.parametrize("exclusive", [True, False])
def test_textcat_absent_labels_have_no_gradient(exclusive):
    nlp = make_nlp(["a", "b"], exclusive=exclusive)
    before = nlp("one").cats
    fit(nlp, [example(nlp, "one", {})], steps=20)
    assert nlp("one").cats == before


def test_textcat_multilabel_masks_single_labels():
    nlp = make_nlp(["a", "b"], exclusive=False)
    before = nlp("one").cats["b"]
    fit(nlp, [example(nlp, "one", {"a": 1.0})])
    assert nlp("one").cats["a"] > 0.95
    assert nlp("one").cats["b"] == pytest.approx(before)


def test_textcat_weights_scale_the_gradient():
    nlp = make_nlp(["a", "b"])
    pipe = nlp.get_pipe("llm")
    rows = [example(nlp, "one", {"a": 1.0, "b": 0.0}, weight) for weight in (1.0, 0.25, 0.0)]
    scores = pipe.model.ops.asarray2f([[0.4, 0.6]] * 3)
    _, gradient = pipe.get_loss(rows, scores)
    numpy.testing.assert_allclose(gradient, [[-0.6, 0.6], [-0.15, 0.15], [0.0, 0.0]], atol=1e-6)


def test_textcat_contradicting_docs_settle_by_weight():
    nlp = make_nlp(["a", "b"])
    rows = [
        example(nlp, "one", {"a": 1.0, "b": 0.0}, 3.0),
        example(nlp, "one", {"a": 0.0, "b": 1.0}, 1.0),
    ]
    fit(nlp, rows)
    assert nlp("one").cats["a"] == pytest.approx(0.75, abs=0.02)


@pytest.mark.parametrize("cats", [{"a": 1.2, "b": 0.0}, {"a": -0.1, "b": 1.0}])
def test_textcat_refuses_what_is_no_probability(cats):
    nlp = make_nlp(["a", "b"], exclusive=False)
    with pytest.raises(ValueError, match="probabilities"):
        nlp.update([example(nlp, "one", cats)])


def test_textcat_exclusive_refuses_more_than_one_in_all():
    nlp = make_nlp(["a", "b"])
    with pytest.raises(ValueError, match="distill_textcat_multilabel"):
        nlp.update([example(nlp, "one", {"a": 1.0, "b": 1.0})])


@pytest.mark.parametrize(
    ("factory", "stock"),
    [("distill_textcat", "textcat"), ("distill_textcat_multilabel", "textcat_multilabel")],
)
def test_textcat_loads_as_the_stock_component(factory, stock):
    exclusive = factory == "distill_textcat"
    nlp = make_nlp(["a", "b"], exclusive=exclusive)
    fit(nlp, [example(nlp, "one", {"a": 1.0, "b": 0.0})], steps=20)
    other = spacy.blank("en")
    pipe = other.add_pipe(
        stock, name="llm", config={"model": {**BOW, "exclusive_classes": exclusive}}
    )
    pipe.from_bytes(nlp.get_pipe("llm").to_bytes())
    assert other("one two").cats == nlp("one two").cats


def test_textcat_overfits_and_survives_the_disk(tmp_path):
    nlp = make_nlp(["a", "b"])
    fit(nlp, [example(nlp, "yes", {"a": 1.0, "b": 0.0}), example(nlp, "no", {"a": 0.0, "b": 1.0})])
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    for text in ("yes", "no", "yes no", ""):
        assert loaded(text).cats == nlp(text).cats
    assert nlp("yes").cats["a"] > 0.9


@settings(max_examples=25, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["a", "b"]), st.floats(0, 0.5)), max_size=6))
def test_textcat_gradient_is_zero_exactly_where_nothing_is_known(many_cats):
    nlp = _NLP
    rows = [example(nlp, "one", cats) for cats in many_cats]
    pipe = nlp.get_pipe("llm")
    scores = pipe.model.ops.asarray2f([[0.9, 0.7]] * len(rows)).reshape(len(rows), 2)
    if not rows:
        return
    _, gradient = pipe.get_loss(rows, scores)
    for row, cats in zip(gradient.tolist(), many_cats, strict=True):
        assert [value != 0 for value in row] == ["a" in cats, "b" in cats]


_NLP = make_nlp(["a", "b"], exclusive=False)


def test_textcat_takes_docs_without_tokens():
    nlp = make_nlp(["a", "b"])
    nlp.update([Example(Doc(nlp.vocab), Doc(nlp.vocab))])
    assert set(nlp("").cats) == {"a", "b"}


@pytest.mark.parametrize(
    ("exclusive", "expected"), [(True, {"a": 0.95, "b": 0.05}), (False, {"a": 0.95, "b": 0.05})]
)
def test_textcat_label_smoothing_moves_the_targets(exclusive, expected):
    nlp = make_nlp(["a", "b"], exclusive=exclusive)
    nlp.get_pipe("llm").label_smoothing = 0.1
    fit(nlp, [example(nlp, "one", {"a": 1.0, "b": 0.0})])
    assert nlp("one").cats == pytest.approx(expected, abs=0.01)


def test_textcat_label_smoothing_leaves_absent_labels_alone():
    nlp = make_nlp(["a", "b"], exclusive=False)
    nlp.get_pipe("llm").label_smoothing = 0.1
    before = nlp("one").cats
    fit(nlp, [example(nlp, "one", {})], steps=20)
    assert nlp("one").cats == before
