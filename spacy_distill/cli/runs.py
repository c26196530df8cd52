"""`spacy distill runs`: what has been tried, and what made the difference."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from spacy.cli._util import Arg, Opt
from wasabi import msg

from .app import command

if TYPE_CHECKING:
    from ..evaluate.compare_runs import Comparison
    from ..evaluate.runs import Runs
    from ..evaluate.tables import Table


@command(
    "runs",
    examples="""
    python -m spacy distill runs
    python -m spacy distill runs metrics experiments/run.json
    python -m spacy distill runs intent priority
    python -m spacy distill runs old/run.json metrics/run.json --report metrics/changes.md
    """,
)
def runs_cli(
    which: list[str] = Arg(
        None, help="Folders, snapshots or names of runs; two runs (no folders) are compared"
    ),
    folder: Path = Opt(Path("metrics"), "--folder", "-f", help="Where runs are looked for"),
    output: Path | None = Opt(None, "--output", "-o", help="Where to write a comparison as JSON"),
    report: Path | None = Opt(None, "--report", help="Where to write it as a Markdown page"),
) -> None:
    """List the snapshots that `evaluate --run` has written, newest last, or compare two of them."""
    from ..errors import UserError
    from ..evaluate.compare_runs import compare_runs
    from ..evaluate.run_tables import render_comparison
    from ..evaluate.runs import locate, read_run, read_runs
    from ..io import write_json, write_text

    paths = [locate(name, folder) for name in which or [str(folder)]]
    if len(paths) != 2 or any(path.is_dir() for path in paths):
        if output is not None or report is not None:
            raise UserError("--output and --report hold a comparison; name two runs to compare.")
        print_runs(read_runs(paths), paths)
        return
    comparison = compare_runs(*map(read_run, paths))
    if output is not None:
        write_json(output, comparison.to_json())
    if report is not None:
        write_text(report, render_comparison(comparison))
    print_comparison(comparison)
    written = [path for path in (output, report) if path is not None]
    if written:
        msg.info(f"Written: {', '.join(map(str, written))}")


def print_runs(found: "Runs", paths: list[Path]) -> None:
    """Print a list of runs; exits with 1 if a named file is none, or no file is one."""
    from ..evaluate.run_tables import runs_table

    if found.runs:
        print_table_of_runs(runs_table(found.runs))
    elif not found.unreadable:
        msg.info(
            f"No run.json in {', '.join(map(str, paths))}; `evaluate --run` writes one for each run."
        )
    for file in found.unreadable:
        msg.warn(file.problem)
    if any(file.named or not found.runs for file in found.unreadable):
        raise typer.Exit(1)


def print_table_of_runs(table: "Table") -> None:
    """Print the table of runs, in which names, times and verdicts are aligned left."""
    from .evaluate import print_table

    print_table(table, aligns=("l", "l", "l", *("r" for _ in table.header[3:-1]), "l"))


def print_comparison(comparison: "Comparison") -> None:
    """Print what changed between two runs, their scores and the paired test."""
    from ..evaluate.run_tables import comparison_tables
    from .evaluate import print_table

    runs, *tables = comparison_tables(comparison)
    print_table_of_runs(runs)
    for table in tables:
        print_table(table)
    if not comparison.changes:
        msg.info("Nothing differs in what produced the two runs.")
    for pair in comparison.paired:
        msg.text(str(pair))
    for note in comparison.notes:
        msg.warn(note)
