"""What `spacy distill ingest` prints: what became of the rows, and what the texts are like."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wasabi import msg

if TYPE_CHECKING:
    from ..ingest import IngestReport

N_NAMES = 5


def print_report(report: "IngestReport") -> None:
    """Print what became of the rows, and the first reject of each reason."""
    counts = [
        ("Files", report.n_files),
        ("Rows", report.n_rows),
        ("Different texts", report.n_docs),
        ("Exact copies", report.n_copies),
        ("Rejected", sum(report.rejects.values())),
        ("Left out", sum(report.excluded.values())),
    ]
    msg.table([(name, f"{n:,}") for name, n in counts], aligns=("l", "r"))
    if report.rejects:
        rows = [
            (reason, f"{n:,}", report.examples[reason].place, report.examples[reason].detail)
            for reason, n in report.rejects.items()
        ]
        header = ("Rejected for", "Rows", "First", "Detail")
        msg.table(rows, header=header, divider=True, aligns=("l", "r", "l", "l"))
    if report.excluded:
        rows_left_out = [(reason, f"{n:,}") for reason, n in report.excluded.items()]
        msg.table(rows_left_out, header=("Left out by", "Rows"), divider=True, aligns=("l", "r"))
    for reason, names in report.skipped.items():
        more = f" and {len(names) - N_NAMES:,} more" if len(names) > N_NAMES else ""
        named = ", ".join(names[:N_NAMES])
        msg.warn(f"{len(names):,} not read ({reason}): {named}{more}")


def print_stats(stats: Mapping[str, Any]) -> None:
    """Print what the texts are like."""
    spread = ("min", "p5", "median", "p95", "max")
    lengths = [(name, *(f"{stats[name][x]:,}" for x in spread)) for name in ("characters", "words")]
    msg.table(lengths, header=("Length in", *spread), divider=True, aligns=("l", *"rrrrr"))
    languages = stats["languages"] or {"n": 0, "texts": {}}
    shares = [f"{name} {n / languages['n']:.1%}" for name, n in languages["texts"].items()]
    rows = [
        ("Texts", f"{stats['texts']:,}"),
        ("Exact copies", f"{stats['copies']['n']:,} of {stats['copies']['of_texts']:,} texts"),
        ("Tokens", f"about {stats['estimated_tokens']:,} (a quarter of the characters; rough)"),
        (
            "Languages",
            f"{', '.join(shares[:N_NAMES]) or 'not found'} (of {languages['n']:,} texts)",
        ),
    ]
    msg.table(rows, aligns=("l", "l"))
    columns = [
        (name, f"{x['n']:,}", x["n_values"], ", ".join(f"{v} {n:,}" for v, n in x["top"].items()))
        for name, x in stats["columns"].items()
    ]
    if columns:
        header = ("Column", "Texts", "Values", "Most frequent")
        msg.table(columns, header=header, divider=True, aligns=("l", "r", "r", "l"), max_col=60)
