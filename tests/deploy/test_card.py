import json
import re

import pytest
import srsly
from typer.testing import CliRunner

import spacy_distill.cli.package  # noqa: F401  (registers the command)
from spacy_distill.cli.app import distill_app
from spacy_distill.deploy.card import model_card
from spacy_distill.deploy.package import package
from spacy_distill.deploy.provenance import passed_on
from spacy_distill.errors import UserError

from .conftest import LABELS, train_student

# spaCy leaves the files it writes to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

MINILM = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
RUN = {
    "name": "run-1",
    "time": "2026-01-02T03:04:05+00:00",
    "component": "llm",
    "labels": list(LABELS),
    "verdict": "ship with fallback",
    "scores": {
        "teacher accuracy": "0.950 [0.920, 0.970]",
        "student accuracy": "0.910 [0.880, 0.940]",
        "student macro-F1": "0.900 [0.870, 0.930]",
        "student agreement with the teacher": "0.930 [0.900, 0.960]",
    },
    "n": {"test": 300, "train": 415, "dev": 120},
    "teacher": "configs/teacher.cfg",
    "teacher_sha256": "ab" * 32,
    "answers": {"asked": 700, "stored": 5},
    "prompts": {"n": 705, "sha256": "cd" * 32},
    "data": {"test": {"test/0.spacy": "11" * 32}, "train": {"a": "22" * 32, "b": "33" * 32}},
    "config": {"path": "config.cfg", "sha256": "ef" * 32, "text": ""},
    "encoder": {"assets/encoder": {"model.safetensors": MINILM}},
    "seed": 3,
    "versions": {"python": "3.11.1", "spacy": "3.8.18"},
    "machine": {"platform": "Linux", "processor": "A CPU", "cpus": 2},
    "outcomes": {"ids": "0123456789abcdef", "gold": "0", "decided": {"student": "0"}},
}
CURATION = {"n": 652, "kept": 600, "filters": {"junk": {"dropped": 52}, "leak": {"dropped": 0}}}


def span(value):
    return {"value": value, "low": value - 0.05, "high": value + 0.05, "n": 300}


def make_evaluation(labels=LABELS):
    scores = {"precision": span(0.8), "recall": span(0.7), "f1": span(0.75)}
    student = {
        "name": "student",
        "accuracy": {"value": 0.91, "low": 0.88, "high": 0.94, "n": 300},
        "macro_f1": span(0.9),
        "agreement": span(0.93),
        "labels": [{"label": x, "n_gold": 100, "n_decided": 90, **scores} for x in labels],
    }
    return {
        "labels": list(labels),
        "n_test": 300,
        "n_train": 415,
        "prompts_sha256": "cd" * 32,
        "systems": [student],
        "notes": ["Few Docs."],
        "speed": {
            "docs_per_s": 1234.5,
            "n_docs": 512,
            "latency_p50_ms": 1.5,
            "latency_p95_ms": 2.5,
            "n_latency": 100,
            "size_mb": 5.0,
        },
        "gold": {
            "verdict": {
                "word": "ship with fallback",
                "reasons": ["The lower bound is met."],
                "threshold": 0.875,
            },
            "causes": [{"examples": [{"text": "a private text"}]}],
        },
    }


@pytest.fixture
def make_pipeline(tmp_path):
    def make(labels=LABELS, *, run=None, factory="textcat", **meta):
        nlp = train_student(labels, factory=factory)
        nlp.meta.update(name="intent", version="1.2.3", **meta)
        nlp.meta["distill"] = {"temperature": {"llm": 1.5}, **(run or {})}
        nlp.to_disk(tmp_path / "pipeline")
        return tmp_path / "pipeline"

    return make


def front_matter(card):
    return srsly.yaml_loads(card.split("---\n")[1])


def cells(card, section):
    body = card.split(f"## {section}\n")[1].split("\n## ")[0]
    rows = [line for line in body.splitlines() if line.startswith("|")]
    return [re.split(r"(?<!\\)\|", row)[1:-1] for row in rows]


