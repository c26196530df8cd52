import pytest
import spacy
import srsly
from typer.testing import CliRunner

from spacy_distill.attrs import content_id, get_distill
from spacy_distill.cli import distill_app
from spacy_distill.contract import Contract, read_contract
from spacy_distill.errors import UserError
from spacy_distill.io import read_docs, read_json, write_docs
from spacy_distill.teacher.label import label
from spacy_distill.teacher.vote import vote

from ..conftest import ROOT

TWO = Contract("llm", "en", ("a", "b"), exclusive=True)
MANY = Contract("llm", "en", ("a", "b"), exclusive=False)
A, B = {"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 1.0}


@pytest.fixture
def labelled(tmp_path):
    """Write what a teacher has labelled: rows of text, cats and more of the record."""
    nlp = spacy.blank("en")

    def write(name, *rows, shard_size=2):
        docs = []
        for text, cats, *more in rows:
            doc = nlp.make_doc(text)
            doc.cats = cats
            record = get_distill(doc)
            record.update(id=content_id(text), n_ok=int(bool(cats)), gold=["a"], meta={"n": 1})
            record.update(*more)
            docs.append(doc)
        write_docs(docs, tmp_path / name, shard_size=shard_size)
        return tmp_path / name

    return write


def answer(outcome, response):
    return {"outcome": outcome, "reason": "", "response": response, "prompt_sha256": ""}


def test_vote_averages_the_labels(labelled, tmp_path):
    one = labelled("one", ("x", A), ("y", A), ("z", {"a": 0.6, "b": 0.4}))
    two = labelled("two", ("x", A), ("y", B), ("z", A), shard_size=10)
    report = vote([one, two], tmp_path / "out", contract=TWO)
    x, y, z = read_docs(tmp_path / "out")
    assert [doc.text for doc in (x, y, z)] == ["x", "y", "z"]
    assert (x.cats, y.cats) == (A, {"a": 0.5, "b": 0.5})
    assert z.cats == pytest.approx({"a": 0.8, "b": 0.2})
    assert [get_distill(doc)["agreement"] for doc in (x, y, z)] == [1.0, 0.5, 1.0]
    assert (report.n_docs, report.n_labelled, report.n_voted, report.n_unanimous) == (3, 3, 3, 2)
    assert report.labels == pytest.approx({"a": 2.3, "b": 0.7})


def test_vote_weighs_the_teachers(labelled, tmp_path):
    one, two = labelled("one", ("x", A)), labelled("two", ("x", B))
    vote([one, two], tmp_path / "out", contract=TWO, weights=[3, 1])
    (doc,) = read_docs(tmp_path / "out")
    assert doc.cats == {"a": 0.75, "b": 0.25}
    assert get_distill(doc)["agreement"] == 0.75


def test_vote_of_one_teacher_stands_where_the_other_has_no_label(labelled, tmp_path):
    one = labelled("one", ("x", {}), ("y", {}), ("z", A, {"agreement": 0.9}))
    two = labelled("two", ("x", B, {"agreement": 0.8}), ("y", {}), ("z", {}))
    report = vote([one, two], tmp_path / "out", contract=TWO, weights=[0.3, 0.7])
    x, y, z = read_docs(tmp_path / "out")
    assert (x.cats, y.cats, z.cats) == (B, {}, A)
    assert [get_distill(doc)["n_ok"] for doc in (x, y, z)] == [1, 0, 1]
    assert not any("agreement" in get_distill(doc) for doc in (x, y, z))
    assert (report.by_corpus, report.n_labelled, report.n_voted) == ([1, 1], 2, 0)


def test_vote_keeps_the_record_and_all_answers_in_order(labelled, tmp_path):
    one = labelled("one", ("x", A, {"answers": [answer("ok", "a")], "n_soft": 1, "source": "r1"}))
    two = labelled(
        "two", ("x", B, {"answers": [answer("ok", "b"), answer("outside", "c")], "n_soft": 0})
    )
    vote([one, two], tmp_path / "out", contract=TWO)
    (doc,) = read_docs(tmp_path / "out")
    record = get_distill(doc)
    assert [found["response"] for found in record["answers"]] == ["a", "b", "c"]
    assert (record["n_ok"], record["n_soft"]) == (2, 1)
    assert (record["source"], list(record["gold"]), record["meta"]) == ("r1", ["a"], {"n": 1})


def test_vote_without_answers_leaves_none(labelled, tmp_path):
    vote([labelled("one", ("x", A)), labelled("two", ("x", A))], tmp_path / "out", contract=TWO)
    (doc,) = read_docs(tmp_path / "out")
    assert not {"answers", "n_soft"} & set(get_distill(doc))


def test_vote_multilabel_agreement_is_per_label(labelled, tmp_path):
    one = labelled("one", ("x", {"a": 1.0, "b": 1.0}))
    two = labelled("two", ("x", {"a": 1.0, "b": 0.0}))
    vote([one, two], tmp_path / "out", contract=MANY)
    (doc,) = read_docs(tmp_path / "out")
    assert doc.cats == {"a": 1.0, "b": 0.5}
    assert get_distill(doc)["agreement"] == 0.75


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("x", A)], "differ in size"),
        ([("y", A), ("x", A)], "Doc 0 is .* label the same corpus"),
        ([("x", A), ("y", {"a": 1.0, "c": 0.0})], r"has the labels \['a', 'c'\]"),
        ([("x", A), ("y", {"a": 1.0})], r"has the labels \['a'\]"),
        ([("x", A, {"verdicts": [{"keep": True}]}), ("y", A)], "curated already"),
    ],
)
def test_vote_refuses_corpora_that_differ(labelled, tmp_path, rows, message):
    one = labelled("one", ("x", A), ("y", A))
    two = labelled("two", *rows)
    with pytest.raises(UserError, match=message):
        vote([one, two], tmp_path / "out", contract=TWO)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0], [1.0, -1.0], [1.0, float("nan")]])
