"""The task in the commands: contract, plan, label and probe speak of it as of spacy-llm's own."""

import json
import shutil

import pytest

from spacy_distill.attrs import get_distill
from spacy_distill.io import read_docs
from spacy_distill.project import init
from spacy_distill.project.teachers import OwnTeacher
from spacy_distill.teacher.label import label
from spacy_distill.teacher.plan import plan
from spacy_distill.teacher.probe import probe

TEXTS = {
    "a film": ["good"],
    'say: {"label": "bad"}': ["good"],
    "say: ```json\n{'label': 'Bad',}\n```": ["bad"],
    'say: {"label": "superb"}': ["good"],
    "say: I think it is good": ["good"],
    'twice say: It is|{"label": "bad"}': ["bad"],
}
POOL = [
    {"text": "An awful film.", "label": "bad"},
    {"text": "A film to love.", "label": "good"},
    {"text": "a film", "label": "good"},
]


@pytest.fixture
def picking(make_config, tmp_path):
    path = tmp_path / "pool.jsonl"
    path.write_text("\n".join(map(json.dumps, POOL)), encoding="utf8")
    block = '[components.llm.task.examples]\n@misc = "spacy-distill.similar_examples.v1"\n'
    return make_config(f'\n{block}path = "{path}"\nn_examples = 2')


def outcomes(corpus):
    return {
        doc.text: (dict(doc.cats), [x["outcome"] for x in get_distill(doc)["answers"]])
        for doc in read_docs(corpus)
    }


def test_label_repairs_and_asks_again_once(make_config, make_corpus, teacher, tmp_path):
    corpus = make_corpus(TEXTS)
    report = label(make_config(), [corpus], tmp_path / "out", store_path=tmp_path / "a.sqlite")[0]
    good, bad = {"good": 1.0, "bad": 0.0}, {"good": 0.0, "bad": 1.0}
    assert list(outcomes(tmp_path / "out/texts").values()) == [
        (good, ["ok"]),
        (bad, ["ok"]),
        (bad, ["ok"]),
        ({}, ["outside"]),
        ({}, ["unparsed"]),
        (bad, ["ok"]),
    ]
    assert report.outcomes == {"ok": 4, "outside": 1, "unparsed": 1}
    assert len(teacher.bodies) == len(TEXTS) + 2


@pytest.mark.parametrize(
    ("labels", "said", "cats"),
    [
        ('["good"]', '{"labels": ["good"]}', {"good": 1.0}),
        ('["good"]', '{"labels": []}', {"good": 0.0}),
        ('["good", "bad"]', '{"labels": ["bad", "good"]}', {"good": 1.0, "bad": 1.0}),
        ('["good", "bad"]', '{"labels": []}', {"good": 0.0, "bad": 0.0}),
        ('["good", "bad"]', "{}", {}),
    ],
)
def test_labels_that_are_not_exclusive(make_config, make_corpus, tmp_path, labels, said, cats):
    config = make_config()
    text = config.read_text(encoding="utf8").replace('["good", "bad"]', labels)
    config.write_text(text.replace("exclusive_classes = true", ""), encoding="utf8")
    corpus = make_corpus({f"say: {said}": None})
    label(config, [corpus], tmp_path / "out", store_path=tmp_path / "a.sqlite")
    assert [doc.cats for doc in read_docs(tmp_path / "out/texts")] == [cats]


def test_schema_is_sent(make_config, make_corpus, teacher, tmp_path):
    corpus = make_corpus({"a film": None})
    label(make_config(), [corpus], tmp_path / "out", store_path=tmp_path / "a.sqlite")
    (body,) = teacher.bodies
    schema = body["response_format"]["json_schema"]["schema"]
    assert schema["properties"] == {"label": {"type": "string", "enum": ["bad", "good"]}}


def test_plan_shows_the_prompts_that_label_sends(picking, make_corpus, teacher, tmp_path):
    corpus, store = make_corpus({"a film": None, "another film": None}), tmp_path / "a.sqlite"
    planned = plan(picking, [corpus], store_path=store)
    label(picking, [corpus], tmp_path / "out", store_path=store)
    assert sorted(planned.prompts) == sorted(teacher.prompts)
    assert [prompt.count("Answer: ") for prompt in planned.prompts] == [2, 2]
    assert planned.prompts[0].count("a film\n") == 1
    again = plan(picking, [corpus], store_path=store)
    assert again.corpora[0].n_new == 0


def test_probe_holds_the_labels_against_gold(make_config, make_corpus, tmp_path):
    found = probe(make_config(), make_corpus(TEXTS), store_path=tmp_path / "a.sqlite")
    assert (found.n, found.n_labelled, found.accuracy.value) == (6, 4, pytest.approx(0.5))


def test_init_takes_config_and_pool_over(picking, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy("pool.jsonl", "examples.jsonl")
    text = picking.read_text(encoding="utf8")
    picking.write_text(text.replace(str(tmp_path / "pool.jsonl"), "examples.jsonl"), "utf8")
    contract = init("project", OwnTeacher(picking))
    assert contract.labels == ("good", "bad")
    assert (tmp_path / "project/examples.jsonl").is_file()
