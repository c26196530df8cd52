import io

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_distill.attrs import get_distill
from spacy_distill.cli.train import say_tuned
from spacy_distill.contract import Contract
from spacy_distill.deploy.swap import assemble, carried_meta
from spacy_distill.errors import UserError
from spacy_distill.evaluate.student import load_student, predict, untuned
from spacy_distill.io import write_docs
from spacy_distill.student.scored import check_gold, score_dev, score_gold
from spacy_distill.student.thresholds import store_thresholds
from spacy_distill.student.train import train
from spacy_distill.student.tune import Tuned, tune

from .conftest import CONTRACT, read_meta

LABELS = ("late", "love")
MULTILABEL = Contract("llm", "en", LABELS, exclusive=False)
TEXTS = {"it is late": ["late"], "i love it": ["love"], "late, but i love it": [*LABELS], "hm": []}
BOW = {
    "components.llm.factory": "distill_textcat_multilabel",
    "components.llm.model.exclusive_classes": False,
    "components.llm.scorer": {"@scorers": "spacy.textcat_multilabel_scorer.v2"},
    "components.llm.threshold": 0.5,
    "training.max_epochs": 10,
}
TEACHER = """
[nlp]
lang = "en"
pipeline = ["llm"]

[components]

[components.llm]
factory = "llm"

[components.llm.task]
@llm_tasks = "spacy.TextCat.v3"
labels = ["late", "love"]
exclusive_classes = false

[components.llm.model]
@llm_models = "spacy-distill.Replay.v1"
path = "nowhere.jsonl"
"""


