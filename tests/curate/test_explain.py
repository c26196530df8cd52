import pytest

from spacy_distill.attrs import content_id
from spacy_distill.curate.explain import explain
from spacy_distill.curate.run import curate
from spacy_distill.errors import UserError
from spacy_distill.io import write_docs

from .conftest import CONFIG, TEXTS, labelled, make_doc


@pytest.mark.parametrize("key", [content_id(TEXTS[4]), content_id(TEXTS[4])[:6], "c-4"])
def test_explain_by_any_id(corpus, key):
    assert explain(corpus, key)["text"] == "n/a"


def test_explain_tells_all(corpus, tmp_path):
    curate(corpus, tmp_path / "curated", CONFIG)
    facts = explain(tmp_path / "curated", "c-4")
    assert facts["labels"] == {"praise": 1.0}
    assert facts["gold"] is None
    assert facts["answers"][0]["outcome"] == "ok"
    assert [v["filter"] for v in facts["verdicts"] if not v["keep"]] == ["junk"]


def test_exact_id_wins_over_longer_ones(tmp_path):
    write_docs([make_doc(f"text {n}", source=f"w1-{n}") for n in (1, 10, 11)], tmp_path / "docs")
    assert explain(tmp_path / "docs", "w1-1")["text"] == "text 1"


def test_explain_unknown_id(corpus):
    with pytest.raises(UserError, match=r"No Doc in .* starts with 'zzz'"):
        explain(corpus, "zzz")


def test_explain_ambiguous_id(tmp_path):
    write_docs((labelled(f"text {n}", source=f"w1-{n}") for n in range(9)), tmp_path / "docs")
    with pytest.raises(UserError, match=r"'w1-': \w{16} \(w1-0\), .*\(w1-4\), …\."):
        explain(tmp_path / "docs", "w1-")
