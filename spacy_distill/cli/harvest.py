"""`spacy distill harvest`: answers in that were paid for elsewhere."""

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from spacy.cli._util import Arg, Opt
from wasabi import msg

from ..errors import UserError
from ..markdown import visible
from .app import command, progress

if TYPE_CHECKING:
    from ..teacher.carry.harvest_report import HarvestReport


class Format(str, Enum):
    """What the inputs are."""

    llm_io = "llm-io"
    batch_cache = "batch-cache"
    openai = "openai"
    prodigy = "prodigy"


@command(
    "harvest",
    examples="""
    python -m spacy distill harvest llm-io docs.spacy corpus/harvested --teacher teacher.cfg
    python -m spacy distill harvest batch-cache cache/ corpus/harvested --teacher teacher.cfg
    python -m spacy distill harvest openai log.jsonl corpus/harvested -t teacher.cfg --metadata app=chat
    python -m spacy distill harvest openai batch_in.jsonl batch_out.jsonl corpus/harvested -t teacher.cfg
    python -m spacy distill harvest prodigy fetched.jsonl corpus/harvested --teacher teacher.cfg
    """,
)
def harvest_cli(
    format: Format = Arg(..., help="What the inputs are"),
    inputs: list[Path] = Arg(..., help="Files, or folders of them"),
    out_path: Path = Arg(..., help="The corpus: a .spacy file or a folder of shards"),
    teacher: Path = Opt(
        ..., "--teacher", "-t", help="The LLM config that the answers were asked with"
    ),
    component: str | None = Opt(None, "--component", "-c", help="The teacher's component"),
    label_map: Path | None = Opt(None, "--label-map", help="JSON: old label to new label or null"),
    store: Path = Opt(Path("answers.sqlite"), "--store", help="The answer store"),
    metadata: list[str] = Opt(
        [], "--metadata", help="openai: key=value that a call must be tagged with; repeat for more"
    ),
    pattern: str | None = Opt(
        None,
        "--pattern",
        help="openai: regular expression with a group (?P<text>...), for prompts of another template",
    ),
    rejects: Path | None = Opt(None, "--rejects", help="JSONL file for unusable rows and why"),
    report: Path | None = Opt(None, "--report", "-r", help="Where to write the counts as JSON"),
) -> None:
    """Import answers that are paid for already, as a labelled corpus and into the answer store.

    An answer belongs to the text that stands in its own prompt. It is stored as the teacher's only if
    the teacher would be sent the same prompt; a row that can't be used is rejected with a reason.
    """
    from ..contract import read_label_map
    from ..io import write_json
    from ..teacher.carry.harvest import harvest

    found = harvest(
        format.value,
        inputs,
        out_path,
        teacher=teacher,
        store_path=store,
        component=component,
        label_map=read_label_map(label_map) if label_map else None,
        metadata=read_pairs(metadata),
        pattern=pattern,
        rejects_path=rejects,
        track=progress,
    )
    print_report(found)
    if rejects is not None and found.rejects:
        msg.info(f"{rejects} holds the rejected rows")
    msg.good(
        f"{out_path} holds {found.n_docs:,} Docs; {found.n_stored:,} answers are new in the store"
    )
    if report is not None:
        write_json(report, found.to_json())


def read_pairs(pairs: list[str]) -> dict[str, str]:
    """Read metadata of the form key=value.

    RAISES (UserError): For what has another form.
    """
    bad = [pair for pair in pairs if "=" not in pair]
    if bad:
        raise UserError(f"--metadata {bad[0]}: it has the form key=value.")
    return dict(pair.split("=", 1) for pair in pairs)


def print_report(report: "HarvestReport") -> None:
    """Print what became of the rows, and the first reject of each reason."""
    counts = {
        "Rows": report.n_rows,
        "Docs": report.n_docs,
        "with a label": report.n_labelled,
        "answers new in the store": report.n_stored,
        **{f"audit: {name}": n for name, n in sorted(report.outcomes.items())},
        **{f"label {name}": round(n) for name, n in sorted(report.labels.items())},
        **{f"model {visible(name)}": n for name, n in sorted(report.models.items())},
        **{visible(f"left out: {name}"): n for name, n in sorted(report.left_out.items())},
        **{name: n for name, n in sorted(report.notes.items())},
        **{visible(f"not stored: {name}"): n for name, n in sorted(report.not_stored.items())},
    }
    msg.table([(name, f"{n:,}") for name, n in counts.items()], aligns=("l", "r"))
    if not report.rejects:
        return
    rows = []
    for reason, n in report.rejects.items():
        first = report.examples[reason]
        rows.append(
            (reason, f"{n:,}", f"{first['file']}:{first['line']}", visible(first["detail"]))
        )
    header = ("Rejected for", "Rows", "First", "Detail")
    msg.table(rows, header=header, divider=True, aligns=("l", "r", "l", "l"), max_col=80)
