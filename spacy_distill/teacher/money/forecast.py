"""Forecast tokens and cost of calls that were not made yet, with the error of the forecast."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from .observed import Observed
from .prices import BATCH_SHARE, MILLION
from .spread import Spread, added, line_sum, mean_sum, scaled, student_t
from .terms import Terms

MIN_OBSERVED = 5  # calls; fewer say too little about how they differ
CHARS_PER_TOKEN = 4  # of English in common tokenizers; other languages need more tokens

Basis = Literal["usage", "tokenizer", "characters"]


class Load(NamedTuple):
    """What is to be asked: calls, the size of their prompts in all, and the answers they give."""

    n_http: int
    size: int
    n_answers: int


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval; low and high are None where no error is known."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Forecast:
    """Tokens and cost of a load; what nothing is known about is None.

    prompt_cost and cost are US dollars, the latter with the answers. worst_cost has every answer as
    long as the config allows and the prompts at the upper end of their interval; no retries.
    """

    prompt_tokens: Estimate
    completion_tokens: Estimate | None
    prompt_cost: Estimate | None
    cost: Estimate | None
    worst_cost: float | None


class Forecaster:
    """Forecasts from calls whose usage is known or, without them, from the prompts' size alone.

    observed (Sequence[Observed]): Calls to the same model; fewer than `MIN_OBSERVED` are not used.
    terms (Terms): What decides the cost.
    tokenized (bool): Whether sizes are tokens as a tokenizer counts them, not characters.
    """

    def __init__(self, observed: Sequence[Observed], terms: Terms, *, tokenized: bool) -> None:
        self.observed = observed if len(observed) >= MIN_OBSERVED else ()
        self.terms = terms
        self.basis: Basis = "tokenizer" if tokenized else "characters"
        if self.observed:
            self.basis = "usage"
        self._per_token = 1 if tokenized else CHARS_PER_TOKEN

    def forecast(self, load: Load) -> Forecast:
        """Forecast tokens and cost.

        load (Load): What is to be asked.
        RETURNS (Forecast): The forecast.
        """
        prompt, completion = self._prompt(load), self._completion(load)
        price, longest = self.terms.price, self.terms.max_output_tokens
        worst = prompt_cost = cost = None
        prompt_tokens = self._estimate(prompt)
        if price is not None:
            prompt_cost = self._estimate(scaled(prompt, price.input))
            if completion is not None:
                cost = self._estimate(
                    added(scaled(prompt, price.input), scaled(completion, price.output))
                )
            if longest is not None:
                upper = prompt_tokens.high or prompt_tokens.value
                worst = (upper * price.input + load.n_answers * longest * price.output) / MILLION
        return Forecast(
            prompt_tokens=prompt_tokens,
            completion_tokens=None if completion is None else self._estimate(completion),
            prompt_cost=prompt_cost,
            cost=cost,
            worst_cost=worst,
        )

    def _prompt(self, load: Load) -> Spread:
        if not load.n_http:
            return Spread(0.0, 0.0)
        if not self.observed:
            return Spread(math.ceil(load.size / self._per_token), None)
        sizes = [call.size for call in self.observed]
        tokens = [call.prompt_tokens for call in self.observed]
        return line_sum(sizes, tokens, load.size, load.n_http)

    def _completion(self, load: Load) -> Spread | None:
        if not self.observed:
            return None
        return mean_sum([call.completion_tokens for call in self.observed], load.n_answers)

    def _estimate(self, spread: Spread) -> Estimate:
        if spread.error is None:
            return Estimate(spread.value)
        half = student_t(len(self.observed) - 2) * spread.error if spread.error else 0.0
        return Estimate(spread.value, max(spread.value - half, 0.0), spread.value + half)


def as_batch(forecast: Forecast) -> Forecast:
    """Return the forecast of the same load in a batch."""
    return replace(
        forecast,
        prompt_cost=batch_estimate(forecast.prompt_cost),
        cost=batch_estimate(forecast.cost),
        worst_cost=None if forecast.worst_cost is None else forecast.worst_cost * BATCH_SHARE,
    )


def batch_estimate(cost: Estimate | None) -> Estimate | None:
    """Return a cost at the price of a batch."""
    if cost is None:
        return None
    low, high = (None if end is None else end * BATCH_SHARE for end in (cost.low, cost.high))
    return Estimate(cost.value * BATCH_SHARE, low, high)


@dataclass(frozen=True)
class Forecasts:
    """The forecasts of several loads and of all together.

    basis (Basis): What they rest on: the usage of `n_observed` earlier calls, a tokenizer's count,
        or a quarter of the characters.
    """

    basis: Basis
    n_observed: int
    each: list[Forecast]
    total: Forecast


def forecast_loads(
    loads: Sequence[Load], observed: Sequence[Observed], terms: Terms, *, tokenized: bool
) -> Forecasts:
    """Forecast several loads and all together, whose error is less than the sum of theirs.

    loads (Sequence[Load]): What is to be asked.
    observed (Sequence[Observed]): Earlier calls to the same model.
    terms (Terms): What decides the cost.
    tokenized (bool): Whether sizes are tokens as a tokenizer counts them, not characters.
    RETURNS (Forecasts): The forecasts.
    """
    forecaster = Forecaster(observed, terms, tokenized=tokenized)
    total = Load(*map(sum, zip(*loads, strict=True))) if loads else Load(0, 0, 0)
    return Forecasts(
        basis=forecaster.basis,
        n_observed=len(forecaster.observed),
        each=[forecaster.forecast(load) for load in loads],
        total=forecaster.forecast(total),
    )
