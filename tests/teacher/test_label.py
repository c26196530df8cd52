import os
import signal
import subprocess
import sys
import time

import pytest
import spacy
from spacy.training import Example

from spacy_distill.attrs import get_distill
from spacy_distill.contract import gold_labels, read_contract
from spacy_distill.errors import UserError
from spacy_distill.io import read_docs, write_docs
from spacy_distill.teacher.choose import choose_teacher, split_arguments
from spacy_distill.teacher.label import answer_corpus, label
from spacy_distill.teacher.pipeline import load_teacher
from spacy_distill.teacher.probe import probe
from spacy_distill.teacher.store.answers import AnswerStore

SCRIPT = """
import sys
import spacy
from spacy_distill.teacher.label import answer_corpus, label
from spacy_distill.teacher.pipeline import load_teacher

spacy.util.import_file("http_model", sys.argv[1])
label(sys.argv[2], [sys.argv[3]], sys.argv[4], store_path=sys.argv[5])
"""


def run_label(http_config, corpus, tmp_path, **kwargs):
    store = tmp_path / "a.sqlite"
    return label(http_config, [corpus], tmp_path / "out", store_path=store, **kwargs)[0]


def test_label_counts_every_outcome(http_config, make_corpus, tmp_path):
    corpus = make_corpus(["one", "two say: bad", "say: ugly", "fail", "three"])
    report = run_label(http_config, corpus, tmp_path)
    assert (report.n_docs, report.n_labelled) == (5, 3)
    assert report.outcomes == {"ok": 3, "outside": 1, "failed": 1}
    assert report.requests == {"asked": 5, "failed": 1, "unparsed": 1}
    assert report.labels == {"good": 2.0, "bad": 1.0}
    assert report.examples["outside"][0]["text"] == "say: ugly"


def test_label_keeps_gold_beside_the_labels(http_config, make_corpus, tmp_path):
    corpus = make_corpus(["one"], gold=[["bad"]])
    run_label(http_config, corpus, tmp_path)
    (doc,) = read_docs(tmp_path / "out" / "texts", spacy.blank("en").vocab)
    assert tuple(get_distill(doc)["gold"]) == ("bad",)
    assert doc.cats == {"bad": 0.0, "good": 1.0}


def test_label_forgets_the_words_of_a_shard(http_config, make_corpus, tmp_path):
    corpus = make_corpus(["quaggas say: good", "okapis"])
    write_docs(list(read_docs(corpus)), corpus, shard_size=1)
    contract = read_contract(http_config)
    nlp = load_teacher(http_config, contract.name, store_path=tmp_path / "a.sqlite")
    known = [
        [word in nlp.vocab.strings for word in ("quaggas", "okapis")]
        for _ in answer_corpus(nlp, corpus, contract)
    ]
    assert known == [[True, False], [False, True]]
    assert "okapis" not in nlp.vocab.strings


def test_label_writes_the_words_of_all_shards(http_config, make_corpus, tmp_path):
    corpus = make_corpus(["quaggas", "okapis", "tapirs"])
    write_docs(list(read_docs(corpus)), corpus, shard_size=2)
    run_label(http_config, corpus, tmp_path)
    texts = [doc.text for doc in read_docs(tmp_path / "out" / "texts")]
    assert texts == ["quaggas", "okapis", "tapirs"]


def test_label_map_needs_no_second_answer(http_config, make_corpus, tmp_path, teacher):
    corpus = make_corpus(["one", "two say: bad"], gold=[["good"], ["bad"]])
    run_label(http_config, corpus, tmp_path)
    asked = teacher.delivered.copy()
    report = run_label(http_config, corpus, tmp_path, label_map={"bad": "poor"})
    assert teacher.delivered == asked
    assert report.labels == {"good": 1.0, "poor": 1.0}
    docs = list(read_docs(tmp_path / "out" / "texts", spacy.blank("en").vocab))
    contract = read_contract(http_config, label_map={"bad": "poor"})
    assert [gold_labels(doc, contract) for doc in docs] == [["good"], ["poor"]]


