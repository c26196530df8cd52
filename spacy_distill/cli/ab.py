"""`spacy distill ab`: which of two students?"""

from pathlib import Path
from typing import TYPE_CHECKING

from spacy.cli._util import Arg, Opt
from wasabi import msg

from .app import command, progress

if TYPE_CHECKING:
    from ..evaluate.ab import AB


@command(
    "ab",
    examples="""
    python -m spacy distill ab training/small/student training/large/student -t teacher.cfg --test test
    python -m spacy distill ab old new -t teacher.cfg --test test --show 30 --output metrics/ab.json
    """,
)
def ab_cli(
    student_a: Path = Arg(..., help="Folder of the first student's pipeline"),
    student_b: Path = Arg(..., help="Folder of the second student's pipeline"),
    teacher: Path = Opt(..., "--teacher", "-t", help="Teacher config: component name and labels"),
    test: Path = Opt(..., "--test", help="Corpus to run both over; gold and answers are optional"),
    component: str | None = Opt(None, "--component", "-c", help="The teacher's component"),
    label_map: Path | None = Opt(None, "--label-map", help="JSON: old label to new label or null"),
    show: int = Opt(10, "--show", "-n", help="Texts to show on which they differ", min=0),
    output: Path | None = Opt(
        None, "--output", "-o", help="Where to write all results as JSON, with the texts shown"
    ),
    report: Path | None = Opt(None, "--report", help="Where to write them as a Markdown page"),
) -> None:
    """Run two students over the same texts: scores or agreement, a paired test, speed and size."""
    from ..contract import read_contract, read_label_map
    from ..evaluate.ab import compare_students
    from ..evaluate.ab_tables import render_ab
    from ..io import write_json, write_text

    mapped = read_label_map(label_map) if label_map else None
    found = compare_students(
        student_a,
        student_b,
        contract=read_contract(teacher, component=component, label_map=mapped),
        test=test,
        n_shown=show,
        track=progress,
    )
    if output is not None:
        write_json(output, found.to_json())
    if report is not None:
        write_text(report, render_ab(found))
    print_ab(found)
    written = [path for path in (output, report) if path is not None]
    if written:
        msg.info(f"Written: {', '.join(map(str, written))}")


def print_ab(found: "AB") -> None:
    """Print an A/B: the texts on which the students differ, the tables and the paired test."""
    from ..evaluate.ab_tables import ab_cells, ab_sentences, ab_tables
    from ..markdown import visible
    from .evaluate import print_table

    if found.differ:
        msg.divider(f"{len(found.differ)} of the {found.n_differ} texts on which they differ")
    for row in found.differ:
        name, gold, teacher, a, b, text = ab_cells(row)
        msg.text(f"{name}  A {a}, B {b}, teacher {teacher}, gold {gold}")
        msg.text(f"    {visible(' '.join(text.split()))}")
    for table in ab_tables(found):
        print_table(table)
    msg.text(f"A is {found.a}, B is {found.b}.")
    for line in ab_sentences(found):
        msg.text(line)
