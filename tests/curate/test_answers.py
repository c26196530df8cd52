import pytest

from spacy_distill.curate.filters.answers import create_agreement_filter, create_unparsed_filter

from .conftest import answer, make_doc


@pytest.mark.parametrize(
    ("record", "cats", "keep"),
    [
        ({"answers": [answer()], "n_ok": 1}, {"praise": 1.0}, True),
        ({"answers": [answer("unparsed"), answer()], "n_ok": 1}, {"praise": 1.0}, True),
        ({"answers": [answer("refused")], "n_ok": 0}, {}, False),
        ({"answers": [answer("refused")], "n_ok": 0}, {"praise": 0.0}, False),
        ({"answers": [], "n_ok": 0}, {}, False),
        ({"answers": [answer("failed")]}, {}, False),
        ({}, {"praise": 0.7}, True),
        ({}, {}, False),
    ],
)
def test_unparsed_filter(record, cats, keep):
    assert create_unparsed_filter()(make_doc("text", cats=cats, **record))["keep"] is keep


def test_unparsed_filter_evidence():
    answers = [answer("outside", "'great' is no label"), answer("truncated")]
    verdict = create_unparsed_filter()(make_doc("text", answers=answers, n_ok=0))
    assert verdict["evidence"] == "outside ('great' is no label); truncated"
    assert (verdict["score"], verdict["threshold"]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("agreement", "keep"), [(1.0, True), (0.6, True), (0.59, False), (0.0, False)]
)
def test_agreement_filter_threshold_is_inclusive(agreement, keep):
    verdict = create_agreement_filter(0.6)(make_doc("text", agreement=agreement))
    assert (verdict["keep"], verdict["score"], verdict["threshold"]) == (keep, agreement, 0.6)


def test_agreement_filter_keeps_single_answers():
    verdict = create_agreement_filter(1.0)(make_doc("text", cats={"praise": 1.0}))
    assert verdict["keep"]
    assert verdict["evidence"] == "fewer than two answers"


def test_agreement_filter_evidence():
    cats = {"high": 1 / 3, "low": 2 / 3, "urgent": 0.0}
    verdict = create_agreement_filter(0.9)(make_doc("text", cats=cats, agreement=2 / 3))
    assert verdict["evidence"] == "low 0.67, high 0.33"
