"""`spacy distill plan`: what labelling would take, before anything is spent."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from spacy.cli._util import Arg, Opt
from wasabi import msg

from ..markdown import visible
from .app import command, progress
from .plan_costs import forecast_cells, print_basis

if TYPE_CHECKING:
    from ..teacher.plan import Plan


@command(
    "plan",
    examples="""
    python -m spacy distill plan configs/teacher.cfg corpus/texts corpus/gold_dev corpus/gold_test
    python -m spacy distill plan configs/teacher.cfg corpus/texts --samples 3 --report metrics/plan.json
    python -m spacy distill plan configs/teacher.cfg corpus/texts --sample 50
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
    tokenizer: Path | None = Opt(
        None, "--tokenizer", help="The model's tokenizer.json, or the folder with it"
    ),
    sample: int | None = Opt(
        None,
        "--sample",
        help="Ask so many prompts at random for a better forecast: this is paid",
        min=1,
    ),
    yes: bool = Opt(False, "--yes", "-y", help="Ask the sample without a question before"),
    show: int = Opt(3, "--show", help="How many prompts to show in full", min=0),
    report: Path | None = Opt(None, "--report", help="Where to write the counts as JSON"),
) -> None:
    """Render every prompt, count, and forecast the cost, without asking anything or building the model.

    No key is needed, and no network, unless a --sample is asked.
    """
    from ..io import write_json
    from ..teacher.plan import plan

    def planned(n_shown: int, n_drawn: int) -> "Plan":
        return plan(
            teacher,
            corpora,
            store_path=store,
            samples=samples,
            component=component,
            tokenizer=tokenizer,
            n_shown=n_shown,
            n_drawn=n_drawn,
            track=progress,
        )

    found = planned(show, sample or 0)
    if found.drawn:
        ask_sample(found, yes=yes)
        found = planned(show, 0)
    print_plan(found)
    if report is not None:
        write_json(report, found.to_json())


def ask_sample(plan: "Plan", *, yes: bool) -> None:
    """Ask the prompts that a plan has drawn, once the user has agreed to pay for them."""
    from ..teacher.money.prices import describe_cost
    from ..teacher.money.sample import ask_drawn

    n = len(plan.drawn) * plan.samples
    question = f"Ask {plan.model} {n:,} questions now? They are paid; answers go to {plan.store}."
    if not yes:
        typer.confirm(question, abort=True)
    sampled = ask_drawn(plan, track=progress)
    paid = "at an unknown price" if sampled.cost is None else f"for {describe_cost(sampled.cost)}"
    msg.info(
        f"{sampled.n_answers - sampled.n_failed:,} answers {paid}, kept for `label`; "
        f"{sampled.n_failed:,} failed."
    )


def print_plan(plan: "Plan") -> None:
    """Print the first prompts in full, then what each corpus would take and cost."""
    for number, prompt in enumerate(plan.prompts, start=1):
        msg.divider(f"Prompt {number}")
        print(visible(prompt))  # noqa: T201
    counts = [(p.n_docs, p.n_calls, p.n_repeated, p.n_stored, p.n_new) for p in plan.corpora]
    sums = [sum(column) for column in zip(*counts, strict=True)]
    names = [*(one.corpus for one in plan.corpora), "all"]
    forecasts = [*plan.forecasts.each, plan.forecasts.total]
    rows = [
        (name, *(f"{n:,}" for n in row), *forecast_cells(forecast))
        for name, row, forecast in zip(names, [*counts, sums], forecasts, strict=True)
    ]
    columns = ("Texts", "Calls", "Repeated", "Stored", "To ask", "Prompt tokens", "Answer tokens")
    header = ("Corpus", *columns, "Cost")
    msg.divider(f"{plan.teacher}: {plan.model}, {plan.samples} answer(s) a text")
    msg.table(rows, header=header, divider=True, aligns=("l", *("r" * 8)), max_col=60)
    print_basis(plan)
    if not plan.sharded:
        msg.text(
            "The config gives the model no context_length: each text is counted as one call, "
            "however long it is."
        )
    masked = sum((Counter(one.masked) for one in plan.corpora), Counter())
    if masked:
        n_texts = masked.pop("texts")
        kinds = ", ".join(f"{kind} {n:,}" for kind, n in sorted(masked.items()))
        msg.info(f"Private strings would be masked in {n_texts:,} texts: {kinds}.")
    n_empty = sum(one.n_empty for one in plan.corpora)
    if n_empty:
        msg.warn(f"{n_empty:,} Docs have no text and would not be asked about.")
    msg.good(
        f"{sums[4]:,} questions would be asked; {sums[3]:,} are answered in {plan.store} already."
    )
