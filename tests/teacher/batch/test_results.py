"""Whatever stands in a result file is an answer, a failure with a reason, or a rejected line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_distill.teacher.batch.results import custom_id, read_line, read_result
from spacy_distill.ty import Request

TAG = "0123456789abcdef"
REQUEST = Request("prompt", 2)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
BODIES = JSON | st.fixed_dictionaries({"choices": JSON}) | st.fixed_dictionaries({"error": JSON})
RESPONSES = JSON | st.fixed_dictionaries(
    {"status_code": st.sampled_from([200, 400, 401, 429, 500]) | JSON, "body": BODIES}
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_line_is_read_or_rejected(line):
    with pytest.raises(ValueError, match=r"."):
        read_line(line, TAG)


@given(st.integers(min_value=0, max_value=10**6))
def test_line_has_the_number_of_its_row(number):
    line = json.dumps({"custom_id": custom_id(TAG, number)}).encode()
    assert read_line(line, TAG)[0] == number
    with pytest.raises(ValueError, match="not one of this job"):
        read_line(line, TAG[::-1])


@given(st.fixed_dictionaries({"response": RESPONSES, "error": JSON}))
def test_result_is_an_answer_or_a_failure_with_a_reason(row):
    result = read_result(row, REQUEST, ())
    assert result.answer.request == REQUEST
    assert (result.course is None) == (result.answer.status != "failed")
    assert result.answer.status == "answered" or result.answer.reason


@pytest.mark.parametrize(
    ("row", "status", "course", "reason"),
    [
        ({"response": None, "error": {"code": "batch_expired", "message": "late"}},
         "failed", "retry", "batch_expired: late"),
        ({"response": {"status_code": 400, "body": {"error": {
            "message": "too long", "code": "context_length_exceeded"}}}, "error": None},
         "failed", "prompt", "context_length"),
        ({"response": {"status_code": 400, "body": {"error": {
            "message": "no", "code": "content_filter"}}}, "error": None},
         "refused", None, "HTTP 400: no"),
        ({"response": {"status_code": 200, "body": {"error": {"code": 502}}}, "error": None},
         "failed", "retry", "HTTP 502"),
        ({"response": {"status_code": 404, "body": {"error": {"message": "no model m"}}}},
         "failed", "stop", "no model m"),
    ],
)  # fmt: skip
def test_result_says_what_to_do(row, status, course, reason):
    result = read_result(row, REQUEST, ())
    assert (result.answer.status, result.course) == (status, course)
    assert reason in result.answer.reason
