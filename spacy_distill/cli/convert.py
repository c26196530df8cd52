"""`spacy distill convert`: the corpora for training and evaluation."""

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from spacy.cli._util import Arg, Opt
from wasabi import msg

from .app import command, progress

if TYPE_CHECKING:
    from ..corpora.report import ConvertReport


class Balance(str, Enum):
    """How to weigh training Docs."""

    none = "none"
    sqrt = "sqrt"
    inverse = "inverse"


class LabelSource(str, Enum):
    """Whose labels to train on."""

    teacher = "teacher"
    gold = "gold"


@command(
    "convert",
    examples="""
    python -m spacy distill convert corpus/curated corpus --teacher configs/teacher.cfg
    python -m spacy distill convert corpus/curated corpus -t configs/teacher.cfg --balance sqrt
    python -m spacy distill convert corpus/curated corpus/human -t configs/teacher.cfg --labels-from gold
    """,
)
def convert_cli(
    curated: Path = Arg(..., help="Corpus of curated Docs"),
    out_dir: Path = Arg(..., help="Folder for the corpora train, dev, gold_dev and test"),
    teacher: Path = Opt(..., "--teacher", "-t", help="Teacher config or pipeline, for the labels"),
    component: str | None = Opt(None, "--component", "-c", help="The teacher's component"),
    label_map: Path | None = Opt(None, "--label-map", help="JSON: old label to new label or null"),
    gold_dev: Path | None = Opt(None, "--gold-dev", help="Gold corpus for choices"),
    gold_test: Path | None = Opt(None, "--gold-test", help="Gold corpus for the evaluation"),
    labels_from: LabelSource = Opt(
        LabelSource.teacher, "--labels-from", help="Whose labels train and dev get"
    ),
    dev_size: float = Opt(0.1, "--dev-size", help="Expected share of the Docs for dev"),
    threshold: float = Opt(0.5, "--threshold", help="Lowest similarity of near-duplicates"),
    balance: Balance = Opt(
        Balance.none, "--balance", help="Weigh training Docs against the frequency of their labels"
    ),
    report: Path | None = Opt(None, "--report", "-r", help="Where to write the counts as JSON"),
) -> None:
    """Write the corpora for training and evaluation.

    train has the teacher's soft labels, dev hard ones, gold_dev and test human ones. The split is
    stable: a Doc's content decides, near-duplicates stay together, and nothing that repeats or
    nearly repeats a gold text gets into train or dev.
    """
    from ..contract import read_contract, read_label_map
    from ..corpora.convert import convert
    from ..io import write_json

    names = read_label_map(label_map) if label_map else {}
    converted = convert(
        curated,
        out_dir,
        contract=read_contract(teacher, component=component, label_map=names),
        gold_dev=gold_dev,
        gold_test=gold_test,
        labels_from=labels_from.value,
        dev_size=dev_size,
        threshold=threshold,
        balance=balance.value,
        track=progress,
    )
    print_report(converted)
    msg.good(f"Wrote {', '.join(converted.splits)} to {out_dir}")
    if report is not None:
        write_json(report, converted.to_json())


def print_report(report: "ConvertReport") -> None:
    """Print the balance of the corpora, and what was left out and why."""
    labels = next(iter(report.splits.values())).hard
    rows = [
        (label, *(_count(split.hard[label], split.soft[label]) for split in report.splits.values()))
        for label in labels
    ]
    rows.append(("Docs", *(f"{split.n:,}" for split in report.splits.values())))
    aligns = ("l", *("r" for _ in report.splits))
    msg.table(rows, header=("Label", *report.splits), divider=True, aligns=aligns)
    left_out = [
        (corpus, reason, n)
        for corpus, counts in report.left_out.items()
        for reason, n in counts.items()
    ]
    msg.table(
        left_out, header=("Left out of", "Reason", "Docs"), divider=True, aligns=("l", "l", "r")
    )
    for reject in report.rejects[:5]:
        name = f"{reject['corpus']}: {reject['id']} {reject['source']}".strip()
        msg.warn(f"{name} has {reject['gold']}: {reject['reason']}")


def _count(hard: int, soft: float) -> str:
    return f"{hard:,}" if hard == soft else f"{hard:,} ({soft:,.1f})"