def test_label_takes_a_trained_pipeline_as_teacher(make_corpus, tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("textcat", name="topic")
    doc = nlp.make_doc("one")
    example = Example.from_dict(doc, {"cats": {"a": 1.0, "b": 0.0}})
    nlp.initialize(lambda: [example])
    nlp.to_disk(tmp_path / "big")
    report = run_label(tmp_path / "big", make_corpus(["one", "two"]), tmp_path)
    assert (report.n_docs, report.n_labelled, report.component) == (2, 2, "topic")
    assert sum(report.labels.values()) == pytest.approx(2.0)


def test_label_maps_the_scores_of_a_trained_teacher(make_corpus, tmp_path):
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("textcat")
    for name in ("a", "b", "c"):
        pipe.add_label(name)
    nlp.initialize()
    nlp.to_disk(tmp_path / "big")
    report = run_label(
        tmp_path / "big", make_corpus(["one"]), tmp_path, label_map={"a": "x", "b": "x", "c": "y"}
    )
    assert report.labels == pytest.approx({"x": 2 / 3, "y": 1 / 3})


def test_label_takes_any_task(http_config, make_corpus, tmp_path):
    text = http_config.read_text(encoding="utf8").replace("exclusive_classes = true\n", "")
    http_config.write_text(text.replace("spacy.TextCat.v3", "spacy.NER.v2"), encoding="utf8")
    report = run_label(http_config, make_corpus(["Anna met Ben say: GOOD: Anna", "fail"]), tmp_path)
    assert report.outcomes == {"ok": 1, "failed": 1}
    found, failed = read_docs(tmp_path / "out" / "texts", spacy.blank("en").vocab)
    assert found.ents[0].text == "Anna"
    assert not failed.ents


def test_label_says_when_no_probe_exists(tmp_path):
    _, why = choose_teacher([tmp_path / "t.cfg"], None)
    assert "has not been probed" in why


def test_label_needs_teacher_and_corpus(http_config, make_corpus, tmp_path):
    corpus = make_corpus(["one"])
    assert split_arguments([http_config, corpus]) == ([http_config], [corpus])
    with pytest.raises(UserError, match="no corpus"):
        split_arguments([http_config])
    with pytest.raises(UserError, match=r"No such file.*nowhere"):
        split_arguments([http_config, tmp_path / "nowhere"])


def test_label_killed_at_any_moment_loses_and_repeats_nothing(
    http_config, make_corpus, tmp_path, teacher, model_file
):
    texts = [f"text {i}" for i in range(400)]
    corpus = make_corpus(texts)
    paths = (model_file, http_config, corpus, tmp_path / "out", tmp_path / "a.sqlite")
    command = [sys.executable, "-c", SCRIPT, *map(str, paths)]
    kills = 0
    for wanted in (20, 90, 200):
        process = subprocess.Popen(command)
        while sum(teacher.delivered.values()) < wanted and process.poll() is None:
            time.sleep(0.002)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
        assert not (tmp_path / "out" / "texts").exists()
        with AnswerStore(tmp_path / "a.sqlite") as store:
            # The answer on its way at the moment of the kill was delivered but not received.
            assert sum(teacher.delivered.values()) - len(store) <= kills
    assert kills == 3
    subprocess.run(command, check=True)
    assert len(teacher.delivered) == len(texts)
    assert sum(teacher.delivered.values()) - len(texts) <= kills
    assert len(list(read_docs(tmp_path / "out" / "texts", spacy.blank("en").vocab))) == len(texts)


def test_probe_scores_a_teacher_and_shows_disagreements(http_config, make_corpus, tmp_path):
    corpus = make_corpus(
        ["one", "two say: bad", "three", "say: ugly"], gold=[["good"], ["bad"], ["bad"], ["bad"]]
    )
    found = probe(http_config, corpus, store_path=tmp_path / "a.sqlite")
    assert found.accuracy.value == 0.5
    assert (found.n, found.n_labelled) == (4, 3)
    assert [(row.text, row.gold, row.labels, row.answers) for row in found.rows] == [
        ("three", "bad", "good", ["good"]),
        ("say: ugly", "bad", "", ["ugly"]),
    ]
    assert found.per_label["bad"].recall == pytest.approx(1 / 3)


def test_probe_without_gold_shows_everything(http_config, make_corpus, tmp_path):
    found = probe(
        http_config, make_corpus(["one", "two"]), store_path=tmp_path / "a.sqlite", limit=1
    )
    assert found.accuracy is None
    assert [(row.text, row.labels) for row in found.rows] == [("one", "good")]
