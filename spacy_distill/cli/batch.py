"""`spacy distill batch`: ask the teacher through a batch endpoint."""

from pathlib import Path
from typing import TYPE_CHECKING

from spacy.cli._util import Arg, Opt
from wasabi import msg
from wasabi.tables import table

from .app import command, json_progress, progress
from .label import read_tags

if TYPE_CHECKING:
    from ..teacher.batch.run import BatchReport

MEGABYTE = 1_000_000


@command(
    "batch",
    examples="""
    python -m spacy distill batch configs/teacher.cfg corpus/texts corpus/gold_test --max-cost 5
    python -m spacy distill batch configs/teacher.cfg corpus/texts --wait
    python -m spacy distill batch configs/teacher.cfg --cancel
    """,
)
def batch_cli(
    teacher: Path = Arg(..., help="Teacher config with spacy-distill.ChatModel.v1"),
    corpora: list[Path] = Arg(None, help="Corpora to ask about"),
    store: Path = Opt(Path("answers.sqlite"), "--store", help="The answer store"),
    samples: int | None = Opt(
        None, "--samples", "-n", help="Answers per text (default: as in the config, else 1)", min=1
    ),
    component: str | None = Opt(None, "--component", "-c", help="The teacher's component"),
    tag: list[str] = Opt([], "--tag", help="key=value to store with each answer; repeatable"),
    max_calls: int | None = Opt(
        None, "--max-calls", help="The most questions that this run hands in", min=1
    ),
    max_cost: float | None = Opt(
        None,
        "--max-cost",
        help="The most US dollars that these may cost, at half price; needs max_tokens",
    ),
    wait: bool = Opt(False, "--wait", "-w", help="Stay until everything is answered or given up"),
    every: float = Opt(30.0, "--every", help="Seconds between two looks while waiting", min=0.05),
    part_requests: int = Opt(50_000, "--part-requests", help="Questions in a batch", min=1),
    part_megabytes: float = Opt(
        100.0, "--part-megabytes", help="Size of a batch's file", min=0.001
    ),
    max_tries: int = Opt(3, "--max-tries", help="Batches that a question may fail in", min=1),
    cancel: bool = Opt(False, "--cancel", help="Cancel what is open, and keep what is answered"),
    rejects: Path | None = Opt(
        None, "--rejects", help="JSONL file that unreadable lines of results are added to"
    ),
    report: Path | None = Opt(None, "--report", help="Where to write the counts as JSON"),
    log_json: bool = Opt(
        False, "--log-json", help="Report progress as JSON lines on standard error"
    ),
) -> None:
    """Collect what finished batches have answered, and hand in what is not yet asked, at half price.

    Run it again at any time: it goes on where it stands. When nothing is open any more, `label`
    finds all answers in the store.
    """
    from ..errors import UserError
    from ..io import write_json
    from ..teacher.batch.parts import Limits
    from ..teacher.batch.run import ask_batches, cancel_batches

    if bool(corpora) == cancel:
        raise UserError("Name the corpora to ask about, or give --cancel without any.")
    if cancel:
        found = cancel_batches(teacher, store_path=store, component=component)
    else:
        found = ask_batches(
            teacher,
            corpora,
            store_path=store,
            samples=samples,
            component=component,
            tags=read_tags(tag),
            max_calls=max_calls,
            max_cost=max_cost,
            limits=Limits(part_requests, int(part_megabytes * MEGABYTE), max_tries),
            wait=wait,
            poll_seconds=every,
            rejects_path=rejects,
            track=json_progress if log_json else progress,
        )
    print_report(found)
    if report is not None:
        write_json(report, found.to_json())


def print_report(report: "BatchReport") -> None:
    """Print what was collected and handed in, and what is open."""
    from ..teacher.money.prices import describe_cost

    came = report.collected
    counts: dict[str, int | str] = {
        "collected answers": came.n_answered,
        "collected failures": came.n_failed,
        "unreadable lines": came.n_rejected,
        "handed in now": report.n_submitted,
        "answered before": report.n_stored,
        "asked by another process": report.n_elsewhere,
        "given up": report.n_given_up,
    }
    shown = {name: f"{n:,}" for name, n in counts.items() if n}
    if report.worst_cost is not None:
        shown["cost of the answers"] = describe_cost(came.cost)
        shown["cost at worst of what was handed in"] = describe_cost(report.worst_cost)
    msg.divider(f"Batches of {report.teacher}: {report.model}")
    print(table(shown))  # noqa: T201
    if report.batches:
        rows = [(b.id, b.status, b.n_rows, b.completed, b.failed) for b in report.batches]
        header = ("Batch", "Status", "Questions", "Done", "Failed")
        msg.table(rows, header=header, divider=True, aligns=("l", "l", "r", "r", "r"), max_col=60)
    if report.refusal:
        msg.warn(f"Not everything was handed in: {report.refusal}.")
    if report.n_given_up:
        msg.warn("`label` asks live what was given up; `answers list --status failed` says why.")
    if report.batches:
        msg.info("Batches are open. Run the same command again to collect them, or add --wait.")
    else:
        msg.good(f"No batch is open; all answers are in {report.store}. `label` comes next.")
