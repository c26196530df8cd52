import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacy_distill.attrs import get_distill
from spacy_distill.corpora.convert import convert
from spacy_distill.corpora.labels import FOREIGN_LABEL, NO_LABEL
from spacy_distill.corpora.split import DROPPED, LEAK
from spacy_distill.errors import UserError
from spacy_distill.io import write_docs
from spacy_distill.shingles import normalize_text

from .conftest import CONTRACT, DROP, LABELS, MULTILABEL, make_doc, pool_text, read


def texts(path):
    return [doc.text for doc in read(path)]


def test_every_doc_is_in_train_or_dev(curated, tmp_path):
    report = convert(curated, tmp_path / "out", contract=CONTRACT, dev_size=0.3)
    train, dev = texts(tmp_path / "out" / "train"), texts(tmp_path / "out" / "dev")
    assert sorted(train + dev) == sorted(texts(curated))
    assert (report.splits["train"].n, report.splits["dev"].n) == (len(train), len(dev))
    assert min(len(train), len(dev)) > 5


def test_train_is_soft_and_dev_hard(curated, tmp_path):
    convert(curated, tmp_path, contract=CONTRACT, dev_size=0.3)
    assert {score for doc in read(tmp_path / "train") for score in doc.cats.values()} == {
        0.1,
        0.8,
    }
    assert {score for doc in read(tmp_path / "dev") for score in doc.cats.values()} == {
        0.0,
        1.0,
    }


def test_absent_labels_stay_absent(tmp_path):
    docs = [make_doc(pool_text(n), {"bug": 0.7}) for n in range(40)]
    write_docs(docs, tmp_path / "curated")
    convert(tmp_path / "curated", tmp_path, contract=MULTILABEL, dev_size=0.3)
    assert all(doc.cats == {"bug": 0.7} for doc in read(tmp_path / "train"))
    assert all(doc.cats == {"bug": 1.0} for doc in read(tmp_path / "dev"))


def test_gold_corpora_have_hard_human_labels(curated, gold_test, tmp_path):
    convert(curated, tmp_path, contract=CONTRACT, gold_dev=gold_test, gold_test=gold_test)
    expected = [{"bug": 0, "praise": 0, "question": 1}, {"bug": 1, "praise": 0, "question": 0}]
    for name in ("gold_dev", "test"):
        assert [doc.cats for doc in read(tmp_path / name)] == expected


def test_without_gold_there_are_no_gold_corpora(curated, tmp_path):
    report = convert(curated, tmp_path / "out", contract=CONTRACT)
    assert list(report.splits) == ["train", "dev"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "dev",
        "train",
    ]


def test_left_out_docs_are_counted(curated, gold_test, tmp_path):
    docs = [
        *read(curated),
        make_doc("Tell me, is there a manual in Dutch for this kettle?", {"bug": 1.0}),
        make_doc("the hinge broke on day one", {"bug": 1.0}),
        make_doc("A line that a filter dropped.", {"bug": 1.0}, verdicts=[DROP]),
        make_doc("Nobody could parse the answer here."),
    ]
    write_docs(docs, curated)
    report = convert(curated, tmp_path, contract=CONTRACT, gold_test=gold_test, dev_size=0.3)
    assert report.left_out == {str(curated): {LEAK: 2, DROPPED: 1, NO_LABEL: 1}}
    assert report.splits["train"].n + report.splits["dev"].n == 60


def test_unusable_gold_is_counted_and_named(curated, tmp_path):
    gold = [
        make_doc("one usable text", gold=["bug"], source="g-1"),
        make_doc("no label at all", source="g-2"),
        make_doc("a foreign label", gold=["spam"], source="g-3"),
    ]
    write_docs(gold, tmp_path / "gold")
    report = convert(curated, tmp_path, contract=CONTRACT, gold_test=tmp_path / "gold")
    assert report.splits["test"].n == 1
    assert report.left_out == {str(tmp_path / "gold"): {NO_LABEL: 1, FOREIGN_LABEL: 1}}
    assert [(r["source"], r["gold"], r["reason"]) for r in report.rejects] == [
        ("g-3", ["spam"], FOREIGN_LABEL)
    ]


def test_unusable_gold_is_still_kept_out_of_training(curated, tmp_path):
    gold = [make_doc("one usable text", gold=["bug"]), make_doc(pool_text(3), gold=["spam"])]
    write_docs(gold, tmp_path / "gold")
    report = convert(curated, tmp_path, contract=CONTRACT, gold_test=tmp_path / "gold")
    assert report.left_out[str(curated)] == {LEAK: 1}


def test_label_map_applies_to_gold(curated, tmp_path):
    write_docs([make_doc("a foreign label", gold=["defect"])], tmp_path / "gold")
    contract = replace(CONTRACT, label_map={"defect": "bug"})
    convert(curated, tmp_path, contract=contract, gold_test=tmp_path / "gold")
    assert read(tmp_path / "test")[0].cats["bug"] == 1.0


