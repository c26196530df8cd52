import json

import pytest
from confection import ConfigValidationError
from spacy.vocab import Vocab

from spacy_distill.attrs import content_id, is_kept
from spacy_distill.curate.run import curate, load_curator
from spacy_distill.errors import UserError
from spacy_distill.io import read_docs, write_docs

from .conftest import CONFIG, ROOT, TEXTS, labelled

FILTERS = "components.curator.filters"


def drops(path):
    return {
        doc._.distill["source"]: [v["filter"] for v in doc._.distill["verdicts"] if not v["keep"]]
        for doc in read_docs(path, Vocab())
    }


def test_all_docs_are_written_with_verdicts(corpus, gold, tmp_path):
    curate(corpus, tmp_path / "curated", CONFIG, gold=[gold])
    assert [doc.text for doc in read_docs(tmp_path / "curated", Vocab())] == list(TEXTS)
    assert drops(tmp_path / "curated") == {
        "c-0": [],
        "c-1": [],
        "c-2": ["near_duplicate"],
        "c-3": ["language"],
        "c-4": ["junk"],
        "c-5": ["leak"],
    }


def test_report_counts(corpus, gold, tmp_path):
    overrides = {f"{FILTERS}.length.min_chars": 10}
    report = curate(corpus, tmp_path / "curated", CONFIG, gold=[gold], overrides=overrides)
    assert (report.n, report.kept) == (6, 2)
    assert {name: (x.dropped, x.alone) for name, x in report.filters.items()} == {
        "unparsed": (0, 0),
        "agreement": (0, 0),
        "length": (1, 0),
        "junk": (1, 0),
        "language": (1, 1),
        "leak": (1, 1),
        "near_duplicate": (1, 1),
    }


def test_report_balance(corpus, tmp_path):
    report = curate(corpus, tmp_path / "curated", CONFIG)
    assert report.labels_before == {"question": 1.0, "praise": 5.0}
    assert report.labels_after == {"question": 1.0, "praise": 2.0}


def test_report_examples(tmp_path):
    write_docs((labelled("n/a", source=str(n)) for n in range(12)), tmp_path / "docs")
    report = curate(tmp_path / "docs", tmp_path / "curated", CONFIG)
    examples = report.filters["junk"].examples
    assert [example["source"] for example in examples] == [str(n) for n in range(10)]
    assert examples[0] == {
        "id": content_id("n/a"),
        "source": "0",
        "text": "n/a",
        "score": 1.0,
        "evidence": "placeholder",
    }


def test_report_is_json(corpus, tmp_path):
    report = curate(corpus, tmp_path / "curated", CONFIG)
    assert json.loads(json.dumps(report.to_json()))["n"] == 6


def test_threshold_changes_without_other_inputs(corpus, tmp_path):
    overrides = {f"{FILTERS}.near_duplicate.threshold": 1.0, f"{FILTERS}.language.threshold": 0.0}
    curate(corpus, tmp_path / "curated", CONFIG)
    report = curate(tmp_path / "curated", tmp_path / "again", CONFIG, overrides=overrides)
    assert report.kept == 4
    assert drops(tmp_path / "again")["c-3"] == []


def test_run_on_its_own_output_gives_the_same(corpus, gold, tmp_path):
    first = curate(corpus, tmp_path / "curated", CONFIG, gold=[gold])
    again = curate(tmp_path / "curated", tmp_path / "curated", CONFIG, gold=[gold])
    assert {**again.to_json(), "corpus": ""} == {**first.to_json(), "corpus": ""}


def test_failed_run_leaves_the_old_output(corpus, tmp_path):
    curate(corpus, tmp_path / "curated", CONFIG)
    before = drops(tmp_path / "curated")
    with pytest.raises(FileNotFoundError, match="No corpus at"):
        curate(corpus, tmp_path / "curated", CONFIG, gold=[tmp_path / "missing"])
    assert drops(tmp_path / "curated") == before


def test_missing_config(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No config at .*none\.cfg"):
        load_curator(tmp_path / "none.cfg")


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ('factory = "distill_curator"', 'factory = "sentencizer"', UserError, "but it has 0"),
        (
            "leak_filter.v1",
            "unparsed_filter.v1\n#",
            UserError,
            "no filter .* is 'spacy-distill.leak",
        ),
        ("junk_filter.v1", "jnk_filter.v1", UserError, "names a filter that is not registered"),
        ("min_chars = 3", "min_char = 3", ConfigValidationError, "min_char"),
    ],
)
def test_faulty_config(old, new, error, message, gold, tmp_path):
    text = CONFIG.read_text(encoding="utf8").replace(old, new)
    if "unparsed_filter.v1\n" in new:
        text = text.replace(
            'unparsed_filter.v1\n#"\ngold = []\nthreshold = 0.5', 'unparsed_filter.v1"'
        )
    (tmp_path / "curate.cfg").write_text(text, encoding="utf8")
    with pytest.raises(error, match=message):
        load_curator(tmp_path / "curate.cfg", gold=[gold])


def test_demo_dirt_is_dropped_and_nothing_else(tmp_path):
    def rows(name):
        with (ROOT / "assets" / f"{name}.jsonl").open(encoding="utf8") as lines:
            return [json.loads(line) for line in lines]

    for name in ("comments", "gold_dev", "gold_test"):
        write_docs((labelled(r["text"], source=r["id"]) for r in rows(name)), tmp_path / name)
    gold = [tmp_path / "gold_dev", tmp_path / "gold_test"]
    curate(tmp_path / "comments", tmp_path / "curated", CONFIG, gold=gold)
    kept = {
        doc._.distill["source"] for doc in read_docs(tmp_path / "curated", Vocab()) if is_kept(doc)
    }
    of_gold = {row["id"] for name in ("gold_dev", "gold_test") for row in rows(name)}
    dirt = {row["id"]: row for row in rows("dirt")}
    reposts = {name: row["source"] for name, row in dirt.items() if row["kind"] == "repost"}
    both = {name for name, source in reposts.items() if name in kept and source in kept | of_gold}
    assert both == set()
    assert kept.isdisjoint({name for name in dirt if name not in reposts} | of_gold)
    clean = {row["id"] for row in rows("comments")} - of_gold - set(dirt) - set(reposts.values())
    assert len(clean - kept) <= 0.005 * len(clean)
