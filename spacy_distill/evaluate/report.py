"""The report as a Markdown page."""

from collections.abc import Iterator

from .attribution import ErrorExample
from .result import Report
from .sentences import sentences
from .tables import Table, all_tables


def render_markdown(report: Report) -> str:
    """Return a report as Markdown: the verdict, the tables, and errors to look at.

    report (Report): The report.
    RETURNS (str): Markdown.
    """
    return "\n".join([*_head(report), *_body(report), *_examples(report), ""])


def _head(report: Report) -> Iterator[str]:
    yield f"# Evaluation of `{report.component}`"
    yield ""
    if report.gold is not None:
        yield f"**Verdict: {report.gold.verdict.word}**"
        yield ""
        yield from (f"- {reason}" for reason in report.gold.verdict.reasons)
        yield ""
    yield from (f"> {_plain(note)}\n" for note in report.notes)


def _body(report: Report) -> Iterator[str]:
    for table in all_tables(report):
        yield f"## {table.title}"
        yield ""
        yield from _table(table)
        yield ""
    lines = sentences(report)
    if lines:
        yield "## In words"
        yield ""
        yield from (f"- {_plain(line)}" for line in lines)
        yield ""


def _table(table: Table) -> Iterator[str]:
    yield _row(table.header)
    yield _row(("---", *("---:" for _ in table.header[1:])))
    yield from map(_row, table.rows)


def _examples(report: Report) -> Iterator[str]:
    for cause in report.gold.causes if report.gold is not None else ():
        if cause.examples:
            yield f"## Errors: {cause.name}"
            yield ""
            yield _row(("Id", "Gold", "Teacher", "Student", "Text"))
            yield _row(("---",) * 5)
            yield from (_row(_example(example)) for example in cause.examples)
            yield ""


def _example(example: ErrorExample) -> tuple[str, ...]:
    teacher = "(none)" if example.teacher is None else ", ".join(example.teacher)
    gold, student = ", ".join(example.gold), ", ".join(example.student)
    return example.id, gold, teacher, student, example.text


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(_plain(cell) for cell in cells)} |"


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")
