"""`spacy distill plan`: what labelling would take, before anything is spent."""

from pathlib import Path
from typing import TYPE_CHECKING

from spacy.cli._util import Arg, Opt
from wasabi import msg

from ..markdown import visible
from .app import command, progress

if TYPE_CHECKING:
    from ..teacher.plan import Plan


@command(
    "plan",
    examples="""
    python -m spacy distill plan configs/teacher.cfg corpus/texts corpus/gold_dev corpus/gold_test
    python -m spacy distill plan configs/teacher.cfg corpus/texts --samples 3 --report metrics/plan.json
    """,
)
def plan_cli(
    teacher: Path = Arg(..., help="Teacher config"),
    corpora: list[Path] = Arg(..., help="Corpora that would be labelled, gold texts included"),
    store: Path = Opt(Path("answers.sqlite"), "--store", help="The answer store; need not exist"),
    samples: int | None = Opt(
        None, "--samples", "-n", help="Answers per text (default: as in the config, else 1)", min=1
    ),
    component: str | None = Opt(None, "--component", "-c", help="The teacher's component"),
    show: int = Opt(3, "--show", help="How many prompts to show in full", min=0),
    report: Path | None = Opt(None, "--report", help="Where to write the counts as JSON"),
) -> None:
    """Render every prompt and count, without asking anything or building the model.

    No key is needed, and no network.
    """
    from ..io import write_json
    from ..teacher.plan import plan

    found = plan(
        teacher,
        corpora,
        store_path=store,
        samples=samples,
        component=component,
        n_shown=show,
        track=progress,
    )
    print_plan(found)
    if report is not None:
        write_json(report, found.to_json())


def print_plan(plan: "Plan") -> None:
    """Print the first prompts in full, then what each corpus would take."""
    for number, prompt in enumerate(plan.prompts, start=1):
        msg.divider(f"Prompt {number}")
        print(visible(prompt))  # noqa: T201
    counts = [
        (p.n_docs, p.n_calls, p.n_repeated, p.n_stored, p.n_new, p.n_chars, p.n_tokens)
        for p in plan.corpora
    ]
    sums = [sum(column) for column in zip(*counts, strict=True)]
    names = [*(one.corpus for one in plan.corpora), "all"]
    rows = [
        (name, *(f"{n:,}" for n in row)) for name, row in zip(names, [*counts, sums], strict=True)
    ]
    header = ("Corpus", "Texts", "Calls", "Repeated", "Stored", "To ask", "Characters", "~Tokens")
    msg.divider(f"{plan.teacher}: {plan.model}, {plan.samples} answer(s) a text")
    msg.table(rows, header=header, divider=True, aligns=("l", *("r" * 7)))
    msg.text(
        "Tokens are the characters of the prompts that would be sent, divided by four: rough, and "
        "without the answers'."
    )
    if not plan.sharded:
        msg.text(
            "The config gives the model no context_length: each text is counted as one call, "
            "however long it is."
        )
    n_empty = sum(one.n_empty for one in plan.corpora)
    if n_empty:
        msg.warn(f"{n_empty:,} Docs have no text and would not be asked about.")
    msg.good(
        f"{sums[4]:,} questions would be asked; {sums[3]:,} are answered in {plan.store} already."
    )