def test_card_front_matter_is_what_the_hub_reads(make_pipeline):
    card = model_card(make_pipeline(run=RUN, license="MIT"))
    data = front_matter(card)
    assert data["tags"] == ["spacy", "text-classification"]
    assert (data["language"], data["license"]) == (["en"], "mit")
    index = data["model-index"][0]
    assert index["name"] == "en_intent"
    result = index["results"][0]
    assert result["task"]["type"] == "text-classification"
    assert [(x["type"], x["value"]) for x in result["metrics"]] == [("accuracy", 0.91), ("f1", 0.9)]
    assert result["dataset"]["name"] == "300 test texts with human labels"


def test_card_says_how_the_student_was_made(make_pipeline):
    card = model_card(make_pipeline(run=RUN), curation=CURATION)
    made = {row[0].strip(): row[1].strip() for row in cells(card, "How it was made")}
    assert made["Teacher"] == "configs/teacher.cfg"
    assert made["Prompts, SHA-256"] == "cd" * 32
    assert made["Training texts"] == "415"
    assert made["Curation"] == "600 of 652 texts kept; dropped: junk 52"
    assert made["Encoder"] == "all-MiniLM-L6-v2 (licence: apache-2.0)"
    assert made["Answers"] == "700 asked, 5 stored"
    assert made["Seed"] == "3"


def test_card_names_data_by_digest(make_pipeline):
    rows = cells(model_card(make_pipeline(run=RUN)), "Data")
    assert [x.strip() for x in rows[2]] == ["test", "300", "11" * 32]
    assert rows[3][2].strip().endswith("(2 files)")


def test_card_scores_come_with_n_and_interval(make_pipeline):
    card = model_card(make_pipeline(run=RUN))
    assert "On 300 test texts with human labels" in card
    assert (
        "| student | 0.910 [0.880, 0.940] | 0.900 [0.870, 0.930] | 0.930 [0.900, 0.960] |" in card
    )
    assert "Verdict: **ship with fallback**" in card


def test_card_with_the_evaluation_has_labels_reasons_and_speed(make_pipeline):
    card = model_card(make_pipeline(run=RUN), evaluation=make_evaluation())
    assert "| praise | 100 | 0.800 [0.750, 0.850] | 0.700 [0.650, 0.750] |" in card
    for words in (
        "- The lower bound is met.",
        "- Few Docs.",
        "Below a confidence of 0.8750",
        "temperature 1.500",
        "1,234 texts per second in batches (over 512)",
    ):
        assert words in card


def test_card_shows_no_text_and_no_id(make_pipeline):
    card = model_card(make_pipeline(run=RUN), evaluation=make_evaluation())
    assert "a private text" not in card
    assert "0123456789abcdef" not in card


def test_card_tells_calling_code_what_changes(make_pipeline):
    card = model_card(make_pipeline())
    assert "probabilities instead of 0 and 1" in card
    assert 'nlp = spacy.load("en_intent")' in card
    assert "label = max(doc.cats, key=doc.cats.get)" in card
    assert "exactly one of 3 labels" in card


def test_card_of_several_labels_has_their_thresholds(make_pipeline):
    run = {**RUN, "thresholds": {"llm": {"complaint": 0.25, "praise": 0.5, "question": 0.75}}}
    card = model_card(make_pipeline(run=run, factory="textcat_multilabel"))
    assert "any of 3 labels" in card
    assert "| complaint | 0.250 |" in card
    assert 'nlp.meta["distill"]["thresholds"]["llm"]' in card


def test_card_without_a_run_says_so(make_pipeline):
    card = model_card(make_pipeline())
    assert "model-index" not in front_matter(card)
    assert "Not evaluated." in card
    assert "Not recorded." in card


def test_card_without_gold_claims_no_accuracy(make_pipeline):
    scores = {"student agreement with the teacher": "0.930 [0.900, 0.960]"}
    card = model_card(make_pipeline(run={**RUN, "verdict": None, "scores": scores}))
    assert "model-index" not in front_matter(card)
    assert "300 test texts without human labels" in card
    assert "No verdict: there were no human labels." in card


