import io

import pytest
import spacy
from spacy.util import load_config

from spacy_distill.contract import Contract
from spacy_distill.errors import UserError
from spacy_distill.student.config import fit_schedule, training_config
from spacy_distill.student.train import train

from .conftest import CONTRACT, read_meta

BOW = "configs/textcat_bow.cfg"
TRF = "configs/textcat_trf.cfg"


def run(corpus, out, **kwargs):
    stream = io.StringIO()
    settings = {"config_path": BOW, "contract": CONTRACT, "dev_path": corpus, **kwargs}
    return train(out_dir=out, train_path=corpus, stdout=stream, stderr=stream, **settings)


def test_train_takes_name_language_and_all_labels_from_the_teacher(corpus, tmp_path):
    contract = Contract("judge", "de", (*CONTRACT.labels, "never seen"), exclusive=True)
    trained = run(corpus, tmp_path / "out", contract=contract)
    nlp = spacy.load(trained.path)
    assert (nlp.lang, nlp.pipe_names) == ("de", ["judge"])
    assert set(nlp.get_pipe("judge").labels) == set(contract.labels)
    assert nlp("Wo ist mein Paket?").cats


def test_train_learns_its_corpus(corpus, tmp_path):
    trained = run(corpus, tmp_path / "out")
    assert read_meta(trained.path)["performance"]["cats_macro_f"] > 0.9
    assert trained.n_train == 20


def test_train_overrides_win(corpus, tmp_path):
    trained = run(corpus, tmp_path / "out", overrides={"training.max_epochs": 3})
    assert load_config(trained.path / "config.cfg")["training"]["max_epochs"] == 3


def test_train_multilabel_needs_a_multilabel_config(corpus, tmp_path):
    contract = Contract("llm", "en", CONTRACT.labels, exclusive=False)
    with pytest.raises(UserError, match="distill_textcat_multilabel"):
        run(corpus, tmp_path / "out", contract=contract)
    assert not (tmp_path / "out").exists()


def test_train_needs_texts(make_corpus, tmp_path, corpus):
    empty = make_corpus([], "empty.spacy")
    with pytest.raises(UserError, match=r"0 texts with a label in .*empty\.spacy"):
        run(empty, tmp_path / "out")
    with pytest.raises(UserError, match="and 0 in"):
        run(corpus, tmp_path / "out", dev_path=empty)


def test_train_one_text_is_enough_to_run(make_corpus, tmp_path):
    one = make_corpus([("a text", {"complaint": 1.0, "praise": 0.0, "question": 0.0})])
    assert run(one, tmp_path / "out").n_train == 1


def test_train_refuses_mixed_precision_on_cpu(corpus, tmp_path):
    settings = {"system.mixed_precision": True, "paths.encoder": "a-name-on-the-hub"}
    with pytest.raises(UserError, match="needs a GPU"):
        run(corpus, tmp_path / "out", config_path=TRF, overrides=settings)


def test_train_names_a_missing_config(corpus, tmp_path):
    with pytest.raises(UserError, match=r"No student config at .*nothing\.cfg"):
        run(corpus, tmp_path / "out", config_path=tmp_path / "nothing.cfg")


@pytest.mark.parametrize(
    ("epochs", "max_steps", "total", "warmup"), [(5, 0, 100, 10), (5, 30, 30, 3), (1, 1, 1, 1)]
)
def test_train_schedule_follows_the_corpus(epochs, max_steps, total, warmup):
    overrides = {"training.max_epochs": epochs, "training.max_steps": max_steps}
    config = training_config(TRF, CONTRACT, train_path="a", dev_path="b", overrides=overrides)
    fit_schedule(config, 20)
    learn_rate = config["training"]["optimizer"]["learn_rate"]
    assert (learn_rate["total_steps"], learn_rate["warmup_steps"]) == (total, warmup)
    assert config["training"]["eval_frequency"] == 20


def test_train_schedule_that_is_set_stays():
    overrides = {
        "training.eval_frequency": 7,
        "training.optimizer.learn_rate.total_steps": 9,
        "training.optimizer.learn_rate.warmup_steps": 2,
    }
    config = training_config(TRF, CONTRACT, train_path="a", dev_path="b", overrides=overrides)
    fit_schedule(config, 20, given=overrides)
    learn_rate = config["training"]["optimizer"]["learn_rate"]
    assert (learn_rate["total_steps"], learn_rate["warmup_steps"]) == (9, 2)
    assert config["training"]["eval_frequency"] == 7


def test_train_refit_learns_from_the_dev_texts(make_corpus, tmp_path):
    cats = {"complaint": 0.0, "praise": 1.0, "question": 0.0}
    corpus = make_corpus(
        [("love it", cats), ("late", {**cats, "complaint": 1.0, "praise": 0.0})] * 4
    )
    dev = make_corpus(
        [("unheard-of words", {**cats, "praise": 0.0, "question": 1.0})] * 4, "dev.spacy"
    )
    plain = spacy.load(run(corpus, tmp_path / "plain", dev_path=dev).path)
    refitted = spacy.load(run(corpus, tmp_path / "refit", dev_path=dev, refit=True).path)
    text = "unheard-of words"
    assert refitted(text).cats["question"] > plain(text).cats["question"] + 0.03
    assert set((tmp_path / "refit").iterdir()) == {
        tmp_path / "refit" / name for name in ("model-best", "model-last", "student", "corpus")
    }


def test_train_needs_labels(make_corpus, corpus, tmp_path):
    unlabelled = make_corpus([("a text", {}), ("another", {})], "unlabelled.spacy")
    with pytest.raises(UserError, match="0 texts with a label"):
        run(unlabelled, tmp_path / "out", dev_path=corpus)


def test_train_never_looks_for_a_missing_folder_on_a_hub(corpus, tmp_path):
    (tmp_path / "assets").mkdir()
    missing = {"paths.encoder": str(tmp_path / "assets" / "encoder")}
    with pytest.raises(UserError, match="run `weights` first"):
        run(corpus, tmp_path / "out", config_path=TRF, overrides=missing)


def test_train_keeps_what_the_student_learned_from(corpus, tmp_path):
    trained = run(corpus, tmp_path / "out", refit=True)
    assert trained.n_train == 40
    config = load_config(trained.path / "config.cfg")
    assert config["paths"]["train"] == str(tmp_path / "out" / "corpus")


def test_train_goes_on_only_with_a_student_that_has_all_labels(corpus, tmp_path):
    first = run(corpus, tmp_path / "first").path
    more = Contract("llm", "en", (*CONTRACT.labels, "new"), exclusive=True)
    with pytest.raises(UserError, match="train from the pretrained encoder"):
        run(corpus, tmp_path / "second", contract=more, start_from=first)
    with pytest.raises(UserError, match="No trained pipeline"):
        run(corpus, tmp_path / "second", start_from=tmp_path / "nothing")
