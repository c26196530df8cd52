"""What a model's tokens cost: the user's own prices, else a dated table with a source for each row."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from ...errors import UserError

MILLION = 1_000_000
TABLE = "prices.json"
BATCH_SHARE = 0.5  # of the price, at OpenAI and Azure for all models
# Only full dates: short numbers, such as mistral-small-2402, have named models of other prices.
SNAPSHOT = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|20\d{6}|latest)$")


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens of the prompt and of the answer."""

    input: float
    output: float


@dataclass(frozen=True)
class PriceRow:
    """One row of the table: a model at one endpoint, its price, and where and when that was read.

    hosts (tuple[str, ...]): The endpoint's hosts; another one may ask another price for the model.
    page (str): The vendor's own price list, for checking.
    source (str): Where the price was read.
    dated (str): When, as YYYY-MM-DD.
    note (str): What the price depends on, if anything.
    """

    model: str
    hosts: tuple[str, ...]
    price: Price
    page: str
    source: str
    dated: str
    note: str = ""


def find_price(
    model: str, override: Mapping[str, float] | None = None, *, base_url: str | None = None
) -> Price | None:
    """Find out what a model costs.

    model (str): The model's name at its endpoint.
    override (Mapping[str, float] | None): The `prices` of the user's model block.
    base_url (str | None): The endpoint; a row of the table holds for its own hosts only. None takes
        the model's name for enough.
    RETURNS (Price | None): The override; else the table's price; None if it has none.
    RAISES (UserError): If the override is no price.
    """
    if override is not None:
        return read_price(override)
    row = find_row(model, base_url=base_url)
    return None if row is None else row.price


def find_row(model: str, *, base_url: str | None = None) -> PriceRow | None:
    """Find a model in the table.

    model (str): The model's name at its endpoint.
    base_url (str | None): The endpoint; None for whichever.
    RETURNS (PriceRow | None): The row for exactly this name, or for the name without the date of
        its snapshot; None without one, or if endpoints that could be meant differ in their price.
    """
    host = None if base_url is None else urlsplit(base_url).hostname
    for name in (model, SNAPSHOT.sub("", model)):
        rows = [row for row in price_table() if row.model == name]
        if rows:
            rows = [row for row in rows if base_url is None or host in row.hosts]
            return rows[0] if len({row.price for row in rows}) == 1 else None
    return None


def read_price(prices: Mapping[str, Any]) -> Price:
    """Read the `prices` of a model block.

    prices (Mapping[str, Any]): US dollars per million tokens: `input` and `output`.
    RETURNS (Price): The price.
    RAISES (UserError): If one is missing, is no number, or is negative, or there is something else.
    """
    values = dict(prices)
    if set(values) != {"input", "output"} or not all(map(_is_amount, values.values())):
        raise UserError(
            f"prices = {values} must be US dollars per million tokens, such as "
            f"{{input = 0.15, output = 0.6}}."
        )
    return Price(float(values["input"]), float(values["output"]))


def _is_amount(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return math.isfinite(value) and value >= 0


@cache
def price_table() -> tuple[PriceRow, ...]:
    """Return the table of common models."""
    text = resources.files(__package__).joinpath(TABLE).read_text(encoding="utf8")
    return tuple(
        PriceRow(
            **{key: row[key] for key in ("model", "page", "source", "dated")},
            hosts=tuple(row["hosts"]),
            price=Price(row["input"], row["output"]),
            note=row.get("note", ""),
        )
        for row in json.loads(text)["models"]
    )


def cost(usage: Mapping[str, Any], price: Price) -> float | None:
    """Return what a call has cost in US dollars; discounts for cached prompts are ignored.

    usage (Mapping[str, Any]): Token counts as an OpenAI-shaped endpoint reports them.
    price (Price): The price.
    RETURNS (float | None): The cost; None if the usage does not say.
    """
    counts = token_counts(usage)
    if counts is None:
        return None
    n_prompt, n_completion = counts
    return (n_prompt * price.input + n_completion * price.output) / MILLION


def token_counts(usage: Mapping[str, Any]) -> tuple[int, int] | None:
    """Read the tokens of the prompt and of the answer from a reported usage.

    usage (Mapping[str, Any]): Token counts as an OpenAI-shaped endpoint reports them.
    RETURNS (tuple[int, int] | None): Tokens of the prompt and of the answer. Some endpoints count
        the tokens of hidden reasoning in the total only; they are paid like the answer's.
    """
    n_prompt, n_completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if not _is_count(n_prompt) or not _is_count(n_completion):
        return None
    total = usage.get("total_tokens")
    hidden = total - n_prompt - n_completion if _is_count(total) else 0
    return n_prompt, n_completion + max(hidden, 0)


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def describe_cost(usd: float) -> str:
    """Return an amount in US dollars for people, such as "$0.0042" or "$12.30"."""
    if 0 < usd < 0.0001:
        return "less than $0.0001"
    return f"${usd:,.4f}" if 0 < usd < 1 else f"${usd:,.2f}"


def batch_price(price: Price) -> Price:
    """Return what the same tokens cost in a batch."""
    return Price(price.input * BATCH_SHARE, price.output * BATCH_SHARE)