def test_labels_from_gold_give_the_same_split(curated, tmp_path):
    docs = read(curated)
    for number, doc in enumerate(docs):
        get_distill(doc)["gold"] = [LABELS[(number + 1) % 3]]
    del get_distill(docs[7])["gold"]
    write_docs(docs, curated)
    convert(curated, tmp_path / "teacher", contract=CONTRACT, dev_size=0.3)
    report = convert(
        curated, tmp_path / "gold", contract=CONTRACT, dev_size=0.3, labels_from="gold"
    )
    for name in ("train", "dev"):
        expected = [text for text in texts(tmp_path / "teacher" / name) if text != docs[7].text]
        assert texts(tmp_path / "gold" / name) == expected
    gold = {doc.text: list(get_distill(doc).get("gold", ())) for doc in docs}
    for doc in read(tmp_path / "gold" / "train"):
        assert [label for label, score in doc.cats.items() if score] == gold[doc.text]
    assert report.left_out == {str(curated): {NO_LABEL: 1}}


def test_balance_table(curated, tmp_path):
    report = convert(curated, tmp_path, contract=CONTRACT, dev_size=0.3)
    train, dev = report.splits["train"], report.splits["dev"]
    assert {name: train.hard[name] + dev.hard[name] for name in LABELS} == dict.fromkeys(LABELS, 20)
    assert sum(train.soft.values()) == pytest.approx(train.n)
    assert dev.soft == dev.hard


def test_balance_sets_weights_in_train_only(curated, tmp_path):
    docs = [doc for n, doc in enumerate(read(curated)) if n % 3 != 1 or n < 20]
    write_docs(docs, curated)
    convert(curated, tmp_path, contract=CONTRACT, dev_size=0.3, balance="inverse")
    weights = [get_distill(doc)["weight"] for doc in read(tmp_path / "train")]
    assert sum(weights) / len(weights) == pytest.approx(1.0)
    assert max(weights) > 1.2 * min(weights)
    assert all("weight" not in get_distill(doc) for doc in read(tmp_path / "dev"))


def test_no_weights_by_default(curated, tmp_path):
    convert(curated, tmp_path, contract=CONTRACT, dev_size=0.3)
    assert all("weight" not in get_distill(doc) for doc in read(tmp_path / "train"))


def test_report_is_json(curated, gold_test, tmp_path):
    report = convert(curated, tmp_path, contract=CONTRACT, gold_test=gold_test)
    data = json.loads(json.dumps(report.to_json()))
    assert data["settings"]["dev_size"] == 0.1
    assert list(data["splits"]) == ["train", "dev", "test"]


def test_dev_without_docs_is_refused(curated, gold_test, tmp_path):
    with pytest.raises(UserError, match=r"left for dev: of 60 Docs 60 are for train .*0\.0"):
        convert(curated, tmp_path / "out", contract=CONTRACT, gold_test=gold_test, dev_size=0.0)
    assert not (tmp_path / "out").exists()


def test_nothing_to_train_on_is_refused(tmp_path):
    write_docs([make_doc("Nobody could parse the answer.")], tmp_path / "curated")
    with pytest.raises(UserError, match=r"left for train: .*'without a label': 1"):
        convert(tmp_path / "curated", tmp_path / "out", contract=CONTRACT)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("gold", "message"), [(["spam"], "label that the task doesn't have"), (None, "without a label")]
)
def test_gold_of_another_task_is_refused(curated, tmp_path, gold, message):
    record = {} if gold is None else {"gold": gold}
    write_docs([make_doc("a text", **record)], tmp_path / "gold")
    with pytest.raises(UserError, match=f"No Doc of the gold corpus .*{message}"):
        convert(curated, tmp_path / "out", contract=CONTRACT, gold_dev=tmp_path / "gold")
    assert not (tmp_path / "out").exists()


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=5), st.integers(0, 3))
def test_no_text_of_gold_is_learned_from(curated, tmp_path, numbers, style):
    change = (str, str.upper, "Hello! {}".format, "{}?!".format)[style]
    gold = [make_doc(change(pool_text(number)), gold=["bug"]) for number in numbers]
    write_docs(gold, tmp_path / "gold")
    convert(curated, tmp_path / "out", contract=CONTRACT, gold_test=tmp_path / "gold", dev_size=0.3)
    learned = texts(tmp_path / "out" / "train") + texts(tmp_path / "out" / "dev")
    repeated = {normalize_text(pool_text(number)) for number in numbers}
    assert repeated.isdisjoint(map(normalize_text, learned))
    assert len(learned) == 60 - len(set(numbers) - {60})
