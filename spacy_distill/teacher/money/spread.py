"""Sums of values that are not known yet, with the error of expecting them."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .prices import MILLION

Z = 1.959964  # 95 % of a normal distribution


class Spread(NamedTuple):
    """An expected value and the standard deviation of its error."""

    value: float
    error: float | None


def line_sum(x: Sequence[float], y: Sequence[float], total: float, n: int) -> Spread:
    """Forecast the sum of n new values by a straight line through known ones.

    x (Sequence[float]): The known sizes; 3 or more.
    y (Sequence[float]): The values at these.
    total (float): The sum of the new sizes.
    n (int): How many new values there are.
    RETURNS (Spread): Their sum, with the error of the line and of the new values around it.
    """
    m, centre, mean = len(x), float(np.mean(x)), float(np.mean(y))
    dx, dy = np.asarray(x) - centre, np.asarray(y) - mean
    spread = float(np.sum(dx**2))
    if spread:
        slope = float(np.sum(dx * dy)) / spread
    else:
        slope = mean / centre if centre else 0.0
    off = total / n - centre
    share = dx / spread if spread else np.zeros(m)
    residuals = dy - slope * dx
    # Longer prompts scatter more: each residual counts by its own weight in the forecast (HC3)
    weights = n * (1 / m + off * share)
    leverage = 1 / m + dx * share
    of_line = float(np.sum((weights * residuals / np.maximum(1 - leverage, 1 / m)) ** 2))
    around = n * float(np.sum(residuals**2)) / (m - 2)
    return Spread(max(n * (mean + slope * off), 0.0), math.sqrt(of_line + around))


def mean_sum(y: Sequence[float], n: int) -> Spread:
    """Forecast the sum of n new values by the mean of known ones.

    y (Sequence[float]): The known values; 2 or more.
    n (int): How many new values there are.
    RETURNS (Spread): Their sum, with the error of the mean and of the new values around it.
    """
    variance = float(np.var(y, ddof=1)) * (n * n / len(y) + n)
    return Spread(n * float(np.mean(y)), math.sqrt(variance))


def scaled(spread: Spread, price: float) -> Spread:
    """Return the cost of a number of tokens in US dollars."""
    error = None if spread.error is None else spread.error * price / MILLION
    return Spread(spread.value * price / MILLION, error)


def added(one: Spread, other: Spread) -> Spread:
    """Return the sum of two values whose errors are independent."""
    return Spread(one.value + other.value, math.hypot(one.error or 0.0, other.error or 0.0))


def student_t(df: int) -> float:
    """Return the two-sided 95 % point of Student's t by its expansion; exact to 1 % from 3 on.

    df (int): Degrees of freedom.
    """
    first = (Z**3 + Z) / 4
    second = (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96
    third = (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384
    return Z + first / df + second / df**2 + third / df**3
