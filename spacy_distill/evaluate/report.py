"""The report as a Markdown page."""

from collections.abc import Iterator

from ..markdown import escape, row_line, table_lines
from .attribution import ErrorExample
from .result import Report
from .sentences import sentences
from .tables import all_tables


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
    yield from (f"> {escape(note)}\n" for note in report.notes)


def _body(report: Report) -> Iterator[str]:
    for table in all_tables(report):
        yield f"## {table.title}"
        yield ""
        yield from table_lines(table.header, table.rows)
        yield ""
    lines = sentences(report)
    if lines:
        yield "## In words"
        yield ""
        yield from (f"- {escape(line)}" for line in lines)
        yield ""


def _examples(report: Report) -> Iterator[str]:
    for cause in report.gold.causes if report.gold is not None else ():
        if cause.examples:
            yield f"## Errors: {cause.name}"
            yield ""
            yield row_line(("Id", "Gold", "Teacher", "Student", "Text"))
            yield row_line(("---",) * 5)
            yield from (row_line(_example(example)) for example in cause.examples)
            yield ""


def _example(example: ErrorExample) -> tuple[str, ...]:
    teacher = "(none)" if example.teacher is None else ", ".join(example.teacher)
    gold, student = ", ".join(example.gold), ", ".join(example.student)
    return example.id, gold, teacher, student, example.text