def write(path, *, cats=False, gold=False, without=()):
    """Twelve Docs of each text, with the labels that apply in doc.cats, as gold, or both."""
    nlp = spacy.blank("en")
    docs = []
    for text, labels in [*TEXTS.items()] * 12:
        doc = nlp.make_doc(text)
        if cats:
            doc.cats = {x: float(x in labels) for x in LABELS if x not in without}
        if gold:
            get_distill(doc)["gold"] = labels
        docs.append(doc)
    DocBin(docs=docs, store_user_data=True).to_disk(path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("thresholds")


@pytest.fixture(scope="module")
def trained(folder):
    corpus, stream = write(folder / "train.spacy", cats=True), io.StringIO()
    return train(
        "configs/textcat_bow.cfg",
        folder / "out",
        contract=MULTILABEL,
        train_path=corpus,
        dev_path=corpus,
        overrides=BOW,
        refit=True,
        stdout=stream,
        stderr=stream,
    )


def test_thresholds_are_kept_by_component(trained, folder):
    scored = score_gold(trained.path, write(folder / "gold.spacy", gold=True), MULTILABEL)
    found = store_thresholds(trained.path, scored, MULTILABEL)
    store_thresholds(trained.path, scored, Contract("other", "en", LABELS, exclusive=False))
    stored = spacy.load(trained.path).meta["distill"]["thresholds"]
    assert stored == {"llm": found, "other": found}
    assert list(found) == list(LABELS)


def test_scored_text_without_any_label_counts(trained, folder):
    scored = score_gold(trained.path, write(folder / "gold.spacy", gold=True), MULTILABEL)
    assert scored.scores.shape == scored.labels.shape == (48, 2)
    assert scored.labels.sum(axis=1).tolist() == [1, 1, 2, 0] * 12


def test_scored_needs_labels(trained, folder):
    unlabelled = write(folder / "unlabelled.spacy")
    partly = write(folder / "partly.spacy", cats=True, without=["love"])
    with pytest.raises(UserError, match=r"No Doc in .* has a human label"):
        score_gold(trained.path, unlabelled, MULTILABEL)
    with pytest.raises(UserError, match=r"has all of the labels \['late', 'love'\]"):
        score_dev(trained.path, partly, MULTILABEL)


def test_tune_with_gold_chooses_both_on_gold(trained, folder):
    gold = write(folder / "gold.spacy", gold=True)
    tuned = tune(trained, MULTILABEL, gold_dev=gold, dev_path=folder / "not read")
    stored = read_meta(trained.path)["distill"]
    assert stored["temperature"]["llm"] == tuned.temperature
    assert stored["thresholds"]["llm"] == tuned.thresholds
    assert tuned.n == 48


def test_tune_without_gold_chooses_by_the_student_that_has_not_learned_from_dev(trained, folder):
    dev = write(folder / "dev.spacy", cats=True)
    tuned = tune(trained, MULTILABEL, dev_path=dev)
    scored = score_dev(folder / "out" / "model-best", dev, MULTILABEL)
    assert tuned == Tuned(None, store_thresholds(trained.path, scored, MULTILABEL), 48)


def test_tune_without_gold_has_nothing_to_choose_for_exclusive_labels(trained, folder):
    assert tune(trained, CONTRACT, dev_path=folder / "not read") == Tuned(None, {}, 0)


@pytest.mark.parametrize(
    ("tuned", "said"),
    [
        (Tuned(None, {}, 0), []),
        (Tuned(1.5, {}, 7), ["temperature 1.50, fitted on 7 gold texts"]),
        (Tuned(None, {"a": 0.4}, 7), ["chosen on 7 dev texts with the teacher's labels: a 0.40"]),
        (Tuned(1.0, {"a": 0.4}, 7), ["temperature 1.00", "chosen on 7 gold texts: a 0.40"]),
    ],
)
def test_tune_says_what_it_chose_and_on_what(tuned, said, capsys):
    say_tuned(tuned)
    printed = " ".join(capsys.readouterr().out.split())
    assert [text for text in said if text not in printed] == []
    assert bool(printed) == bool(said)


def test_student_decides_by_its_stored_thresholds(trained):
    nlp = load_student(trained.path, MULTILABEL)
    nlp.meta["distill"] = {
        "temperature": {"llm": 0.5},
        "thresholds": {"llm": {"late": 0.0, "love": 1.1}},
    }
    found = predict(nlp, ["hm", "i love it"], name="student", contract=MULTILABEL)
    assert found.decided.tolist() == [[True, False]] * 2
    assert found.thresholds.tolist() == [0.0, 1.1]
    (plain,) = untuned(nlp, found, contract=MULTILABEL)
    assert plain.name == "student at 0.5"
    assert plain.decided.tolist() == (found.scores >= 0.5).tolist()
    assert (plain.confidence >= found.confidence).all()


def test_student_at_half_is_no_row_of_its_own(trained):
    nlp = load_student(trained.path, MULTILABEL)
    nlp.meta["distill"] = {}
    found = predict(nlp, ["hm"], name="student", contract=MULTILABEL)
    assert untuned(nlp, found, contract=MULTILABEL) == []


def test_assembled_pipeline_carries_thresholds_that_calling_code_can_use(trained, folder):
    (folder / "teacher.cfg").write_text(TEACHER, encoding="utf8")
    gold = write(folder / "gold.spacy", gold=True)
    tune(trained, MULTILABEL, gold_dev=gold, dev_path=gold)
    built = assemble(folder / "teacher.cfg", trained.path, folder / "assembled")
    nlp = spacy.load(folder / "assembled")
    doc = nlp("late, but i love it")
    thresholds = nlp.meta["distill"]["thresholds"]["llm"]
    labels = [label for label, score in doc.cats.items() if score >= thresholds[label]]
    assert set(labels) == set(LABELS)
    assert any("nlp.meta['distill']['thresholds']['llm']" in change for change in built.changes)


def test_carried_meta_is_that_of_the_student_and_of_other_components():
    nlp, stock = spacy.blank("en"), spacy.blank("en")
    nlp.meta["distill"] = {
        "verdict": "ship",
        "temperature": {"llm": 2.0},
        "thresholds": {"llm": {"a": 0.1}, "other": {"b": 0.2}},
    }
    stock.meta["distill"] = {"temperature": {"llm": 1.5}, "encoder": "x"}
    assert carried_meta(nlp, stock, "llm") == {
        "encoder": "x",
        "temperature": {"llm": 1.5},
        "thresholds": {"other": {"b": 0.2}},
    }


def test_gold_of_another_task_is_refused_before_training(tmp_path):
    doc = spacy.blank("en").make_doc("it is late")
    get_distill(doc)["gold"] = ["urgent"]
    write_docs([doc], tmp_path / "gold")
    with pytest.raises(UserError, match="gold label 'urgent'"):
        check_gold(tmp_path / "gold", MULTILABEL)


def test_corpus_without_gold_is_refused_before_training(tmp_path):
    write_docs([spacy.blank("en").make_doc("it is late")], tmp_path / "texts")
    with pytest.raises(UserError, match="human label"):
        check_gold(tmp_path / "texts", MULTILABEL)
