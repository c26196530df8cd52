from spacy_distill.attrs import content_id
from spacy_distill.curate.component import Curator
from spacy_distill.curate.filters.leak import create_leak_filter
from spacy_distill.curate.filters.length import create_length_filter
from spacy_distill.curate.filters.near_duplicate import create_near_duplicate_filter

from .conftest import make_doc

TEXT = "My parcel was sent to the wrong street again."
COPY = "My parcel was sent to the wrong street again!!! Please help."


def test_first_is_kept_and_copy_dropped():
    judge = create_near_duplicate_filter(0.5)
    assert judge(make_doc(TEXT))["keep"]
    verdict = judge(make_doc(COPY))
    assert not verdict["keep"]
    assert 0.5 <= verdict["score"] < 1.0


def test_evidence_names_the_kept_one():
    judge = create_near_duplicate_filter(0.5)
    judge(make_doc(TEXT, source="w1-001"))
    judge(make_doc(COPY, source="w1-002"))
    verdict = judge(make_doc(TEXT.upper()))
    assert verdict["evidence"] == f"similarity 1.00 to {content_id(TEXT)} (w1-001)"


def test_threshold_decides():
    judge = create_near_duplicate_filter(0.9)
    judge(make_doc(TEXT))
    assert judge(make_doc(COPY))["keep"]


def test_copy_of_a_dropped_doc_is_kept():
    filters = {
        "length": create_length_filter(min_chars=0, max_chars=50, min_words=0),
        "near_duplicate": create_near_duplicate_filter(0.5),
    }
    curator = Curator("curator", filters=filters)
    long, short = curator(make_doc(COPY)), curator(make_doc(TEXT))
    assert [v["keep"] for v in long._.distill["verdicts"]] == [False, True]
    assert [v["keep"] for v in short._.distill["verdicts"]] == [True, True]


def test_leak_filter_drops_near_copies_of_gold(gold):
    judge = create_leak_filter([str(gold)], 0.5)
    verdict = judge(make_doc("Can I pair two phones with one speaker at the same time?"))
    assert not verdict["keep"]
    assert verdict["evidence"].startswith("similarity 0.7")
    assert " to gold " in verdict["evidence"]


def test_leak_filter_keeps_others(gold):
    assert create_leak_filter([str(gold)], 0.5)(make_doc(TEXT))["keep"]


def test_leak_filter_does_not_compare_docs_with_each_other(gold):
    judge = create_leak_filter([str(gold)], 0.5)
    assert [judge(make_doc(TEXT))["keep"] for _ in range(2)] == [True, True]


def test_leak_filter_reads_gold_only_when_it_judges(tmp_path):
    create_leak_filter([str(tmp_path / "missing")], 0.5)
