"""What a plan's questions would cost, in words and cells of a table."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from wasabi import msg

if TYPE_CHECKING:
    from ..teacher.money.forecast import Estimate, Forecast
    from ..teacher.plan import Plan

BASES = {
    "usage": "Tokens are forecast from what {n:,} earlier calls to this model have used, as the "
    "endpoint reported it; in brackets the 95 % interval.",
    "tokenizer": "Tokens of the prompts are counted with the tokenizer, without the endpoint's own "
    "few tokens per message. Nothing is known of the answers' length yet.",
    "characters": "Tokens of the prompts are their characters divided by four: rough, with an "
    "unknown error, and without the answers'.",
}
REMEDY = (
    "For a forecast with its error give --sample 50 (paid, and kept for `label`), or probe first."
)
NO_USAGE = (
    "This model is one of spacy-llm's, which do not report what they use: no cost can be forecast."
)


def print_basis(plan: "Plan") -> None:
    """Say what the forecast rests on, at which prices, and what the worst case is."""
    from ..teacher.money.prices import describe_cost

    forecasts, terms = plan.forecasts, plan.terms
    msg.text(BASES[forecasts.basis].format(n=forecasts.n_observed))
    if not terms.reports_usage:
        msg.text(NO_USAGE)
        return
    if forecasts.basis != "usage":
        msg.text(REMEDY)
    if terms.price is None:
        msg.text(
            f"No price of {plan.model!r} at this endpoint is known; set "
            f'prices = {{"input": 0.4, "output": 1.6}} with its US dollars per million tokens in the '
            f"model's block."
        )
        return
    msg.text(
        f"Prices: ${terms.price.input:g} and ${terms.price.output:g} per million tokens of prompt "
        f"and answer, {terms.price_source}. Prices change: check before a big run."
    )
    if forecasts.total.worst_cost is None:
        msg.text("The config has no max_tokens: there is no worst case, and no --max-cost.")
    else:
        worst = describe_cost(forecasts.total.worst_cost)
        msg.text(f"At worst, with every answer at max_tokens and no retries: {worst}.")
    print_batch(plan)


def print_batch(plan: "Plan") -> None:
    """Say what the same questions cost in a batch."""
    from ..teacher.money.forecast import as_batch
    from ..teacher.money.prices import describe_cost

    batch = as_batch(plan.forecasts.total)
    worst = batch.worst_cost
    at_worst = "" if worst is None else f", at worst {describe_cost(worst)}"
    msg.text(
        f"As a batch, at half price where the endpoint has them (`spacy distill batch`): "
        f"{forecast_cells(batch)[2]}{at_worst}."
    )


def forecast_cells(forecast: "Forecast") -> tuple[str, str, str]:
    """Return tokens of the prompts and answers, and the cost, as cells of a table."""
    from ..teacher.money.prices import describe_cost

    answers, cost = forecast.completion_tokens, forecast.cost
    if cost is not None:
        paid = cell(cost, describe_cost)
    elif forecast.prompt_cost is not None:
        paid = f"{describe_cost(forecast.prompt_cost.value)} + answers"
    else:
        paid = "?"
    return (
        cell(forecast.prompt_tokens, whole),
        "?" if answers is None else cell(answers, whole),
        paid,
    )


def cell(estimate: "Estimate", write: Callable[[float], str]) -> str:
    """Return an estimate with its interval, where it has one that is not a single point."""
    text = write(estimate.value)
    if estimate.low is None or estimate.high is None or estimate.low == estimate.high:
        return text
    return f"{text} [{write(estimate.low)}, {write(estimate.high)}]"


def whole(number: float) -> str:
    """Return a number without decimals."""
    return f"{number:,.0f}"
