"""`spacy distill ingest`: texts in."""

from pathlib import Path
from typing import TYPE_CHECKING

from spacy.cli._util import Arg, Opt
from wasabi import msg

from .app import command, progress

if TYPE_CHECKING:
    from ..ingest import IngestReport


@command(
    "ingest",
    examples="""
    python -m spacy distill ingest comments.jsonl corpus/texts --teacher configs/teacher.cfg
    python -m spacy distill ingest gold.csv corpus/gold --teacher configs/teacher.cfg --gold intent
    python -m spacy distill ingest export.csv corpus/texts --lang de --text-column body --id-column nr
    """,
)
def ingest_cli(
    source: Path = Arg(..., help="JSONL file (.jsonl), or CSV file with a header (.csv, .tsv)"),
    out_path: Path = Arg(..., help="The corpus: a .spacy file or a folder of shards"),
    teacher: Path | None = Opt(
        None,
        "--teacher",
        "-t",
        help="Teacher config or pipeline: its language, and the labels that gold may have",
    ),
    component: str | None = Opt(
        None, "--component", "-c", help="The teacher's component, where several could be meant"
    ),
    lang: str | None = Opt(
        None, "--lang", "-l", help="Language code; the teacher's by default, else en"
    ),
    text_column: str = Opt("text", "--text-column", help="Column of the text"),
    id_column: str = Opt("id", "--id-column", help="Column of your own ids"),
    gold: str | None = Opt(
        None, "--gold", "-g", help="Column of the human labels, where the texts have any"
    ),
    label_map: Path | None = Opt(
        None, "--label-map", help="JSON: old label to new label; gold may use either name"
    ),
    max_chars: int = Opt(100_000, "--max-chars", min=1, help="Longer texts are rejected"),
    rejects: Path | None = Opt(None, "--rejects", help="JSONL file for rejected rows and why"),
    report: Path | None = Opt(None, "--report", "-r", help="Where to write the counts as JSON"),
) -> None:
    """Read texts into Docs with content ids, their metadata kept and exact copies merged.

    A row that can't become a Doc is rejected with its line and a reason; the others go on.
    """
    from ..contract import read_contract, read_label_map
    from ..ingest import ingest
    from ..io import write_json

    mapping = read_label_map(label_map) if label_map else {}
    contract = read_contract(teacher, component=component) if teacher else None
    new_names = [name for name in mapping.values() if name is not None]
    ingested = ingest(
        source,
        out_path,
        lang=lang or (contract.lang if contract else "en"),
        text=text_column,
        id=id_column,
        gold=gold,
        labels=(*contract.labels, *new_names) if contract else None,
        exclusive=contract.exclusive if contract else True,
        max_chars=max_chars,
        rejects_path=rejects,
        track=progress,
    )
    print_report(ingested)
    if rejects is not None and ingested.rejects:
        msg.info(f"{rejects} holds the rejected rows")
    msg.good(f"{out_path} holds {ingested.n_docs:,} Docs")
    if report is not None:
        write_json(report, ingested.to_json())


def print_report(report: "IngestReport") -> None:
    """Print what became of the rows, and the first reject of each reason."""
    counts = [
        ("Rows", f"{report.n_rows:,}"),
        ("Docs", f"{report.n_docs:,}"),
        ("Exact copies", f"{report.n_copies:,}"),
        ("Rejected", f"{sum(report.rejects.values()):,}"),
    ]
    msg.table(counts, aligns=("l", "r"))
    if report.rejects:
        rows = [
            (reason, f"{n:,}", report.examples[reason].line, report.examples[reason].detail)
            for reason, n in report.rejects.items()
        ]
        header = ("Rejected for", "Rows", "First line", "Detail")
        msg.table(rows, header=header, divider=True, aligns=("l", "r", "r", "l"))
