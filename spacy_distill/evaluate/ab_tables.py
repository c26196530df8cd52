"""An A/B of two students as tables and as a Markdown page."""

from collections.abc import Iterator

from ..markdown import escape, row_line, table_lines
from .ab import AB
from .disagreements import Choice, Disagreement
from .tables import Table


def ab_tables(found: AB) -> list[Table]:
    """Return the scores of the teacher and both students, and what the students cost to run."""
    return [score_table(found), cost_table(found)]


def score_table(found: AB) -> Table:
    """Return one row per system: scores on gold, or agreement with the teacher alone."""
    accuracy = "Accuracy [95 %]" if found.exclusive else "Exact match [95 %]"
    columns = {accuracy: "accuracy", "Macro-F1 [95 %]": "macro_f1", "Agreement [95 %]": "agreement"}
    rows = tuple(
        (x.name, *(str(getattr(x, key) or "-") for key in columns.values())) for x in found.systems
    )
    what = "gold" if found.versus is not None else "test"
    return Table(f"{found.n} {what} Docs", ("", *columns), rows)


def cost_table(found: AB) -> Table:
    """Return speed and size of both students, measured on this machine."""
    a, b = found.speeds
    rows = (
        ("docs/s, batches of 64", f"{a.docs_per_s:,.0f}", f"{b.docs_per_s:,.0f}"),
        ("latency p50, single Docs", f"{a.latency_p50_ms:.2f} ms", f"{b.latency_p50_ms:.2f} ms"),
        ("latency p95, single Docs", f"{a.latency_p95_ms:.2f} ms", f"{b.latency_p95_ms:.2f} ms"),
        ("cold load, imports included", f"{a.load_s:.1f} s", f"{b.load_s:.1f} s"),
        ("size on disk", f"{a.size_mb:.1f} MB", f"{b.size_mb:.1f} MB"),
    )
    return Table("Speed and size on this machine", ("", "A", "B"), rows)


def ab_sentences(found: AB) -> list[str]:
    """Say what the tables of an A/B do not show."""
    lines = [
        f"A and B decide alike on {found.alike} of {found.n} Docs; they differ on {found.n_differ}."
    ]
    if found.versus is not None:
        lines.append(str(found.versus))
    else:
        lines.append("There is no gold, so nothing says which of them is right.")
    if found.n_without_gold:
        lines.append(f"{found.n_without_gold} Docs without gold were left out.")
    return lines


def ab_cells(row: Disagreement) -> tuple[str, ...]:
    """Return a text on which the students differ as cells: id, gold, teacher, A, B and the text."""
    gold = "-" if row.gold is None else label_names(row.gold)
    teacher = "-" if row.teacher is None else label_names(row.teacher)
    return row.id, gold, teacher, choice(row.a), choice(row.b), row.text


def choice(found: Choice) -> str:
    """Return a decision with its confidence."""
    return f"{label_names(found.labels)} ({found.confidence:.2f})"


def label_names(labels: tuple[str, ...]) -> str:
    """Return labels in one line; a decision that no label applies is said in words."""
    return ", ".join(labels) or "(no label)"


def render_ab(found: AB) -> str:
    """Return an A/B as a Markdown page.

    found (AB): The result.
    RETURNS (str): Markdown.
    """
    return "\n".join([*_page(found), ""])


def _page(found: AB) -> Iterator[str]:
    yield "# A/B of two students"
    yield ""
    yield f"- A: {escape(found.a)}"
    yield f"- B: {escape(found.b)}"
    yield from (f"- {escape(line)}" for line in ab_sentences(found))
    yield ""
    for table in ab_tables(found):
        yield f"## {table.title}"
        yield ""
        yield from table_lines(table.header, table.rows)
        yield ""
    if found.differ:
        yield f"## {len(found.differ)} of the {found.n_differ} texts on which they differ"
        yield ""
        yield row_line(("Id", "Gold", "Teacher", "A", "B", "Text"))
        yield row_line(("---",) * 6)
        yield from (row_line(ab_cells(row)) for row in found.differ)
