import re
from datetime import date

import pytest

from spacy_distill.errors import UserError
from spacy_distill.teacher.money.prices import (
    Price,
    cost,
    describe_cost,
    find_price,
    price_table,
    token_counts,
)


def test_price_rows_say_where_and_when_they_were_read():
    for row in price_table():
        assert re.fullmatch(r"the Python package [\w-]+ [\d.]+|https://\S+", row.source)
        assert row.page.startswith("https://")
        assert date(2024, 1, 1) < date.fromisoformat(row.dated)
        assert 0 < row.price.input <= row.price.output < 1000
        assert row.hosts
        assert all(re.fullmatch(r"[a-z0-9.-]+", host) for host in row.hosts)


def test_price_rows_are_unique_by_model_and_host():
    names = [(row.model, host) for row in price_table() for host in row.hosts]
    assert len(names) == len(set(names)) > 50


@pytest.mark.parametrize(
    ("model", "like"),
    [
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("claude-3-5-haiku-latest", "claude-3-5-haiku"),
    ],
)
def test_prices_of_dated_snapshots_are_those_of_the_name(model, like):
    assert find_price(model) == find_price(like) is not None


def test_price_of_a_snapshot_with_a_row_of_its_own():
    assert find_price("gpt-4o-2024-05-13") != find_price("gpt-4o")


@pytest.mark.parametrize(
    "model",
    [
        "gpt-4o-audio-preview",
        "gpt-4o-mini-tts",
        "gpt-4",
        "gpt",
        "GPT-4o",
        "openai/gpt-4o",
        "ft:gpt-4o-mini-2024-07-18:me::id",
        "mistral-small-2402",
        "mistral-large-latest",
        "gpt-4o-mini-2024-07-18-x",
        "",
    ],
)
def test_prices_never_come_from_a_neighbour(model):
    exact = {row.model: row.price for row in price_table()}
    assert find_price(model) == exact.get(model)


def test_price_holds_for_its_own_endpoint_only():
    found = find_price("gpt-4o", base_url="https://api.openai.com/v1")
    assert found == find_price("gpt-4o") is not None
    assert find_price("gpt-4o", base_url="http://127.0.0.1:8000/v1") is None
    assert find_price("gpt-4o", base_url="https://api.openai.com.evil.example/v1") is None


def test_override_outranks_the_table():
    assert find_price("gpt-4o", {"input": 1, "output": 2.5}) == Price(1.0, 2.5)
    assert find_price("mine", {"input": 0, "output": 0}, base_url="http://x") == Price(0.0, 0.0)


@pytest.mark.parametrize(
    "prices",
    [
        {},
        {"input": 1.0},
        {"input": 1.0, "output": 2.0, "cached": 0.1},
        {"input": -1.0, "output": 2.0},
        {"input": float("nan"), "output": 2.0},
        {"input": float("inf"), "output": 2.0},
        {"input": "1", "output": 2.0},
        {"input": True, "output": 2.0},
    ],
)
def test_override_that_is_no_price_is_refused(prices):
    with pytest.raises(UserError, match="US dollars per million"):
        find_price("gpt-4o", prices)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 10, "completion_tokens": 2}, (10, 2)),
        ({"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}, (10, 2)),
        ({"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 40}, (10, 30)),
        ({"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 5}, (10, 2)),
        ({"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": None}, (10, 2)),
        ({"prompt_tokens": 0, "completion_tokens": 0}, (0, 0)),
        ({"prompt_tokens": 10}, None),
        ({"prompt_tokens": 10, "completion_tokens": None}, None),
        ({"prompt_tokens": "10", "completion_tokens": 2}, None),
        ({"prompt_tokens": -1, "completion_tokens": 2}, None),
        ({"prompt_tokens": True, "completion_tokens": 2}, None),
        ({}, None),
    ],
)
def test_token_counts_of_a_reported_usage(usage, expected):
    assert token_counts(usage) == expected


def test_cost_is_per_million_tokens():
    usage = {"prompt_tokens": 2_000_000, "completion_tokens": 500_000}
    assert cost(usage, Price(0.15, 0.6)) == pytest.approx(0.6)
    assert cost({"prompt_tokens": 1}, Price(0.15, 0.6)) is None


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0.0, "$0.00"),
        (0.00001, "less than $0.0001"),
        (0.0042, "$0.0042"),
        (0.25, "$0.2500"),
        (1.0, "$1.00"),
        (12.304, "$12.30"),
        (1234.5, "$1,234.50"),
    ],
)
def test_cost_is_described_for_people(usd, text):
    assert describe_cost(usd) == text
