"""95 % intervals and the exact paired test.

Scores of a whole test set get bootstrap percentile intervals over Docs. Single proportions of few
Docs (slices, the kept share) get Wilson's, since the bootstrap shrinks to a point at 0 and at 1.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from .ty import Floats

N_RESAMPLES = 2_000
SEED = 0
CHUNK = 4_000_000
Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval.

    value (float): The estimate.
    low (float): Lower end.
    high (float): Upper end.
    n (int): The number of Docs behind it.
    """

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def resampled_sums(counts: Floats, *, n_resamples: int = N_RESAMPLES, seed: int = SEED) -> Floats:
    """Sum the columns of a table over Docs, for the Docs as they are and for bootstrap resamples.

    Any score that is a function of sums over Docs gets its interval from these. Tables with the
    same number of Docs are resampled alike, which makes differences between systems paired.

    counts (Floats): Shape (Docs, columns).
    n_resamples (int): How many resamples to draw.
    seed (int): Seed of the draw.
    RETURNS (Floats): Shape (1 + n_resamples, columns); the first row is the plain sum.
    """
    n_docs = len(counts)
    rng = np.random.default_rng(seed)
    sums = [counts.sum(axis=0, keepdims=True)]
    step = max(1, CHUNK // n_docs)
    for start in range(0, n_resamples, step):
        size = min(step, n_resamples - start)
        weights = rng.multinomial(n_docs, np.full(n_docs, 1 / n_docs), size=size)
        sums.append(weights.astype(np.float64) @ counts)
    return np.concatenate(sums)


def interval(values: Floats, n: int) -> Interval:
    """Return the percentile interval of a score that was computed from resampled sums.

    values (Floats): The estimate, then one value per resample; NaN where the score is undefined.
    n (int): The number of Docs behind the estimate.
    RETURNS (Interval): All zero if the estimate itself is undefined, as in scikit-learn.
    """
    if np.isnan(values[0]):
        return Interval(0.0, 0.0, 0.0, n)
    defined = values[1:][np.isfinite(values[1:])]
    low, high = np.percentile(defined, [2.5, 97.5]) if len(defined) else (values[0], values[0])
    return Interval(float(values[0]), float(low), float(high), n)


def wilson(n_right: int, n: int) -> Interval:
    """Return Wilson's score interval of a proportion.

    n_right (int): The number of successes.
    n (int): The number of Docs; with none the interval is all of 0 to 1.
    RETURNS (Interval): The proportion and its interval.
    """
    if n == 0:
        return Interval(0.0, 0.0, 1.0, 0)
    share, z2 = n_right / n, Z_95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return Interval(share, min(low, share), max(high, share), n)


def mcnemar(n_better: int, n_worse: int) -> float:
    """Return the two-sided p-value of McNemar's exact test.

    n_better (int): Docs that only the first system has right.
    n_worse (int): Docs that only the second system has right.
    RETURNS (float): The p-value; 1.0 if the systems never differ.
    """
    n = n_better + n_worse
    term = tail = 1
    for i in range(min(n_better, n_worse)):
        term = term * (n - i) // (i + 1)
        tail += term
    return min(1.0, 2 * tail / (1 << n))
