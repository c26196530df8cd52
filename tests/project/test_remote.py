import json
import os
import shutil
import subprocess
import sys

import pytest
import spacy
from spacy.tokenizer import Tokenizer
from spacy.vocab import Vocab
from weasel.util import load_project_config

from spacy_distill.attrs import content_id, get_distill
from spacy_distill.contract import Contract, read_contract
from spacy_distill.errors import UserError
from spacy_distill.io import read_docs, write_docs
from spacy_distill.project.remote import make_remote

from ..conftest import ROOT

CONTRACT = Contract("llm", "en", ("good", "bad"), exclusive=True, label_map={"fine": "good"})
PRIVATE = ("customer 4711", "what the LLM said", "row-")


@pytest.fixture
def corpora(tmp_path):
    tokenizer = Tokenizer(Vocab())

    def write(name, numbers):
        docs = []
        for number in numbers:
            label = ("bad", "good")[number % 2]
            doc = tokenizer(f"{label} thing number {number}")
            doc.cats = {name: float(name == label) for name in CONTRACT.labels}
            answer = {"outcome": "ok", "reason": "", "response": PRIVATE[1], "prompt_sha256": "ab"}
            get_distill(doc).update(
                id=content_id(doc.text),
                source=f"row-{number}",
                meta={"name": PRIVATE[0]},
                gold=[label],
                answers=[answer],
                weight=0.5,
            )
            doc.user_data["llm_io"] = {"llm": {"response": PRIVATE[1]}}
            docs.append(doc)
        write_docs(docs, tmp_path / "corpus" / name)
        return tmp_path / "corpus" / name

    return {
        "train_path": write("train", range(40)),
        "dev_path": write("dev", range(40, 60)),
        "gold_dev_path": write("gold_dev", range(60, 80)),
    }


def make(folder, corpora, storage="storage"):
    config = ROOT / "configs" / "textcat_bow.cfg"
    return make_remote(folder, config, contract=CONTRACT, storage=str(storage), **corpora)


def test_docs_keep_what_is_learned_and_nothing_private(corpora, tmp_path):
    paths = make(tmp_path / "box", corpora)
    for path, source in zip(paths, corpora.values(), strict=True):
        pairs = zip(
            read_docs(tmp_path / "box" / path, Vocab()), read_docs(source, Vocab()), strict=True
        )
        for doc, original in pairs:
            assert (doc.text, dict(doc.cats)) == (original.text, dict(original.cats))
            record, before = get_distill(doc), get_distill(original)
            assert {key: record[key] for key in ("id", "weight")} == {
                key: before[key] for key in ("id", "weight")
            }
            assert list(record["gold"]) == list(before["gold"])
            assert not [word for word in PRIVATE if word in str(doc.user_data)]


def test_contract_goes_along_as_it_is(corpora, tmp_path):
    make(tmp_path / "box", corpora)
    assert read_contract(tmp_path / "box" / "configs" / "contract.json") == CONTRACT


@pytest.mark.parametrize("data", [{}, [], {"labels": ["a"]}, {"labels": ["a"], "other": 1}])
def test_json_that_is_no_contract_is_refused(tmp_path, data):
    (tmp_path / "contract.json").write_text(json.dumps(data), encoding="utf8")
    with pytest.raises(UserError, match="is no contract"):
        read_contract(tmp_path / "contract.json")


def test_earlier_project_is_replaced_but_nothing_else(corpora, tmp_path):
    make(tmp_path / "box", corpora)
    (tmp_path / "box" / "training").mkdir()
    make(tmp_path / "box", corpora)
    assert not (tmp_path / "box" / "training").exists()
    with pytest.raises(UserError, match="would be replaced"):
        make(tmp_path / "corpus", corpora)


@pytest.mark.parametrize(
    "path",
    [
        "answers.sqlite",
        ".git/config",
        "configs/teacher.cfg",
        "corpus/gold/a",
        "training/assembled/x",
    ],
)
def test_project_with_more_in_it_is_refused(corpora, tmp_path, path):
    make(tmp_path / "box", corpora)
    added = tmp_path / "box" / path
    added.parent.mkdir(parents=True, exist_ok=True)
    added.write_text("mine", encoding="utf8")
    with pytest.raises(UserError, match="would be replaced, but holds"):
        make(tmp_path / "box", corpora)
    assert added.read_text(encoding="utf8") == "mine"


def test_project_that_only_looks_alike_is_refused(corpora, tmp_path):
    (tmp_path / "box" / "corpus").mkdir(parents=True)
    (tmp_path / "box" / "project.yml").write_text("commands: []", encoding="utf8")
    with pytest.raises(UserError, match=r"project\.yml"):
        make(tmp_path / "box", corpora)
    assert (tmp_path / "box" / "project.yml").is_file()


def test_project_that_has_run_is_replaced(corpora, tmp_path):
    make(tmp_path / "box", corpora)
    (tmp_path / "box" / "project.lock").write_text("{}", encoding="utf8")
    for name in ("assets/encoder", "training/student", "training/model-best"):
        (tmp_path / "box" / name).mkdir(parents=True)
    make(tmp_path / "box", corpora)
    assert not (tmp_path / "box" / "assets").exists()


@pytest.mark.parametrize("storage", ["ssh://host/x", "https://host/x", "file:///x", "S4://b"])
def test_storage_that_weasel_lacks_is_refused(corpora, tmp_path, storage):
    with pytest.raises(UserError, match="gs://"):
        make(tmp_path / "box", corpora, storage)
    assert not (tmp_path / "box").exists()


@pytest.mark.parametrize("storage", ["s3://b/x", "gs://b", "az://b/x", "../x", "C:\\x"])
def test_storage_of_weasel_is_taken_over(corpora, tmp_path, storage):
    make(tmp_path / "box", corpora, storage)
    assert load_project_config(tmp_path / "box")["remotes"] == {"default": storage}


def test_missing_student_config_is_named(corpora, tmp_path):
    with pytest.raises(UserError, match=r"no\.cfg"):
        make_remote(
            tmp_path / "box", tmp_path / "no.cfg", contract=CONTRACT, storage="s", **corpora
        )
    assert not (tmp_path / "box").exists()


def weasel(folder, *words):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "weasel", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_student_comes_back_from_another_machine(corpora, tmp_path):
    here, there, storage = tmp_path / "here", tmp_path / "there", tmp_path / "storage"
    storage.mkdir()
    make(here, corpora, storage)
    weasel(here, "push")
    there.mkdir()
    shutil.copy(here / "project.yml", there)
    shutil.copytree(here / "configs", there / "configs")
    weasel(there, "pull")
    on_the_cpu = ["--vars.gpu_id=-1", "--vars.mixed_precision=false"]
    weasel(there, "run", "train", ".", *on_the_cpu)
    weasel(there, "push")
    weasel(here, "pull")
    nlp = spacy.load(here / "training" / "student")
    cats = nlp("a good thing").cats
    assert max(cats, key=cats.__getitem__) == "good"
    assert nlp.meta["distill"]["temperature"]["llm"] > 0