def test_vote_refuses_weights_that_do_not_fit(labelled, tmp_path, weights):
    corpora = [labelled("one", ("x", A)), labelled("two", ("x", A))]
    with pytest.raises(UserError, match="The weights are"):
        vote(corpora, tmp_path / "out", contract=TWO, weights=weights)


def test_vote_needs_two_teachers(labelled, tmp_path):
    one = labelled("one", ("x", A))
    for corpora in ([one], [one, one]):
        with pytest.raises(UserError, match="two different corpora"):
            vote(corpora, tmp_path / "out", contract=TWO)


def accuracy(path):
    docs = list(read_docs(path))
    right = [max(doc.cats, key=doc.cats.get) == get_distill(doc)["gold"][0] for doc in docs]
    return len(docs), round(sum(right) / len(docs), 3)


@pytest.fixture
def demo(tmp_path, monkeypatch):
    """Label the demo's test texts with each of the two recorded teachers of priority."""
    monkeypatch.chdir(ROOT)
    nlp = spacy.blank("en")
    docs = []
    for row in srsly.read_jsonl(ROOT / "assets" / "gold_test.jsonl"):
        doc = nlp.make_doc(row["text"])
        get_distill(doc).update(id=content_id(row["text"]), gold=[row["priority"]])
        docs.append(doc)
    write_docs(docs, tmp_path / "gold_test")
    for name in ("priority", "priority_defined"):
        config = ROOT / "configs" / f"teacher_{name}.cfg"
        label(config, [tmp_path / "gold_test"], tmp_path / name, store_path=tmp_path / "a.sqlite")
    return [tmp_path / name / "gold_test" for name in ("priority", "priority_defined")]


def test_vote_of_the_demos_teachers_is_no_better_than_the_best(demo, tmp_path):
    bare, defined = demo
    contract = read_contract(ROOT / "configs" / "teacher_priority.cfg")
    vote(demo, tmp_path / "even", contract=contract)
    dev_accuracy = [0.792, 0.9]
    vote(demo, tmp_path / "weighted", contract=contract, weights=dev_accuracy)
    assert accuracy(bare) == (300, 0.76)
    assert accuracy(defined) == (300, 0.893)
    assert accuracy(tmp_path / "even") == (300, 0.867)
    assert accuracy(tmp_path / "weighted") == (300, 0.893)
    agreed = [x for x in read_docs(tmp_path / "even") if get_distill(x)["agreement"] == 1.0]
    write_docs(agreed, tmp_path / "agreed")
    assert accuracy(tmp_path / "agreed") == (237, 0.916)


def test_vote_command(labelled, tmp_path):
    config = tmp_path / "teacher.cfg"
    config.write_text(
        """
[nlp]
lang = "en"
pipeline = ["llm"]

[components]

[components.llm]
factory = "llm"

[components.llm.task]
@llm_tasks = "spacy.TextCat.v3"
labels = ["a", "b"]
exclusive_classes = true
""",
        encoding="utf8",
    )
    one, two = labelled("one", ("x", A), ("y", {})), labelled("two", ("x", B), ("y", B))
    args = ["vote", one, two, "-t", config, "-o", tmp_path / "out", "-w", 3, "-w", 1]
    report = tmp_path / "vote.json"
    run = CliRunner().invoke(distill_app, [*map(str, args), "--report", str(report)])
    assert run.exit_code == 0, run.output
    assert [doc.cats for doc in read_docs(tmp_path / "out")] == [{"a": 0.75, "b": 0.25}, B]
    assert read_json(report)["by_corpus"] == [1, 2]
