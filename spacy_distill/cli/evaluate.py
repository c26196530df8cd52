"""`spacy distill evaluate`: does the student do the teacher's work?"""

from pathlib import Path
from typing import TYPE_CHECKING

from spacy.cli._util import Arg, Opt
from wasabi import msg

from ..errors import UserError
from .app import command, progress

if TYPE_CHECKING:
    from ..evaluate.result import Report
    from ..evaluate.tables import Table


@command(
    "evaluate",
    examples="""
    python -m spacy distill evaluate student -t teacher.cfg --test test --dev dev --train train
    python -m spacy distill evaluate student -t teacher.cfg --test test --train train --run run.json
    python -m spacy distill evaluate student -t llm.cfg --test test --train train --also tuned=tuned/test
    """,
)
def evaluate_cli(
    student: Path = Arg(..., help="Folder of the student's pipeline"),
    teacher: Path = Opt(..., "--teacher", "-t", help="Teacher config: component name and labels"),
    test: Path = Opt(..., "--test", help="Gold test corpus with the teacher's answers"),
    train: Path = Opt(..., "--train", help="The student's training corpus, for the baselines"),
    dev: Path | None = Opt(None, "--dev", help="Gold dev corpus, also answered, for thresholds"),
    component: str | None = Opt(None, "--component", "-c", help="The teacher's component"),
    label_map: Path | None = Opt(None, "--label-map", help="JSON: old label to new label or null"),
    gold_student: Path | None = Opt(None, "--gold-student", help="The student trained on gold"),
    also: list[str] = Opt(
        [], "--also", help="name=corpus: the test texts as another LLM's config has labelled them"
    ),
    student_config: Path | None = Opt(None, "--student-config", help="Training config, for --run"),
    label_report: Path | None = Opt(
        None,
        "--label-report",
        help="Report of `label`, for --run: teacher chosen, answers asked for",
    ),
    acceptance: Path | None = Opt(None, "--acceptance", "-a", help="Config with your criteria"),
    price: float | None = Opt(None, "--price-per-1k-docs", help="The teacher's price", min=0),
    currency: str = Opt("USD", "--currency", help="The currency of that price"),
    output: Path | None = Opt(None, "--output", "-o", help="Where to write all results as JSON"),
    report: Path | None = Opt(None, "--report", help="Where to write them as a Markdown page"),
    run: Path | None = Opt(None, "--run", help="Where to write the snapshot of the run as JSON"),
    name: str = Opt("run", "--name", "-n", help="Name of the run in the snapshot"),
) -> None:
    """Hold a student against its teacher, gold and baselines; without gold there is no verdict."""
    from ..contract import read_contract, read_label_map
    from ..evaluate.acceptance import NO_CRITERIA, read_criteria
    from ..evaluate.evaluation import evaluate
    from ..evaluate.report import render_markdown
    from ..evaluate.result import Price
    from ..evaluate.run import read_label_report, snapshot
    from ..io import write_json, write_text

    labelled = read_label_report(label_report) if label_report is not None else None
    mapped = read_label_map(label_map) if label_map else None
    contract = read_contract(teacher, component=component, label_map=mapped)
    result = evaluate(
        student,
        contract,
        test=test,
        train=train,
        dev=dev,
        gold_student=gold_student,
        also=read_also(also),
        criteria=read_criteria(acceptance, contract.labels) if acceptance else NO_CRITERIA,
        price=Price(price, currency) if price is not None else None,
        track=progress,
    )
    if output is not None:
        write_json(output, result.to_json())
    if report is not None:
        write_text(report, render_markdown(result))
    if run is not None:
        data = {"test": test, "train": train} | ({"dev": dev} if dev else {})
        config = student_config or student / "config.cfg"
        write_json(
            run,
            snapshot(
                result,
                name=name,
                student=student,
                teacher=teacher,
                config=config,
                data=data,
                labelled=labelled,
            ),
        )
    print_report(result)
    print_end(result, [path for path in (output, report, run) if path is not None])


def read_also(pairs: list[str]) -> dict[str, Path]:
    """Read the names and corpora of other systems.

    RAISES (UserError): For one that is not name=corpus.
    """
    bad = [pair for pair in pairs if not all(pair.partition("="))]
    if bad:
        raise UserError(f"--also {bad[0]}: give name=corpus.")
    return {name: Path(path) for name, _, path in (pair.partition("=") for pair in pairs)}


def print_report(result: "Report") -> None:
    """Print the tables and findings of a report."""
    from ..evaluate.sentences import sentences
    from ..evaluate.tables import terminal_tables

    for table in terminal_tables(result):
        print_table(table)
    for line in sentences(result):
        msg.text(line)
    for note in result.notes:
        msg.warn(note)


def print_table(table: "Table", *, aligns: tuple[str, ...] = ()) -> None:
    """Print a table; all columns but the first are aligned right unless said otherwise."""
    msg.table(
        table.rows,
        header=table.header,
        aligns=aligns or ("l", *("r" for _ in table.header[1:])),
        divider=True,
        spacing=2,
        max_col=60,
        title=table.title,
    )


def print_end(result: "Report", written: list[Path]) -> None:
    """Print where the results are and, with gold, the verdict and its reasons."""
    if written:
        msg.info(f"Written: {', '.join(map(str, written))}")
    if result.gold is None:
        return
    verdict = result.gold.verdict
    say = {"ship": msg.good, "ship with fallback": msg.warn}.get(verdict.word, msg.fail)
    msg.divider("Verdict")
    for reason in verdict.reasons:
        msg.text(reason)
    say(verdict.word)
