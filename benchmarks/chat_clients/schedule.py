"""The best that a sliding window can do with given latencies."""

import heapq
from collections.abc import Iterable


def list_schedule(latencies: Iterable[float], in_flight: int) -> float:
    """Return how long a list schedule takes: each place that falls free takes the next prompt.

    latencies (Iterable[float]): The prompts' latencies in the order in which they are handed over.
    in_flight (int): The number of places.
    RETURNS (float): Seconds until the last answer.
    """
    places = [0.0] * in_flight
    for latency in latencies:
        heapq.heapreplace(places, places[0] + latency)
    return max(places)
