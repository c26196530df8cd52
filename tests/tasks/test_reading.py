import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_distill.tasks.textcat.form import AnswerForm
from spacy_distill.tasks.textcat.mending import MAX_CHARS
from spacy_distill.tasks.textcat.reading import read_answer

LABELS = ["good", "bad", "don't know", "two  words"]


def make_form(labels=LABELS, exclusive=True, allow_none=True):
    by_answer = {label.strip().lower(): label for label in labels}
    return AnswerForm(by_answer, str.lower, exclusive, allow_none)


ONE, SEVERAL = make_form(), make_form(exclusive=False)
AT_LEAST_ONE = make_form(exclusive=False, allow_none=False)


@pytest.mark.parametrize(
    ("form", "response", "labels"),
    [
        (ONE, '{"label": "good"}', ("good",)),
        (ONE, ' {"label":"good"}\n', ("good",)),
        (ONE, '{"label": "don\'t know"}', ("don't know",)),
        (ONE, '{"label": "don\\u0027t know"}', ("don't know",)),
        (ONE, '{"label": "two  words"}', ("two  words",)),
        (SEVERAL, '{"labels": ["good", "bad"]}', ("good", "bad")),
        (SEVERAL, '{"labels": ["good", "good"]}', ("good",)),
        (SEVERAL, '{"labels": []}', ()),
        (AT_LEAST_ONE, '{"labels": ["bad"]}', ("bad",)),
    ],
)
def test_answer_in_the_schema_is_ok(form, response, labels):
    audited = read_answer(response, form)
    assert (audited.outcome, audited.reason, audited.labels) == ("ok", "", labels)


@pytest.mark.parametrize(
    ("form", "response", "labels", "why"),
    [
        (ONE, '```json\n{"label": "good"}\n```', ("good",), "a Markdown fence"),
        (ONE, '```{"label": "good"}```', ("good",), "a Markdown fence"),
        (ONE, 'Sure! {"label": "good"} Anything else?', ("good",), "text around the JSON"),
        (ONE, 'Of {a, b}: {"label": "good"}', ("good",), "text around the JSON"),
        (ONE, '{"label": "good"}\n{"label": "good"}', ("good",), "text around the JSON"),
        (ONE, "{'label': 'good'}", ("good",), "malformed JSON"),
        (ONE, "{'label': \"don't know\"}", ("don't know",), "malformed JSON"),
        (ONE, "{'label': 'don\\'t know'}", ("don't know",), "malformed JSON"),
        (ONE, "{“label”: “good”}", ("good",), "malformed JSON"),
        (ONE, '{label: "good",}', ("good",), "malformed JSON"),
        (SEVERAL, '{"labels": ["good", "bad",],}', ("good", "bad"), "malformed JSON"),
        (ONE, '{"label": "GOOD "}', ("good",), "a label's spelling"),
        (ONE, '{"label": "don\'t  know"}', ("don't know",), "a label's spelling"),
        (ONE, '{"Label": "good"}', ("good",), "another key"),
        (ONE, '{"label": ["good"]}', ("good",), "a list for a string"),
        (ONE, '{"labels": ["good"]}', ("good",), "another key, a list for a string"),
        (ONE, '{"label": "good", "why": "it is"}', ("good",), "other keys"),
        (SEVERAL, '{"labels": "good"}', ("good",), "a string for a list"),
        (SEVERAL, '{"labels": "good, bad"}', ("good", "bad"), "a string for a list"),
        (SEVERAL, '["good"]', ("good",), "no JSON object"),
        (SEVERAL, "good, bad", ("good", "bad"), "no JSON object"),
        (ONE, "**Good**.", ("good",), "no JSON object"),
        (ONE, '"good"', ("good",), "no JSON object"),
        (
            ONE,
            '<think>Or {"label": "bad"}?</think>\n\n{"label": "good"}',
            ("good",),
            "thinking before the answer",
        ),
    ],
)
def test_answer_that_can_mean_one_thing_only_is_repaired(form, response, labels, why):
    audited = read_answer(response, form)
    assert (audited.outcome, audited.labels) == ("ok", labels)
    assert audited.reason == f"repaired: {why}"


