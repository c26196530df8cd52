"""Markdown from values that a user's data may have shaped: nothing in them becomes markup."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from html import escape as escape_html

MARKUP = re.compile(r"[\\`*|~$]|(?<=\])\(|(?<!\w)_|_(?!\w)")
JOINERS = "\u200c\u200d"  # in emoji and in several scripts


def escape(text: str) -> str:
    """Return a text so that Markdown shows it as it is, on one line, in a table's cell as well.

    text (str): Any text, such as a label, a name or the start of a Doc.
    RETURNS (str): The text without line breaks, with HTML and Markdown escaped; plain words,
        numbers and names such as `bug_report` stay as they are.
    """
    line = escape_html(visible(" ".join(text.split())), quote=False)
    return MARKUP.sub(r"\\\g<0>", line)


def visible(text: str) -> str:
    """Replace what a terminal or a page would obey instead of showing it.

    text (str): Any text.
    RETURNS (str): The text with control and direction characters replaced; line breaks and tabs stay.
    """
    return "".join(
        char if char in "\n\t" or _shows(char) else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def _shows(char: str) -> bool:
    return char in JOINERS or unicodedata.category(char) not in ("Cc", "Cf")


def table_lines(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table: the first column aligned left, the others right.

    header (Sequence[str]): The columns' titles.
    rows (Sequence[Sequence[str]]): The cells; all are escaped.
    YIELDS (str): Lines without line breaks.
    """
    yield row_line(header)
    yield row_line(["---", *("---:" for _ in header[1:])])
    yield from map(row_line, rows)


def fact_lines(facts: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table of names and values, without a header."""
    yield row_line(("", ""))
    yield row_line(("---", "---"))
    yield from map(row_line, facts)


def row_line(cells: Sequence[str]) -> str:
    """Return one line of a Markdown table with its cells escaped."""
    return f"| {' | '.join(escape(cell) for cell in cells)} |"
