"""`spacy distill export`: a labelled corpus out, to tune an LLM on or for a spreadsheet."""

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from spacy.cli._util import Arg, Opt
from wasabi import msg

from .app import command, progress

if TYPE_CHECKING:
    from ..teacher.carry.chat_report import ChatReport
    from ..teacher.carry.csv_table import CsvReport


class Format(str, Enum):
    """What to write."""

    chat = "chat"
    csv = "csv"


class Prompt(str, Enum):
    """What the user's message is."""

    short = "short"
    full = "full"


@command(
    "export",
    examples="""
    python -m spacy distill export chat corpus tuning --teacher teacher.cfg --gold-test corpus/test
    python -m spacy distill export chat corpus/labelled tuning -t teacher.cfg --prompt full
    python -m spacy distill export csv corpus/labelled labels.csv --teacher teacher.cfg
    """,
)
def export_cli(
    format: Format = Arg(..., help="chat: JSONL for fine-tuning; csv: one table"),
    corpus: Path = Arg(
        ..., help="A labelled corpus; for chat also the folder that `convert` writes"
    ),
    out_path: Path = Arg(
        ..., help="chat: folder for train.jsonl and validation.jsonl; csv: the file"
    ),
    teacher: Path = Opt(..., "--teacher", "-t", help="Teacher config, for labels and prompt"),
    component: str | None = Opt(None, "--component", "-c", help="The teacher's component"),
    label_map: Path | None = Opt(None, "--label-map", help="JSON: old label to new label or null"),
    prompt: Prompt = Opt(
        Prompt.short, "--prompt", help="chat: the text alone, or the teacher's own rendered prompt"
    ),
    system: str | None = Opt(
        None, "--system", help="chat: system prompt (default: the teacher's with full, else none)"
    ),
    min_confidence: float = Opt(
        0.0, "--min-confidence", min=0.0, max=1.0, help="chat: lowest confidence of a label"
    ),
    validation_size: float = Opt(
        0.1, "--validation-size", min=0.0, max=0.9, help="chat: share, where a corpus is divided"
    ),
    gold_test: Path | None = Opt(None, "--gold-test", help="chat: corpus whose texts are left out"),
    tokenizer: Path | None = Opt(None, "--tokenizer", help="chat: tokenizer.json to count with"),
    report: Path | None = Opt(None, "--report", "-r", help="Where to write the counts as JSON"),
) -> None:
    """Write a labelled corpus for other tools.

    Gold comes before the teacher's labels, and soft labels are made hard. In the CSV an apostrophe
    stands before cells that a spreadsheet would run as formulas.
    """
    from ..contract import read_label_map, read_teacher
    from ..io import write_json
    from ..teacher.carry.chat import export_chat
    from ..teacher.carry.csv_table import export_csv

    mapped = read_label_map(label_map) if label_map else None
    found: ChatReport | CsvReport
    if format is Format.csv:
        contract = read_teacher(teacher, component=component, label_map=mapped)
        found = export_csv(corpus, out_path, contract=contract, track=progress)
        print_table_report(found)
    else:
        if gold_test is None:
            msg.warn("Without --gold-test nobody checks that no test text gets into the training")
        found = export_chat(
            corpus,
            out_path,
            teacher=teacher,
            component=component,
            label_map=mapped,
            prompt=prompt.value,
            system=system,
            min_confidence=min_confidence,
            validation_size=validation_size,
            gold_test=gold_test,
            tokenizer=tokenizer,
            track=progress,
        )
        print_report(found)
        msg.good(f"{out_path} holds train.jsonl and validation.jsonl")
    if report is not None:
        write_json(report, found.to_json())


def print_table_report(report: "CsvReport") -> None:
    """Print how many rows there are, and what was changed in them."""
    msg.good(f"{report.n:,} rows, {report.n_labelled:,} with labels, {report.n_gold:,} with gold")
    if report.n_guarded:
        msg.info(f"{report.n_guarded:,} cells begin as a formula does and got an apostrophe")


def print_report(report: "ChatReport") -> None:
    """Print examples, labels and tokens of each file, what was left out, and vendors' limits."""
    files = report.files.values()
    labels = sorted({label for file in files for label in file.labels})
    rows = [("examples", *(f"{file.n:,}" for file in files))]
    rows += [("of them gold", *(f"{file.n_gold:,}" for file in files))]
    rows += [("tokens", *(f"{file.n_tokens:,}" for file in files))]
    rows += [("tokens of the longest", *(f"{file.longest:,}" for file in files))]
    rows += [("bytes", *(f"{file.n_bytes:,}" for file in files))]
    rows += [(label, *(f"{file.labels[label]:,}" for file in files)) for label in labels]
    msg.table(rows, header=("", *report.files), divider=True, aligns=("l", "r", "r"))
    msg.info(f"Tokens are {report.tokens_are}")
    if report.left_out:
        left_out = [(reason, f"{n:,}") for reason, n in report.left_out.items()]
        msg.table(left_out, header=("Left out", "Docs"), divider=True, aligns=("l", "r"))
    for vendor, problems in report.vendors.items():
        for problem in problems:
            msg.warn(f"{vendor}: {problem}")
