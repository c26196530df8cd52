"""Every shipped config loads, resolves and, if it is one to train from, is full."""

import pytest
from spacy.schemas import ConfigSchemaTraining
from spacy.util import load_config, load_model_from_config, registry

from spacy_distill.contract import read_contract
from spacy_distill.evaluate.acceptance import read_criteria

from .conftest import ROOT

CONFIGS = sorted((ROOT / "configs").glob("*.cfg"))
TEACHERS = [path for path in CONFIGS if path.name.startswith("teacher")]
STUDENTS = [path for path in CONFIGS if path.name.startswith("textcat")]
PIPELINES = [path for path in CONFIGS if path.name != "acceptance.cfg"]


@pytest.fixture(autouse=True)
def in_project(monkeypatch):
    monkeypatch.chdir(ROOT)  # paths in configs are the project's


def by_name(path):
    return path.stem


def test_configs_are_there():
    assert {path.stem for path in [*TEACHERS, *STUDENTS]} >= {
        "teacher_intent",
        "teacher_priority",
        "teacher_priority_defined",
        "teacher_mentions",
        "textcat_trf",
        "textcat_trf_multilabel",
        "textcat_bow",
    }
    assert (ROOT / "configs" / "acceptance.cfg") in CONFIGS
    assert (ROOT / "configs" / "curate.cfg") in CONFIGS


@pytest.mark.parametrize("path", PIPELINES, ids=by_name)
def test_pipeline_is_built(path):
    nlp = load_model_from_config(load_config(path), auto_fill=True, validate=True)
    assert nlp.pipe_names == load_config(path)["nlp"]["pipeline"]


@pytest.mark.parametrize("path", STUDENTS, ids=by_name)
def test_student_config_is_full(path):
    config = load_config(path)
    nlp = load_model_from_config(config, auto_fill=False, validate=True)
    filled = load_model_from_config(config, auto_fill=True).config
    assert nlp.pipe_names == ["llm"]
    assert filled == config


@pytest.mark.parametrize("path", STUDENTS, ids=by_name)
def test_training_block_resolves(path):
    overrides = {"paths.train": "train.spacy", "paths.dev": "dev.spacy"}
    config = load_config(path, overrides=overrides, interpolate=True)
    resolved = registry.resolve(config["training"], schema=ConfigSchemaTraining)
    assert resolved["train_corpus"] == "corpora.train"
    assert set(registry.resolve(config["corpora"])) == {"train", "dev"}


@pytest.mark.parametrize("path", TEACHERS, ids=by_name)
def test_teacher_has_a_contract(path):
    contract = read_contract(path)
    assert contract.name == "llm"
    assert contract.exclusive == (path.stem != "teacher_mentions")


@pytest.mark.parametrize("path", STUDENTS, ids=by_name)
def test_student_has_the_name_of_its_teacher(path):
    assert load_config(path)["nlp"]["pipeline"] == [read_contract(TEACHERS[0]).name]


def test_acceptance_is_read():
    labels = read_contract(TEACHERS[0]).labels
    assert set(read_criteria(ROOT / "configs" / "acceptance.cfg", labels).min_recall) <= set(labels)