def test_card_escapes_labels_and_names(make_pipeline):
    labels = ("a | b", "<script>alert(1)</script>", "*bold* `code` [x](http://y)")
    run = {**RUN, "labels": list(labels), "teacher": "<img src=x>|.cfg", "name": "a\n# b"}
    card = model_card(make_pipeline(labels, run=run), evaluation=make_evaluation(labels))
    rows = cells(card, "Labels")
    assert {len(row) for row in rows} == {5}
    assert len(rows) == 5
    prose = card.split("---\n", 2)[2]
    assert "<script" not in prose
    assert "<img" not in prose
    assert "\n# b" not in prose
    assert "](http" not in prose


def test_card_refuses_files_of_another_run(make_pipeline):
    pipeline = make_pipeline(run=RUN)
    with pytest.raises(UserError, match="not of one run"):
        model_card(pipeline, evaluation={**make_evaluation(), "prompts_sha256": "other"})
    with pytest.raises(UserError, match=r"The evaluation is of the labels \['x'\]"):
        model_card(pipeline, evaluation=make_evaluation(["x"]))


def test_card_is_the_readme_of_the_package(make_pipeline, tmp_path):
    wheel = package(
        make_pipeline(),
        tmp_path / "out",
        name="mood",
        version="2.0.0",
        provenance=RUN,
        evaluation=make_evaluation(),
        curation=CURATION,
    )
    folder = wheel.parents[1]
    card = (folder / "README.md").read_text(encoding="utf8")
    assert front_matter(card)["model-index"][0]["name"] == "en_mood"
    assert "600 of 652 texts kept" in card
    meta = json.loads((folder / "meta.json").read_text(encoding="utf8"))
    assert meta["distill"]["seed"] == 3
    assert "outcomes" not in meta["distill"]


@pytest.mark.parametrize("foreign", [{}, [1], {"corpus": "x"}])
def test_card_refuses_foreign_json(make_pipeline, tmp_path, foreign):
    pipeline = make_pipeline()
    with pytest.raises(UserError, match=r"The evaluation has no 'systems'; .*`evaluate --output`"):
        model_card(pipeline, evaluation=foreign)
    with pytest.raises(UserError, match=r"The curation has no 'n'; .*`curate --report`"):
        model_card(pipeline, curation=foreign)
    with pytest.raises(UserError, match=r"The snapshot has no 'name'; .*`evaluate --run`"):
        package(pipeline, tmp_path / "out", name="x", version="1.0.0", provenance=foreign)


def test_card_is_written_by_the_command_too(make_pipeline, tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(RUN), encoding="utf8")
    (tmp_path / "curate.json").write_text(json.dumps(CURATION), encoding="utf8")
    arguments = [
        *("package", str(make_pipeline()), str(tmp_path / "out"), "--name", "intent"),
        *("--run", str(tmp_path / "run.json"), "--curation", str(tmp_path / "curate.json")),
        *("--card", str(tmp_path / "card.md")),
    ]
    result = CliRunner().invoke(distill_app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    card = (tmp_path / "card.md").read_text(encoding="utf8")
    assert card == (tmp_path / "out" / "en_intent-0.0.0" / "README.md").read_text(encoding="utf8")
    assert "600 of 652 texts kept" in card


@pytest.mark.parametrize("change", ["verdict", "accuracy"])
def test_card_refuses_another_students_evaluation_of_the_same_prompts(make_pipeline, change):
    evaluation = make_evaluation()
    if change == "verdict":
        evaluation["gold"]["verdict"]["word"] = "ship"
    else:
        evaluation["systems"][0]["accuracy"] = span(0.99)
    with pytest.raises(UserError, match=f"differ in {change}"):
        model_card(make_pipeline(run=RUN), evaluation=evaluation)


def test_package_names_no_folder_and_no_config(make_pipeline):
    run = {**RUN, "config": {"path": "/home/me/c.cfg", "sha256": "ef", "text": "secret = 1"}}
    run |= {"data": {"test": {"/home/me/t.spacy": "11"}}, "teacher": "/home/me/llm.cfg"}
    kept = passed_on(run)
    assert "/home" not in str(kept)
    assert "secret" not in str(kept)
    assert kept["data"] == {"test": {"t.spacy": "11"}}


def test_card_names_the_teachers_model(make_pipeline):
    run = {**RUN, "teacher_model": {"@llm_models": "spacy.GPT-4.v3", "name": "gpt-4"}}
    assert "spacy.GPT-4.v3 (name=gpt-4)" in model_card(make_pipeline(run=run))
