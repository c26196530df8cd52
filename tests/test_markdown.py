import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_distill.markdown import escape, fact_lines, row_line, table_lines, visible


@pytest.mark.parametrize(
    "text",
    ["bug_report", "Macro-F1 [95 %]", "0.893 [0.853, 0.927]", "don't ship", "{threshold: 1}", ""],
)
def test_markdown_plain_text_stays_as_it_is(text):
    assert escape(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one | two\nthree", "one \\| two three"),
        ("a\\|b", "a\\\\\\|b"),
        ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
        ("a & b", "a &amp; b"),
        ("*bold* and `code`", "\\*bold\\* and \\`code\\`"),
        ("_private_", "\\_private\\_"),
        ("[click](http://x)", "[click]\\(http://x)"),
    ],
)
def test_markdown_markup_is_escaped(text, expected):
    assert escape(text) == expected


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_markdown_row_keeps_its_number_of_cells(cells):
    line = row_line(cells)
    bars = [i for i, c in enumerate(line) if c == "|" and backslashes(line, i) % 2 == 0]
    assert len(bars) == len(cells) + 1
    assert len(line.splitlines()) == 1
    assert "<" not in line


def backslashes(line, end):
    return end - len(line[:end].rstrip("\\"))


def test_markdown_tables():
    assert list(table_lines(("a", "b"), [("1", "2")])) == [
        "| a | b |",
        "| --- | ---: |",
        "| 1 | 2 |",
    ]
    assert list(fact_lines([("k", "v")])) == ["|  |  |", "| --- | --- |", "| k | v |"]


def test_what_a_terminal_would_obey_is_replaced():
    assert visible("a\x1b]0;owned\x07b\u202ec\n\t") == "a\ufffd]0;owned\ufffdb\ufffdc\n\t"
    assert visible("\N{WOMAN}\u200d\N{PERSONAL COMPUTER} \u0627\u200c\u0628 \u00e9\u00a0") == (
        "\N{WOMAN}\u200d\N{PERSONAL COMPUTER} \u0627\u200c\u0628 \u00e9\u00a0"
    )
    assert "\x1b" not in escape("\x1b[31m")
