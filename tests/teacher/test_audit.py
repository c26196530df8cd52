import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_distill.teacher.audit import LabelSpace, audit
from spacy_distill.ty import Answer, Request

LABELS = ("bug_report", "praise", "delivery problem")


def space(*, exclusive=True, allow_none=True, binary=False):
    labels = LABELS[:1] if binary else LABELS
    by_answer = {label.lower(): label for label in labels}
    return LabelSpace(by_answer, str.lower, exclusive, allow_none, binary)


def judge(response, **kwargs):
    return audit(Answer(Request("p"), response), space(**kwargs))


@pytest.mark.parametrize(
    ("response", "outcome", "labels"),
    [
        ("praise", "ok", ("praise",)),
        ("  Praise\n", "ok", ("praise",)),
        ('"praise".', "ok", ("praise",)),
        ("**delivery problem**", "ok", ("delivery problem",)),
        ("praise, praise", "ok", ("praise",)),
        ("", "unparsed", None),
        (" \n", "unparsed", None),
        (",", "unparsed", None),
        ("The label is praise, I would say.", "unparsed", None),
        ("The label of this text is praise", "unparsed", None),
        ("complaint", "outside", None),
        ("praise, complaint", "outside", None),
        ("==NONE==", "outside", None),
        ("praise, bug_report", "several", None),
        ("bug_rep", "truncated", None),
        ("I'm sorry, but I can't help with that.", "refused", None),
        ("I cannot classify this text.", "refused", None),
        ('{"error": "overloaded"}', "outside", None),
    ],
)
def test_audit_exclusive(response, outcome, labels):
    audited = judge(response)
    assert (audited.outcome, audited.labels) == (outcome, labels)
    assert bool(audited.reason) == (outcome != "ok")


@pytest.mark.parametrize(
    ("response", "outcome", "labels"),
    [
        ("praise, bug_report", "ok", ("praise", "bug_report")),
        ("praise\nbug_report", "ok", ("praise", "bug_report")),
        ("==NONE==", "ok", ()),
        ("==NONE==, praise", "outside", None),
        ("praise, bug_re", "truncated", None),
        ("praise, complaint", "outside", None),
    ],
)
def test_audit_multilabel(response, outcome, labels):
    audited = judge(response, exclusive=False)
    assert (audited.outcome, audited.labels) == (outcome, labels)


def test_audit_none_needs_permission():
    assert judge("==NONE==", exclusive=False, allow_none=False).outcome == "outside"


@pytest.mark.parametrize(
    ("response", "outcome", "labels"),
    [("POS", "ok", ("bug_report",)), ("neg.", "ok", ()), ("bug_report", "unparsed", None)],
)
def test_audit_binary(response, outcome, labels):
    audited = judge(response, binary=True)
    assert (audited.outcome, audited.labels) == (outcome, labels)


@pytest.mark.parametrize("status", ["refused", "truncated", "failed"])
def test_audit_trusts_the_transport(status):
    audited = audit(Answer(Request("p"), "praise", status, "server said so"), space())
    assert (audited.outcome, audited.reason, audited.labels) == (status, "server said so", None)


@given(st.text(), st.booleans(), st.booleans())
def test_audit_labels_only_what_is_ok(response, exclusive, binary):
    audited = judge(response, exclusive=exclusive, binary=binary)
    assert (audited.labels is not None) == (audited.outcome == "ok")
    if audited.labels is not None:
        assert set(audited.labels) <= set(LABELS)
        if exclusive and not binary:
            assert len(audited.labels) == 1
