import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_distill.bands import GROWTH, N_RECENT, BandTable

ROWS = st.lists(st.lists(st.integers(0, 5) | st.integers(0, 2**32 - 1), min_size=3, max_size=3))


def row(*hashes):
    return np.array(hashes, dtype=np.uint32)


def test_find_in_empty_table():
    assert BandTable(2).find(row(1, 2)) == []


def test_find_any_band_in_order_of_addition():
    table = BandTable(2)
    for hashes in ((1, 2), (3, 2), (1, 4), (5, 6)):
        table.add(row(*hashes))
    assert table.find(row(1, 2)) == [0, 1, 2]


def test_neighbouring_hashes_are_told_apart():
    table = BandTable(1)
    for _ in range(N_RECENT):
        table.add(row(7))
    assert table.find(row(6)) == table.find(row(8)) == []
    assert table.find(row(7)) == list(range(N_RECENT))


@pytest.mark.parametrize("hashes", [(0, 0), (2**32 - 1, 0)])
def test_extreme_hashes_are_found(hashes):
    table = BandTable(2)
    for _ in range(N_RECENT):
        table.add(row(*hashes))
    assert len(table.find(row(*hashes))) == N_RECENT


@given(ROWS, st.tuples(*[st.integers(0, 5)] * 3))
def test_find_is_a_search_through_all_rows(rows, wanted):
    table = BandTable(3)
    for hashes in rows:
        table.add(row(*hashes))
    assert len(table) == len(rows)
    assert table.find(row(*wanted)) == [
        number
        for number, hashes in enumerate(rows)
        if any(one == other for one, other in zip(hashes, wanted, strict=True))
    ]


@pytest.mark.parametrize(
    "n", [1, N_RECENT, N_RECENT + 1, GROWTH * N_RECENT, (GROWTH + 2) * N_RECENT - 1]
)
def test_rows_are_found_when_sorted(n):
    rows = np.random.default_rng(0).integers(0, 2**32, (n, 4), dtype=np.uint32)
    table = BandTable(4)
    for hashes in rows:
        table.add(hashes)
    assert [table.find(hashes) for hashes in rows] == [[number] for number in range(n)]
