import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_distill.errors import UserError
from spacy_distill.teacher.money.budget import OVERHEAD_TOKENS, Budget
from spacy_distill.teacher.money.prices import Price, cost

PRICE = Price(1.0, 10.0)


def usage(n_prompt, n_completion):
    return {"prompt_tokens": n_prompt, "completion_tokens": n_completion}


def worst(n_bytes, n_output):
    return cost(usage(n_bytes + OVERHEAD_TOKENS, n_output), PRICE)


def test_reservation_is_the_worst_case_until_it_settles():
    budget = Budget(max_cost=1.0, price=PRICE)
    call = budget.reserve(1000, 50)
    assert budget.reserved == pytest.approx(worst(1000, 50))
    assert (budget.spent, budget.n_open, budget.n_calls) == (0.0, 1, 1)
    budget.settle(call, usage(250, 3))
    assert budget.spent == pytest.approx(cost(usage(250, 3), PRICE))
    assert (budget.reserved, budget.n_open, budget.n_calls) == (0.0, 0, 1)


def test_call_that_might_cross_the_cap_fits_again_when_others_settle():
    budget = Budget(max_cost=worst(1000, 50) * 1.5, price=PRICE)
    call = budget.reserve(1000, 50)
    assert budget.reserve(1000, 50) is None
    budget.settle(call, usage(250, 3))
    assert budget.reserve(1000, 50) is not None


def test_cap_can_be_reached_exactly():
    budget = Budget(max_cost=worst(1000, 50) * 2, price=PRICE)
    assert budget.reserve(1000, 50)
    assert budget.reserve(1000, 50)
    assert budget.reserve(1, 1) is None


@pytest.mark.parametrize("end", ["settle_unknown", "settle"])
def test_worst_case_stays_booked_where_nobody_knows(end):
    budget = Budget(max_cost=1.0, price=PRICE)
    call = budget.reserve(1000, 50)
    if end == "settle":
        budget.settle(call, {"prompt_tokens": None})
    else:
        budget.settle_unknown(call)
    assert budget.spent == pytest.approx(worst(1000, 50))
    assert (budget.reserved, budget.n_unknown) == (0.0, 1)


def test_error_costs_nothing_but_counts_as_a_call():
    budget = Budget(max_calls=2, max_cost=1.0, price=PRICE)
    budget.refund(budget.reserve(1000, 50))
    assert (budget.spent, budget.reserved, budget.n_calls) == (0.0, 0.0, 1)
    assert budget.reserve(1000, 50) is not None
    assert budget.reserve(1000, 50) is None


def test_call_never_sent_does_not_count():
    budget = Budget(max_calls=1)
    budget.cancel(budget.reserve(1000, None))
    assert (budget.n_calls, budget.n_open) == (0, 0)
    assert budget.reserve(1000, None) is not None


def test_cost_above_the_reservation_is_booked_all_the_same():
    budget = Budget(max_cost=worst(10, 5), price=PRICE)
    budget.settle(budget.reserve(10, 5), usage(10_000, 5_000))
    assert budget.spent == pytest.approx(cost(usage(10_000, 5_000), PRICE))
    assert budget.reserve(1, 1) is None


def test_reservation_settles_once():
    budget = Budget(max_cost=1.0, price=PRICE)
    call = budget.reserve(1000, 50)
    budget.refund(call)
    with pytest.raises(KeyError):
        budget.settle_unknown(call)
    assert budget.spent == 0.0


def test_spend_is_counted_without_caps():
    budget = Budget(price=PRICE)
    budget.settle(budget.reserve(1000, None), usage(250, 3))
    assert budget.spent == pytest.approx(cost(usage(250, 3), PRICE))


def test_nothing_is_booked_without_a_price():
    budget = Budget()
    budget.settle(budget.reserve(1000, None), usage(250, 3))
    budget.settle_unknown(budget.reserve(1000, None))
    assert (budget.spent, budget.n_calls, budget.n_unknown) == (0.0, 2, 1)


