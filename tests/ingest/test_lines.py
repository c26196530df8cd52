import io

from hypothesis import given
from hypothesis import strategies as st

from spacy_distill.ingest.lines import cut_lines, line_limit


@given(st.text("ab\n", max_size=40), st.integers(1, 8))
def test_lines_over_the_limit_are_cut_and_the_others_stay(text, limit):
    lines = io.StringIO(text).readlines()
    expected = [line if len(line) <= limit else line[: limit + 1] for line in lines]
    assert list(cut_lines(io.StringIO(text), limit)) == expected


def test_line_may_hold_the_longest_text_with_every_character_escaped():
    assert line_limit(10) == 16_000_000
    assert line_limit(10_000_000) == 120_000_000
