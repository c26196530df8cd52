"""`spacy distill label`: ask the teacher."""

from pathlib import Path
from typing import TYPE_CHECKING

from spacy.cli._util import Arg, Opt
from wasabi import msg
from wasabi.tables import table

from ..errors import UserError
from ..markdown import visible
from .app import command, json_progress, progress

if TYPE_CHECKING:
    from ..teacher.label import LabelReport


REPORTED = {
    "failed": "failed",
    "reasked": "malformed, asked once more",
    "with_logprobs": "with log-probabilities",
    "prompt_tokens": "tokens of the prompts",
    "completion_tokens": "tokens of the answers",
}


@command(
    "label",
    examples="""
    python -m spacy distill label configs/teacher_intent.cfg corpus/texts --output corpus/labelled
    python -m spacy distill label teacher.cfg corpus/texts corpus/gold_test -o corpus/labelled --samples 3
    python -m spacy distill label teacher.cfg corpus/texts -o labelled --max-cost 2.50 --rejects out.jsonl
    python -m spacy distill label bare.cfg defined.cfg corpus/texts -o out --probe metrics/probe.json
    """,
)
def label_cli(
    paths: list[Path] = Arg(
        ..., help="Teacher config(s) or a pipeline's folder, then the corpora to label"
    ),
    out_dir: Path = Opt(..., "--output", "-o", help="Folder for the labelled corpora"),
    store: Path = Opt(Path("answers.sqlite"), "--store", help="The answer store"),
    samples: int | None = Opt(
        None,
        "--samples",
        "-n",
        help="Answers per text; several vote (default: as in the config, else 1)",
        min=1,
    ),
    probe: Path | None = Opt(
        None, "--probe", help="Report of `probe`; picks the best of several teachers"
    ),
    component: str | None = Opt(None, "--component", "-c", help="The teacher's component"),
    label_map: Path | None = Opt(None, "--label-map", help="JSON: old label to new label or null"),
    report: Path | None = Opt(None, "--report", help="Where to write the counts as JSON"),
    tag: list[str] = Opt([], "--tag", help="key=value to store with each answer; repeatable"),
    max_calls: int | None = Opt(
        None, "--max-calls", help="The most calls of this run, retries included", min=1
    ),
    max_cost: float | None = Opt(
        None, "--max-cost", help="The most US dollars of this run; needs max_tokens in the config"
    ),
    rejects: Path | None = Opt(
        None, "--rejects", help="JSONL for the ids of texts without a label, with the reasons"
    ),
    log_json: bool = Opt(
        False, "--log-json", help="Report progress as JSON lines on standard error"
    ),
) -> None:
    """Ask the teacher about every text, and keep each answer before it is used.

    Stored answers are never asked for again, so the command can be stopped and run again. The first
    arguments that are configs or pipelines are teachers; the rest are corpora.
    """
    from ..contract import read_label_map
    from ..io import write_json
    from ..teacher.choose import choose_teacher, split_arguments
    from ..teacher.label import label

    teachers, corpora = split_arguments(paths)
    teacher, why = choose_teacher(teachers, probe)
    (msg.info if probe is not None and probe.is_file() else msg.warn)(why)
    reports = label(
        teacher,
        corpora,
        out_dir,
        store_path=store,
        samples=samples,
        component=component,
        label_map=read_label_map(label_map) if label_map else None,
        tags=read_tags(tag),
        max_calls=max_calls,
        max_cost=max_cost,
        rejects_path=rejects,
        track=json_progress if log_json else progress,
    )
    for one in reports:
        print_report(one)
    msg.good(f"Labelled corpora in {out_dir}, all answers in {store}")
    n_failed = sum(one.requests.get("failed", 0) for one in reports)
    if n_failed:
        msg.warn(
            f"{n_failed} questions failed, so these texts have no label. The same command asks "
            f"them again, and nothing else; in a weasel project add --force to `weasel run`."
        )
    if report is not None:
        write_json(report, {"teacher": str(teacher), "corpora": [r.to_json() for r in reports]})


def read_tags(tags: list[str]) -> dict[str, str]:
    """Read tags of the form key=value.

    RAISES (UserError): For one that has another form.
    """
    bad = [tag for tag in tags if "=" not in tag]
    if bad:
        raise UserError(f"--tag {bad[0]}: a tag has the form key=value.")
    return dict(tag.split("=", 1) for tag in tags)


def print_report(report: "LabelReport") -> None:
    """Print the counts of one corpus, and an example of each kind of unusable answer."""
    from ..teacher.money.prices import describe_cost

    requests = report.requests
    counts: dict[str, int | str] = {
        "Docs": report.n_docs,
        "with a label": report.n_labelled,
        "answers stored before": requests.get("stored", 0),
        "asked now": requests.get("asked", 0),
        **{REPORTED[key]: f"{requests[key]:,}" for key in REPORTED if key in requests},
        **{f"audit: {outcome}": n for outcome, n in sorted(report.outcomes.items())},
    }
    if report.n_voted:
        share = report.n_unanimous / report.n_voted
        counts["unanimous"] = f"{report.n_unanimous} ({share:.0%})"
    more = {"votes from log-probabilities": report.n_soft, "repaired": report.n_repaired}
    more |= {f"masked: {kind}": n for kind, n in report.masked.items()}
    counts |= {name: n for name, n in more.items() if n}
    if report.cost is not None:
        counts["cost of this run"] = describe_cost(report.cost)
    labels = ", ".join(f"{name} {n:.0f}" for name, n in sorted(report.labels.items()))
    msg.divider(f"{report.corpus} by {report.teacher}")
    print(table([*counts.items(), ("labels", labels)]))  # noqa: T201
    for outcome, examples in report.examples.items():
        first = examples[0]
        why = visible(f"{outcome}, such as {first['id']}: {first['reason']}")
        msg.warn(why, visible(first["text"][:200]))
