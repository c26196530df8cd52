import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_distill.teacher.money.forecast import MIN_OBSERVED, Load, forecast_loads
from spacy_distill.teacher.money.observed import Observed
from spacy_distill.teacher.money.prices import Price
from spacy_distill.teacher.money.spread import student_t
from spacy_distill.teacher.money.terms import Terms

TERMS = Terms(reports_usage=True, price=Price(2.0, 8.0), max_output_tokens=50)
LINE = [Observed(size, 20 + 3 * size, 4.0) for size in (10, 20, 30, 40, 50)]


def forecast(load, observed=LINE, terms=TERMS, tokenized=False):
    return forecast_loads([load], observed, terms, tokenized=tokenized).total


def test_forecast_follows_a_line_beyond_the_known_sizes():
    found = forecast(Load(n_http=10, size=1000, n_answers=10))
    assert found.prompt_tokens.value == pytest.approx(10 * 20 + 3 * 1000)
    assert found.prompt_tokens.low == pytest.approx(found.prompt_tokens.high)
    assert found.completion_tokens.value == pytest.approx(40)
    assert found.cost.value == pytest.approx((3200 * 2 + 40 * 8) / 1e6)
    assert found.prompt_cost.value == pytest.approx(3200 * 2 / 1e6)


def test_worst_case_has_every_answer_at_its_longest():
    found = forecast(Load(n_http=10, size=1000, n_answers=20))
    assert found.worst_cost == pytest.approx((3200 * 2 + 20 * 50 * 8) / 1e6)


def test_calls_of_equal_size_are_forecast_by_their_ratio():
    observed = [Observed(100, 30, 1.0)] * 5
    assert forecast(Load(1, 200, 1), observed).prompt_tokens.value == pytest.approx(60)


@pytest.mark.parametrize("n", [0, 1, MIN_OBSERVED - 1])
def test_few_calls_claim_no_error(n):
    found = forecast_loads([Load(2, 1001, 2)], LINE[:n], TERMS, tokenized=False)
    assert (found.basis, found.n_observed) == ("characters", 0)
    assert (found.total.prompt_tokens.value, found.total.prompt_tokens.low) == (251, None)
    assert found.total.completion_tokens is found.total.cost is None
    assert found.total.prompt_cost.value == pytest.approx(251 * 2 / 1e6)


def test_tokenizer_counts_are_taken_as_they_are():
    found = forecast_loads([Load(2, 1001, 2)], [], TERMS, tokenized=True)
    assert found.basis == "tokenizer"
    assert (found.total.prompt_tokens.value, found.total.prompt_tokens.high) == (1001, None)
    assert found.total.worst_cost == pytest.approx((1001 * 2 + 2 * 50 * 8) / 1e6)


def test_cost_needs_a_price_and_the_worst_case_a_limit():
    found = forecast(Load(2, 100, 2), terms=Terms(reports_usage=True, max_output_tokens=5))
    assert found.prompt_cost is found.cost is found.worst_cost is None
    assert forecast(Load(2, 100, 2), terms=Terms(price=Price(1.0, 1.0))).worst_cost is None


def test_nothing_to_ask_costs_nothing():
    found = forecast(Load(0, 0, 0))
    assert (found.cost.value, found.cost.low, found.cost.high) == (0, 0, 0)
    assert found.worst_cost == 0


def test_error_of_all_is_less_than_that_of_the_parts():
    observed = [Observed(s, 20 + 3 * s + (-1) ** s * 9, s % 4) for s in range(10, 40)]
    found = forecast_loads([Load(9, 200, 9), Load(5, 150, 5)], observed, TERMS, tokenized=False)
    parts = [one.cost.high - one.cost.low for one in found.each]
    whole = found.total.cost.high - found.total.cost.low
    assert max(parts) < whole < sum(parts)
    assert found.total.cost.value == pytest.approx(sum(one.cost.value for one in found.each))


@given(
    observed=st.lists(
        st.builds(Observed, st.integers(0, 5000), st.integers(0, 5000), st.floats(0, 5000)),
        max_size=30,
    ),
    load=st.integers(0, 1000).flatmap(
        lambda n: st.builds(Load, st.just(n), st.integers(0, n * 5000), st.just(n))
    ),
)
def test_intervals_hold_their_values(observed, load):
    found = forecast(load, observed)
    for one in (found.prompt_tokens, found.completion_tokens, found.cost):
        if one is not None and one.low is not None:
            assert 0 <= one.low <= one.value <= one.high < math.inf


@pytest.mark.parametrize(
    ("df", "exact"), [(3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042), (1000, 1.962)]
)
def test_student_t_is_near_its_table(df, exact):
    assert student_t(df) == pytest.approx(exact, rel=0.01)