@pytest.mark.parametrize(
    ("caps", "message"),
    [
        ({"max_calls": 0}, "max_calls = 0"),
        ({"max_cost": 0.0, "price": PRICE}, "max_cost = 0.0"),
        ({"max_cost": -1.0, "price": PRICE}, "max_cost"),
        ({"max_cost": float("nan"), "price": PRICE}, "max_cost"),
        ({"max_cost": float("inf"), "price": PRICE}, "max_cost"),
        ({"max_cost": 5.0}, r"prices = \{.input"),
    ],
)
def test_caps_that_cannot_hold_are_refused(caps, message):
    with pytest.raises(UserError, match=message):
        Budget(**caps)


def test_cap_on_cost_needs_max_tokens():
    with pytest.raises(UserError, match="max_tokens"):
        Budget(max_cost=1.0, price=PRICE).reserve(1000, None)


def test_refusal_says_which_cap():
    budget = Budget(max_calls=1, max_cost=0.01, price=PRICE)
    assert "the next call could cost $10.00" in budget.refusal(10_000_000, 0)
    budget.reserve(1, 1)
    assert budget.refusal(1, 1) == "the cap on calls, 1, is reached"


CALLS = st.lists(
    st.tuples(
        st.integers(0, 5_000),  # bytes of the request
        st.integers(0, 300),  # max_tokens
        st.floats(0, 1),  # the share of the worst case that is really used
        st.sampled_from(["settle", "settle_unknown", "refund", "cancel"]),
        st.integers(0, 5),  # which open call ends next
    ),
    max_size=40,
)


@given(
    calls=CALLS,
    max_calls=st.none() | st.integers(1, 20),
    max_cost=st.none() | st.floats(1e-6, 0.05),
    price=st.builds(Price, st.floats(0, 20), st.floats(0, 80)),
)
def test_caps_are_never_crossed(calls, max_calls, max_cost, price):
    budget = Budget(max_calls, max_cost, price)
    flying = []
    real = 0.0
    n_sent = 0
    for n_bytes, n_output, share, end, which in calls:
        call = budget.reserve(n_bytes, n_output)
        if call is not None:
            flying.append((call, int(n_bytes * share), int(n_output * share), end))
        if flying and which < len(flying):
            call, n_prompt, n_completion, end = flying.pop(which)
            args = (usage(n_prompt, n_completion),) if end == "settle" else ()
            getattr(budget, end)(call, *args)
            n_sent += end != "cancel"
            real += cost(usage(n_prompt, n_completion), price) if end == "settle" else 0.0
        assert budget.n_open == len(flying)
        assert budget.n_calls == n_sent + len(flying)
        assert real <= budget.spent + 1e-9
        if max_cost is not None:
            assert budget.spent + budget.reserved <= max_cost * (1 + 1e-12)
        if max_calls is not None:
            assert budget.n_calls <= max_calls
    for call, *_ in flying:
        budget.refund(call)
    assert budget.reserved == 0.0


def test_caps_hold_for_many_threads():
    """512 calls at a time, each waiting for others to settle until it fits or none is open."""
    max_cost = 0.5
    budget = Budget(max_calls=4_000, max_cost=max_cost, price=PRICE)
    lock = threading.Lock()
    billed = {"calls": 0, "cost": 0.0, "refused": 0}

    def ask(number):
        rng = random.Random(number)
        n_bytes, n_output = rng.randint(10, 1_000), 20
        while (call := budget.reserve(n_bytes, n_output)) is None:
            if budget.n_open == 0:
                with lock:
                    billed["refused"] += 1
                return
            time.sleep(0.001)
        used = usage(n_bytes // 4, rng.randint(1, n_output))
        with lock:
            billed["calls"] += 1
        time.sleep(0.0001)
        if number % 10 == 0:
            budget.refund(call)
            return
        with lock:
            billed["cost"] += cost(used, PRICE)
        budget.settle(call, used)
        assert budget.spent + budget.reserved <= max_cost

    with ThreadPoolExecutor(512) as pool:
        list(pool.map(ask, range(3_000)))
    assert billed["refused"] > 0
    assert billed["calls"] == budget.n_calls <= 4_000
    assert budget.spent == pytest.approx(billed["cost"])
    assert max_cost * 0.99 < billed["cost"] <= max_cost
