"""`spacy distill ingest`: texts in."""

from pathlib import Path

from spacy.cli._util import Arg, Opt
from wasabi import msg

from ..errors import UserError
from .app import command, progress
from .ingest_report import print_report, print_stats

PRINT_ONLY = "-"


@command(
    "ingest",
    examples="""
    python -m spacy distill ingest comments.jsonl corpus/texts --teacher configs/teacher.cfg
    python -m spacy distill ingest gold.csv corpus/gold --teacher configs/teacher.cfg --gold intent
    python -m spacy distill ingest export.csv corpus/texts --lang de --text-column body --id-column nr
    python -m spacy distill ingest tickets/ corpus/texts --rejects rejects.jsonl
    python -m spacy distill ingest tickets/ --stats -
    python -m spacy distill ingest tickets.parquet corpus/texts --where channel=chat --sample 5000
    python -m spacy distill ingest tickets.csv corpus/may --date-column day --since 2025-05-01
    """,
)
def ingest_cli(
    source: Path = Arg(
        ...,
        help="File, or folder of files: .jsonl, .csv and .tsv with a header, .txt with a text a "
        "line (any of them with .gz), .parquet, .spacy",
    ),
    out_path: Path | None = Arg(
        None, help="The corpus: a .spacy file or a folder of shards; none with --stats alone"
    ),
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
        None, "--lang", "-l", help="Code of the tokenizer's language; the teacher's, else en"
    ),
    text_column: str = Opt("text", "--text-column", help="Column of the text"),
    id_column: str = Opt("id", "--id-column", help="Column of your own ids"),
    gold: str | None = Opt(
        None, "--gold", "-g", help="Column of the human labels; cats for doc.cats in .spacy files"
    ),
    gold_separator: str | None = Opt(
        None,
        "--gold-separator",
        help='Stands between several labels in one cell, such as ";". Where any number may apply, '
        "==NONE== or the separator alone says that none does; an empty cell is no gold",
    ),
    multilabel: bool = Opt(
        False,
        "--multilabel",
        help="Any number of gold labels may apply; the teacher's task decides",
    ),
    label_map: Path | None = Opt(
        None, "--label-map", help="JSON: old label to new label; gold may use either name"
    ),
    max_chars: int = Opt(100_000, "--max-chars", min=1, help="Longer texts are rejected"),
    where: list[str] = Opt(
        [], "--where", help="COLUMN=VALUE, or a.b=VALUE for nested metadata; repeat for more"
    ),
    match: str | None = Opt(None, "--match", help="Regular expression that the text must match"),
    no_match: str | None = Opt(None, "--no-match", help="... and one that it must not match"),
    language: list[str] = Opt(
        [], "--language", help="Code of a language that texts may be in; repeat for more"
    ),
    date_column: str | None = Opt(None, "--date-column", help="Column of ISO dates"),
    since: str | None = Opt(None, "--since", help="First day, such as 2025-01-01"),
    until: str | None = Opt(None, "--until", help="Last day"),
    limit: int | None = Opt(None, "--limit", min=1, help="Only so many different texts"),
    sample: int | None = Opt(
        None, "--sample", min=1, help="Only so many texts, at random; the same when rows are added"
    ),
    seed: int = Opt(0, "--seed", help="Decides which sample it is"),
    stats: str | None = Opt(
        None, "--stats", help="Describe the texts, and write that as JSON; - only prints it"
    ),
    rejects: Path | None = Opt(None, "--rejects", help="JSONL file for rejected rows and why"),
    report: Path | None = Opt(None, "--report", "-r", help="Where to write the counts as JSON"),
) -> None:
    """Read texts into Docs with content ids, their metadata kept and exact copies merged.

    A row that can't become a Doc is rejected with its line and a reason; the others go on.
    """
    from ..contract import read_contract, read_label_map
    from ..ingest import Subset, TextStats, check_targets, ingest
    from ..io import write_json

    if out_path is None and stats is None:
        raise UserError("Say where the corpus goes, or ask for --stats.")
    stats_path = read_stats_path(stats)
    check_targets(source, out_path, rejects, report, stats_path)
    mapping = read_label_map(label_map) if label_map else {}
    contract = read_contract(teacher, component=component) if teacher else None
    if contract and multilabel and contract.exclusive:
        raise UserError(f"--multilabel, but exactly one label applies in the task of {teacher}.")
    new_names = [name for name in mapping.values() if name is not None]
    text_stats = TextStats() if stats else None
    ingested = ingest(
        source,
        out_path,
        lang=lang or (contract.lang if contract else "en"),
        text=text_column,
        id=id_column,
        gold=gold,
        gold_separator=gold_separator,
        labels=(*contract.labels, *new_names) if contract else None,
        exclusive=contract.exclusive if contract else not multilabel,
        max_chars=max_chars,
        subset=Subset(
            where=read_conditions(where),
            match=match,
            no_match=no_match,
            languages=language,
            date_column=date_column,
            since=since,
            until=until,
            limit=limit,
            sample=sample,
            seed=seed,
        ),
        stats=text_stats,
        rejects_path=rejects,
        track=progress,
    )
    print_report(ingested)
    if rejects is not None and ingested.rejects:
        msg.info(f"{rejects} holds the rejected rows")
    if out_path is not None:
        msg.good(f"{out_path} holds {ingested.n_docs:,} Docs")
    if report is not None:
        write_json(report, ingested.to_json())
    if text_stats is not None:
        found = text_stats.to_json()
        print_stats(found)
        if stats_path is not None:
            write_json(stats_path, {**ingested.to_json(), **found})


def read_stats_path(stats: str | None) -> Path | None:
    """Read the value of --stats: a path, or None where nothing is to be written."""
    from ..ingest.files import COMPRESSED
    from ..ingest.source import READERS

    if stats is None or stats == PRINT_ONLY:
        return None
    if stats.lower().endswith((*READERS, COMPRESSED)) or Path(stats).is_dir():
        raise UserError(
            f"--stats takes the JSON file to write, but {stats} looks like texts to read; give "
            "--stats stats.json, or --stats - to print only."
        )
    return Path(stats)


def read_conditions(pairs: list[str]) -> dict[str, list[str]]:
    """Read COLUMN=VALUE pairs; several values of one column are alternatives."""
    wanted: dict[str, list[str]] = {}
    for pair in pairs:
        column, equals, value = pair.partition("=")
        if not equals or not column:
            raise UserError(f"--where {pair!r} is not COLUMN=VALUE, such as --where channel=chat.")
        wanted.setdefault(column, []).append(value)
    return wanted
