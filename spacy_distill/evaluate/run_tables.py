"""Runs and their comparison as tables and as a Markdown page."""

from collections.abc import Iterator, Sequence

from ..markdown import escape, table_lines
from .changes import Change
from .compare_runs import Comparison
from .runs import Run
from .systems import STUDENT
from .tables import Table
from .versus import Versus, signed

MAX_VALUE = 28
MAX_STUDENT = 32
HEADLINE = {"accuracy": "Accuracy", "macro-F1": "Macro-F1"}
AGREEMENT = "agreement with the teacher"


def runs_table(runs: Sequence[Run]) -> Table:
    """Return one row per run, with the student's scores.

    runs (Sequence[Run]): The runs.
    RETURNS (Table): Agreement stands in it only if a run has no gold.
    """
    scores = dict(HEADLINE)
    if any(f"{STUDENT} accuracy" not in run.scores for run in runs):
        scores[AGREEMENT] = "Agreement"
    header = ("Name", "Time", "Student", "n", *(f"{x} [95 %]" for x in scores.values()), "Verdict")
    rows = tuple(
        (
            run.name,
            f"{run.time:%Y-%m-%d %H:%M}",
            end_of(run.student),
            str(run.n_test),
            *(run.scores.get(f"{STUDENT} {score}", "-") for score in scores),
            run.verdict or "-",
        )
        for run in runs
    )
    return Table(f"{len(runs)} {'run' if len(runs) == 1 else 'runs'}", header, rows)


def changes_table(changes: Sequence[Change]) -> Table:
    """Return what differs between two runs, long values cut."""
    rows = tuple((f"{x.area}: {x.what}", *differing(x.a, x.b)) for x in changes)
    return Table("What changed", ("", "A", "B"), rows)


def scores_table(comparison: Comparison) -> Table:
    """Return the headline scores of two runs side by side, each on the run's own test texts."""
    n_a, n_b = comparison.a.n_test, comparison.b.n_test
    rows = tuple((pair.name, pair.a or "-", pair.b or "-") for pair in comparison.scores)
    return Table("Scores", ("", f"A [95 %], n = {n_a}", f"B [95 %], n = {n_b}"), rows)


def paired_table(paired: Sequence[Versus]) -> Table:
    """Return the paired tests, one row per system and score."""
    header = ("On the common texts", "n", "A [95 %]", "B [95 %]", "B - A [95 %]", "p")
    rows = []
    for x in paired:
        accuracy = (str(x.a.accuracy), str(x.b.accuracy), signed(x.accuracy), f"{x.p_value:.3g}")
        macro_f1 = (str(x.a.macro_f1), str(x.b.macro_f1), signed(x.macro_f1), "-")
        rows += [(f"{x.name} accuracy", str(x.n), *accuracy)]
        rows += [(f"{x.name} macro-F1", str(x.n), *macro_f1)]
    return Table("Paired test (McNemar's exact test, paired bootstrap)", header, tuple(rows))


def comparison_tables(comparison: Comparison) -> list[Table]:
    """Return the tables of a comparison, without those that have no rows."""
    tables = [
        runs_table([comparison.a, comparison.b]),
        changes_table(comparison.changes),
        scores_table(comparison),
        paired_table(comparison.paired),
    ]
    return [table for table in tables if table.rows]


def render_comparison(comparison: Comparison) -> str:
    """Return a comparison as a Markdown page, with every value in full length.

    comparison (Comparison): The comparison.
    RETURNS (str): Markdown.
    """
    return "\n".join([*_page(comparison), ""])


def _page(comparison: Comparison) -> Iterator[str]:
    a, b = comparison.a, comparison.b
    yield f"# {escape(a.name)} (A) and {escape(b.name)} (B)"
    yield ""
    for table in comparison_tables(comparison):
        yield f"## {table.title}"
        yield ""
        rows: Sequence[Sequence[str]] = table.rows
        if table.title == "What changed":
            rows = [(f"{x.area}: {x.what}", x.a or "-", x.b or "-") for x in comparison.changes]
        yield from table_lines(table.header, rows)
        yield ""
    if not comparison.changes:
        yield "Nothing differs in what produced the two runs."
        yield ""
    yield from (f"- {escape(str(pair))}" for pair in comparison.paired)
    yield from (f"- {escape(note)}" for note in comparison.notes)


def differing(a: str | None, b: str | None) -> tuple[str, str]:
    """Return two values cut to the width of a terminal's column, so that they still differ."""
    ours, theirs = "-" if a is None else a, "-" if b is None else b
    if max(len(ours), len(theirs)) <= MAX_VALUE:
        return ours, theirs
    same = next(
        (i for i, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]),
        min(len(ours), len(theirs)),
    )
    start = max(0, same - MAX_VALUE // 2)
    return cut(ours, start), cut(theirs, start)


def cut(text: str, start: int) -> str:
    """Return as much of a text as fits a column, with dots where something is left out."""
    part = text[start : start + MAX_VALUE]
    return f"{'…' if start else ''}{part}{'…' if start + MAX_VALUE < len(text) else ''}"


def end_of(path: str) -> str:
    """Return the end of a path that is too long for its column."""
    return path if len(path) <= MAX_STUDENT else f"…{path[1 - MAX_STUDENT :]}"
