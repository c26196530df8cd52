"""`spacy distill vote`: one corpus from what several teachers have labelled."""

from pathlib import Path
from typing import TYPE_CHECKING

from spacy.cli._util import Arg, Opt
from wasabi import msg
from wasabi.tables import table

from .app import command, progress

if TYPE_CHECKING:
    from ..teacher.vote import VoteReport


@command(
    "vote",
    examples="""
    python -m spacy distill vote corpus/a/texts corpus/b/texts --teacher a.cfg --output corpus/both/texts
    python -m spacy distill vote a/texts b/texts -t a.cfg -o both/texts --weight 0.72 --weight 0.9
    """,
)
def vote_cli(
    corpora: list[Path] = Arg(..., help="The same texts as each teacher has labelled them"),
    teacher: Path = Opt(..., "--teacher", "-t", help="One of the teachers, for the labels of all"),
    output: Path = Opt(..., "--output", "-o", help="Where to write the corpus"),
    weight: list[float] = Opt(
        [], "--weight", "-w", help="How much a teacher counts, once per corpus (default: all alike)"
    ),
    component: str | None = Opt(None, "--component", "-c", help="The teacher's component"),
    label_map: Path | None = Opt(
        None, "--label-map", help="The label map that the corpora were labelled with"
    ),
    report: Path | None = Opt(None, "--report", help="Where to write the counts as JSON"),
) -> None:
    """Average the labels of several teachers for the same texts.

    A text that only some of them could label gets the labels of those. Nothing is asked.
    """
    from ..contract import read_contract, read_label_map
    from ..io import write_json
    from ..teacher.vote import vote

    contract = read_contract(
        teacher,
        component=component,
        label_map=read_label_map(label_map) if label_map else None,
    )
    found = vote(corpora, output, contract=contract, weights=weight or None, track=progress)
    print_vote(found)
    msg.good(f"Labels by vote in {output}")
    if report is not None:
        write_json(report, found.to_json())


def print_vote(report: "VoteReport") -> None:
    """Print what each teacher had labelled, and what came of it."""
    each = zip(report.corpora, report.weights, report.by_corpus, strict=True)
    rows = [(corpus, f"{weight:g}", n) for corpus, weight, n in each]
    print(table(rows, header=("Corpus", "Weight", "Labelled"), divider=True))  # noqa: T201
    counts: dict[str, int | str] = {"Docs": report.n_docs, "with a label": report.n_labelled}
    if report.n_voted:
        share = report.n_unanimous / report.n_voted
        counts["labelled by several"] = report.n_voted
        counts["of these unanimous"] = f"{report.n_unanimous} ({share:.0%})"
    labels = ", ".join(f"{name} {n:.0f}" for name, n in sorted(report.labels.items()))
    print(table([*counts.items(), ("labels", labels)]))  # noqa: T201
