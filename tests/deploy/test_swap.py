import os
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.util import load_config, load_model_from_config

from spacy_distill.contract import Contract
from spacy_distill.deploy.check import check_parity
from spacy_distill.deploy.swap import assemble, swap
from spacy_distill.errors import UserError

from .conftest import LABELS, train_student

CONTRACT = Contract("llm", "en", LABELS, exclusive=True)
TEXTS = ["it is late. love it", "love it"]


def test_assemble_keeps_name_position_and_labels(make_teacher, student, tmp_path):
    built = assemble(make_teacher(), student, tmp_path / "out")
    nlp = spacy.load(tmp_path / "out")
    assert nlp.pipe_names == built.pipe_names == ["sentencizer", "llm", "cleaner"]
    assert set(nlp.pipe_labels["llm"]) == set(LABELS)
    assert nlp.get_pipe_meta("llm").factory == "textcat"
    assert [doc.cats for doc in nlp.pipe(TEXTS)] == [
        doc.cats for doc in spacy.load(student).pipe(TEXTS)
    ]
    assert len(list(nlp(TEXTS[0]).sents)) == 2


def test_assemble_keeps_the_temperature_and_adds_meta(make_teacher, student, tmp_path):
    assemble(make_teacher(), student, tmp_path / "out", meta={"teacher": "t.cfg"})
    meta = spacy.load(tmp_path / "out").meta["distill"]
    assert meta == {"temperature": {"llm": 1.5}, "teacher": "t.cfg"}


def test_assemble_writes_neither_our_names_nor_paths(make_teacher, student, tmp_path):
    assemble(make_teacher(), student, tmp_path / "out")
    text = (tmp_path / "out" / "config.cfg").read_text(encoding="utf8")
    assert "distill" not in text
    assert "llm_models" not in text
    assert str(tmp_path) not in text


@pytest.fixture(scope="module")
def site_without_us(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    unwanted = ("spacy_distill", "spacy_llm", "__editable__")
    for entry in Path(spacy.__file__).parents[1].iterdir():
        if not entry.name.startswith(unwanted) and entry.suffix != ".pth":
            (folder / entry.name).symlink_to(entry)
    return folder


def test_assemble_loads_without_us_or_spacy_llm(make_teacher, student, tmp_path, site_without_us):
    assemble(make_teacher(), student, tmp_path / "out")
    script = (
        "import importlib.util, sys, spacy\n"
        "nlp = spacy.load(sys.argv[1])\n"
        "found = [importlib.util.find_spec(x) for x in ('spacy_distill', 'spacy_llm')]\n"
        "print(found, nlp('love it').cats['question'])"
    )
    command = [sys.executable, "-S", "-c", script, str(tmp_path / "out")]
    env = {**os.environ, "PYTHONPATH": str(site_without_us)}
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, env=env, cwd=tmp_path
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("[None, None]")
    expected = spacy.load(student)("love it").cats["question"]
    assert float(result.stdout.split()[-1]) == pytest.approx(expected)


def test_assemble_takes_a_saved_pipeline(make_teacher, student, tmp_path):
    config = load_config(make_teacher())
    nlp = load_model_from_config(config, auto_fill=True)
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "THING", "pattern": [{"LOWER": "love"}]}])
    nlp.to_disk(tmp_path / "production")
    assemble(tmp_path / "production", student, tmp_path / "out")
    doc = spacy.load(tmp_path / "out")("love it")
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("love", "THING")]
    assert doc.cats["question"] > 0.4


