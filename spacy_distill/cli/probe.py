"""`spacy distill probe`: how good is the teacher, before it is paid for?"""

from pathlib import Path
from typing import TYPE_CHECKING

from spacy.cli._util import Arg, Opt
from wasabi import msg
from wasabi.tables import table

from ..markdown import visible
from .app import command, progress

if TYPE_CHECKING:
    from ..teacher.probe import Probe


@command(
    "probe",
    examples="""
    python -m spacy distill probe configs/teacher_intent.cfg --gold corpus/gold_dev
    python -m spacy distill probe bare.cfg defined.cfg --gold corpus/gold_dev --report metrics/probe.json
    python -m spacy distill probe teacher.cfg --texts corpus/texts --limit 10
    """,
)
def probe_cli(
    teachers: list[Path] = Arg(..., help="Teacher config(s) or pipelines"),
    gold: Path | None = Opt(None, "--gold", help="Gold corpus to score the teachers on"),
    texts: Path | None = Opt(None, "--texts", help="Corpus without gold: show answers only"),
    limit: int | None = Opt(None, "--limit", help="Ask about the first so many texts only", min=1),
    store: Path = Opt(Path("answers.sqlite"), "--store", help="The answer store"),
    samples: int | None = Opt(
        None,
        "--samples",
        "-n",
        help="Answers per text; several vote (default: as in the config, else 1)",
        min=1,
    ),
    component: str | None = Opt(None, "--component", "-c", help="The teacher's component"),
    label_map: Path | None = Opt(None, "--label-map", help="JSON: old label to new label or null"),
    max_calls: int | None = Opt(
        None, "--max-calls", help="The most calls to each teacher, retries included", min=1
    ),
    max_cost: float | None = Opt(
        None, "--max-cost", help="The most US dollars for each teacher; needs max_tokens"
    ),
    report: Path | None = Opt(None, "--report", help="Where to write the results as JSON"),
) -> None:
    """Ask one or several teachers about texts whose labels you know, before the pool is paid for."""
    from ..contract import read_label_map
    from ..errors import UserError
    from ..io import write_json
    from ..teacher.probe import probe

    if (gold is None) == (texts is None):
        raise UserError("Give either --gold (a corpus with human labels) or --texts.")
    missing = [str(path) for path in teachers if not path.exists()]
    if missing:  # before the first of them is paid for
        raise UserError(f"No config or pipeline at {', '.join(missing)}.")
    probes = [
        probe(
            teacher,
            gold or texts or Path(),
            store_path=store,
            limit=limit,
            samples=samples,
            component=component,
            label_map=read_label_map(label_map) if label_map else None,
            max_calls=max_calls,
            max_cost=max_cost,
            track=progress,
        )
        for teacher in teachers
    ]
    for one in probes:
        print_rows(one)
    if gold is not None:
        print_scores(probes)
    msg.info(spent(probes), f"Answers are kept in {store}: `label` will not ask for them again.")
    if report is not None:
        write_json(report, {"teachers": [one.to_json() for one in probes]})


def print_rows(probe: "Probe") -> None:
    """Print the disagreements with gold or, without gold, every text with its answer."""
    if probe.accuracy is not None:
        msg.divider(f"{probe.teacher}: {len(probe.rows)} of {probe.n} differ from gold")
    else:
        msg.divider(f"{probe.teacher}: {probe.n} texts")
    for row in probe.rows:
        gold = f"gold {row.gold}, " if row.gold is not None else ""
        msg.text(f"{row.id}  {gold}teacher {row.labels or '(none)'}, answered {row.answers}")
        msg.text(f"    {visible(row.text)}")


def print_scores(probes: "list[Probe]") -> None:
    """Print the teachers side by side, overall and per label."""
    rows = [
        (
            one.teacher,
            one.n,
            str(one.accuracy),
            str(one.macro_f1),
            one.n - one.n_labelled,
            f"{one.n_unanimous} of {one.n_voted}" if one.n_voted else "one answer each",
        )
        for one in probes
    ]
    overall = ("Teacher", "n", "Accuracy [95 %]", "Macro F1 [95 %]", "Unusable", "Unanimous")
    print(table(rows, header=overall, divider=True, max_col=60))  # noqa: T201
    labels = [
        (one.teacher, label, f"{s.precision:.3f}", f"{s.recall:.3f}", str(s.f1), s.n)
        for one in probes
        for label, s in one.per_label.items()
    ]
    each = ("Teacher", "Label", "P", "R", "F1 [95 %]", "n")
    print(table(labels, header=each, divider=True, max_col=60))  # noqa: T201


def spent(probes: "list[Probe]") -> str:
    """Say how many answers the probe needed."""
    asked = sum(one.requests.get("asked", 0) for one in probes)
    stored = sum(one.requests.get("stored", 0) for one in probes)
    return f"{asked} answers asked for, {stored} were stored before."
