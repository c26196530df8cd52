"""What a config says about the cost of asking, read without building a model that is not ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .prices import Price, find_price, find_row

CHAT_MODEL = "spacy-distill.ChatModel.v1"
BASE_URL = "https://api.openai.com/v1"
MAX_OUTPUT = ("max_completion_tokens", "max_tokens")


@dataclass(frozen=True)
class Terms:
    """What decides the cost of a call.

    reports_usage (bool): Whether the model tells how many tokens a call has used.
    price (Price | None): Its price, where known.
    price_source (str): Where the price stands, for people.
    max_output_tokens (int | None): The most tokens of one answer, where the config sets it.
    n (int): How many answers to one prompt come from one call.
    system (str): The system prompt that goes with each call.
    """

    reports_usage: bool = False
    price: Price | None = None
    price_source: str = ""
    max_output_tokens: int | None = None
    n: int = 1
    system: str = ""


def read_terms(block: Mapping[str, Any]) -> Terms:
    """Read the terms of a model block; models that are wrapped into ours report no usage.

    block (Mapping[str, Any]): The model block of a config, interpolated.
    RETURNS (Terms): The terms.
    RAISES (UserError): If its prices are none.
    """
    while isinstance(block.get("model"), Mapping):
        block = block["model"]
    if block.get("@llm_models") != CHAT_MODEL:
        return Terms()
    model, prices = str(block["model"]), block.get("prices")
    base_url = str(block.get("base_url") or BASE_URL)
    config = block.get("config") or {}
    longest = [config[key] for key in MAX_OUTPUT if config.get(key)]
    row = None if prices is not None else find_row(model, base_url=base_url)
    return Terms(
        reports_usage=True,
        price=find_price(model, prices, base_url=base_url),
        price_source=f"from our table, {row.dated}; see {row.page}"
        if row
        else "as the config says",
        max_output_tokens=int(longest[0]) if longest else None,
        n=int(config.get("n") or 1),
        system=str(block.get("system") or ""),
    )