@pytest.mark.parametrize(
    ("kwargs", "problem"),
    [
        (
            {"labels": ("complaint", "praise")},
            r"labels that the teacher does not have: \['question'\]",
        ),
        ({"labels": (*LABELS, "other")}, r"labels missing: \['other'\]"),
        ({"exclusive": "false"}, "exclusive labels instead of independent ones"),
        ({"lang": "de"}, "language 'en' instead of 'de'"),
    ],
)
def test_assemble_refuses_another_contract(make_teacher, student, tmp_path, kwargs, problem):
    with pytest.raises(UserError, match=problem):
        assemble(make_teacher(**kwargs), student, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_assemble_speaks_of_mapped_labels(make_teacher, student, tmp_path):
    teacher = make_teacher(("complaint", "moan", "praise", "question"))
    built = assemble(teacher, student, tmp_path / "out", label_map={"moan": "complaint"})
    assert built.contract.labels == LABELS


def test_assemble_needs_a_student(make_teacher, tmp_path):
    with pytest.raises(UserError, match="No trained pipeline"):
        assemble(make_teacher(), tmp_path / "nothing", tmp_path / "out")


def test_assemble_refuses_a_student_under_another_name(make_teacher, tmp_path):
    train_student(name="other").to_disk(tmp_path / "other")
    with pytest.raises(UserError, match=r"no component 'llm', only \['other'\]"):
        assemble(make_teacher(), tmp_path / "other", tmp_path / "out")


def test_assemble_takes_a_shared_encoder_inside(make_teacher, tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec")
    model = {
        "@architectures": "spacy.TextCatReduce.v1",
        "exclusive_classes": True,
        "use_reduce_first": False,
        "use_reduce_last": False,
        "use_reduce_max": False,
        "use_reduce_mean": True,
        "tok2vec": {
            "@architectures": "spacy.Tok2VecListener.v1",
            "width": 96,
            "upstream": "tok2vec",
        },
    }
    pipe = nlp.add_pipe("textcat", name="llm", config={"model": model})
    for label in LABELS:
        pipe.add_label(label)
    nlp.initialize()
    nlp.to_disk(tmp_path / "two")
    assemble(make_teacher(), tmp_path / "two", tmp_path / "out")
    built = spacy.load(tmp_path / "out")
    assert built.pipe_names == ["sentencizer", "llm", "cleaner"]
    alone = built.get_pipe("llm")(built.make_doc("love it"))
    assert alone.cats == pytest.approx(spacy.load(tmp_path / "two")("love it").cats, abs=1e-6)


def test_swap_replaces_the_component_of_a_live_pipeline(make_teacher, student):
    nlp = load_model_from_config(load_config(make_teacher()), auto_fill=True)
    assert swap(nlp, student) is nlp
    assert nlp.pipe_names == ["sentencizer", "llm", "cleaner"]
    assert nlp("love it").cats == spacy.load(student)("love it").cats


def with_collector(config, path):
    """Return a teacher's config with a collector behind its LLM component."""
    config["components"]["collect"] = {"factory": "distill_collector", "path": str(path)}
    config["nlp"]["pipeline"].insert(2, "collect")
    config["components"]["llm"]["save_io"] = True
    return config


@pytest.mark.parametrize("saved", [True, False])
def test_assemble_leaves_out_the_collector(make_teacher, student, tmp_path, saved):
    config = with_collector(load_config(make_teacher()), tmp_path / "live")
    if saved:
        load_model_from_config(config, auto_fill=True).to_disk(tmp_path / "teacher")
    else:
        config.to_disk(tmp_path / "teacher")
    assemble(tmp_path / "teacher", student, tmp_path / "out")
    assert spacy.load(tmp_path / "out").pipe_names == ["sentencizer", "llm", "cleaner"]
    assert not list(tmp_path.glob("live/*"))


def test_swap_removes_the_collector(make_teacher, student, tmp_path):
    config = with_collector(load_config(make_teacher()), tmp_path / "live")
    nlp = swap(load_model_from_config(config, auto_fill=True), student)
    assert nlp.pipe_names == ["sentencizer", "llm", "cleaner"]
    nlp("love it")
    assert not list(tmp_path.glob("live/*"))


def test_swap_refuses_other_labels_and_changes_nothing(make_teacher, student):
    nlp = load_model_from_config(load_config(make_teacher(("a", "b"))), auto_fill=True)
    before = nlp.get_pipe("llm")
    with pytest.raises(UserError, match="can't take the place"):
        swap(nlp, student)
    assert nlp.get_pipe("llm") is before


def test_parity_finds_a_component_that_changes_the_input(student):
    nlp = spacy.load(student)
    other = spacy.load(student)
    bias = next(node for node in other.get_pipe("llm").model.walk() if node.has_param("b"))
    bias.set_param("b", bias.get_param("b") + bias.ops.asarray1f([0.0, 1.0, 0.0]))
    with pytest.raises(UserError, match="gives other scores"):
        check_parity(nlp, other, CONTRACT)
    assert check_parity(nlp, spacy.load(student), CONTRACT) < 1e-6


def test_stock_encoder_drops_exactly_our_own_settings():
    import inspect

    from spacy_transformers.architectures import transformer_tok2vec_v3

    from spacy_distill.deploy.stock import OWN_ENCODER_SETTINGS
    from spacy_distill.student.encoder import build_encoder_v1

    ours = set(inspect.signature(build_encoder_v1).parameters)
    assert ours - set(inspect.signature(transformer_tok2vec_v3).parameters) == set(
        OWN_ENCODER_SETTINGS
    )


def test_assemble_leaves_a_foreign_folder_alone(make_teacher, student, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "work.txt").write_text("x", encoding="utf8")
    with pytest.raises(UserError, match=r"holds work\.txt"):
        assemble(make_teacher(), student, tmp_path / "mine")
    assert (tmp_path / "mine" / "work.txt").is_file()


def test_assemble_lives_with_another_text_classifier(make_teacher, student, tmp_path):
    nlp = load_model_from_config(load_config(make_teacher()), auto_fill=True)
    other = train_student(("urgent", "calm"), name="tone")
    nlp.add_pipe("tone", source=other, first=True)
    nlp.to_disk(tmp_path / "production")
    built = assemble(tmp_path / "production", student, tmp_path / "out", component="llm")
    assert built.pipe_names == ["tone", "sentencizer", "llm", "cleaner"]
    assert set(spacy.load(tmp_path / "out")("late").cats) == {*LABELS, "urgent", "calm"}


def test_assemble_refuses_a_label_that_two_components_write(make_teacher, student, tmp_path):
    nlp = load_model_from_config(load_config(make_teacher()), auto_fill=True)
    nlp.add_pipe("tone", source=train_student(("praise", "calm"), name="tone"), last=True)
    nlp.to_disk(tmp_path / "production")
    with pytest.raises(UserError, match=r"'tone' writes the labels \['praise'\]"):
        assemble(tmp_path / "production", student, tmp_path / "out", component="llm")


def test_assemble_keeps_the_position_among_disabled_components(make_teacher, student, tmp_path):
    path = make_teacher()
    text = path.read_text(encoding="utf8")
    path.write_text(
        text.replace("[components]", 'disabled = ["sentencizer"]\n\n[components]', 1), "utf8"
    )
    assemble(path, student, tmp_path / "out")
    assert spacy.load(tmp_path / "out").component_names == ["sentencizer", "llm", "cleaner"]


def test_assemble_leaves_out_the_words_of_the_training_texts(make_teacher, student, tmp_path):
    nlp = spacy.load(student)
    nlp.vocab.strings.add("jane.doe@example.com")
    nlp.to_disk(tmp_path / "private")
    assemble(make_teacher(), tmp_path / "private", tmp_path / "out")
    strings = (tmp_path / "out" / "vocab" / "strings.json").read_text(encoding="utf8")
    assert "jane.doe" not in strings
    assert all(label in strings for label in LABELS)