@pytest.mark.parametrize(
    ("form", "response"),
    [
        (ONE, ""),
        (ONE, " \n"),
        (ONE, "I think it is good"),
        (ONE, "not good"),
        (ONE, '{"label": "go'),
        (ONE, '{"label": "good"'),
        (ONE, '{"label": good}'),
        (ONE, "{'label': 'don't know'}"),
        (ONE, '{"label": "good", "label": "bad"}'),
        (ONE, '{"label": "good"} or {"label": "bad"}'),
        (ONE, '{"answer": {"label": "good"}}'),
        (ONE, '{"not": {"label": "good"'),
        (ONE, '{"label": null}'),
        (ONE, '{"label": []}'),
        (ONE, '{"label": {"good": true}}'),
        (ONE, '{"labels": "good", "LABEL": "bad"}'),
        (ONE, "{}"),
        (ONE, "null"),
        (ONE, "3"),
        (SEVERAL, '["good", "ba'),
        (SEVERAL, '{"labels": ["good", "bad"'),
        (SEVERAL, '{"labels": ["good", 1]}'),
        (SEVERAL, '{"labels": null}'),
        (SEVERAL, 'Of ["good", "bad"] I choose the second'),
        (SEVERAL, "none"),
        (AT_LEAST_ONE, '{"labels": []}'),
        (ONE, "[" * 50_000),
        (ONE, "{" * 50_000),
        (ONE, '{"a":' * 15_000),
        (ONE, '{"label": "good"}' + " " * MAX_CHARS),
    ],
)
def test_answer_that_is_unclear_is_unparsed(form, response):
    audited = read_answer(response, form)
    assert (audited.outcome, audited.labels) == ("unparsed", None)
    assert audited.reason
    assert len(audited.reason) < 300


@pytest.mark.parametrize(
    ("form", "response", "outcome"),
    [
        (ONE, '{"label": "superb"}', "outside"),
        (ONE, '{"label": ""}', "outside"),
        (SEVERAL, '{"labels": ["good", "superb"]}', "outside"),
        (ONE, '{"label": ["good", "bad"]}', "several"),
        (ONE, "good, bad", "several"),
        (ONE, "I'm sorry, but I can't judge that.", "refused"),
        (ONE, 'I cannot say. {"label": "good"}', "refused"),
    ],
)
def test_other_outcomes(form, response, outcome):
    audited = read_answer(response, form)
    assert (audited.outcome, audited.labels) == (outcome, None)


def test_reading_is_quick_whatever_comes():
    start = time.perf_counter()
    for piece in ("{x} ", "{'a': ", '{"', "'", "{a:b}", "```", "{label:"):
        read_answer(piece * (MAX_CHARS // len(piece)), ONE)
    assert time.perf_counter() - start < 10


NAMES = st.lists(
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8),
    min_size=1,
    max_size=5,
    unique_by=str.lower,
)


@given(NAMES, st.data())
def test_what_is_written_is_read_back(names, data):
    form = make_form(names, exclusive=False)
    labels = data.draw(st.lists(st.sampled_from(names), unique=True))
    audited = read_answer(form.write(labels), form)
    assert (audited.labels, audited.reason) == (tuple(labels), "")


@given(NAMES, st.sampled_from(["```json\n{}\n```", "Well: {}", "{}, I think."]), st.data())
def test_text_around_the_answer_changes_nothing(names, around, data):
    form = make_form(names)
    label = data.draw(st.sampled_from(names))
    audited = read_answer(around.replace("{}", form.write([label])), form)
    assert audited.labels == (label,)


@given(st.recursive(st.none() | st.booleans() | st.text(max_size=9), st.lists, max_leaves=5))
def test_json_without_a_label_gives_none(value):
    form = make_form(["a label that nobody guesses"], exclusive=False, allow_none=False)
    for response in (json.dumps(value), json.dumps({"labels": value}), f"{{labels: {value}}}"):
        assert read_answer(response, form).labels is None


@given(st.text(alphabet="{}[]\"'“”:,` \n\\labelsgod"))
def test_no_text_breaks_the_reading(response):
    audited = read_answer(response, ONE)
    assert (audited.outcome == "ok") == (audited.labels is not None)
