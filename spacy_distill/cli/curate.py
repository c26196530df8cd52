"""`spacy distill curate`: filters record their verdicts on each Doc."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from spacy.cli._util import Arg, Opt, parse_config_overrides
from wasabi import msg

from .app import command, progress

if TYPE_CHECKING:
    from ..curate.report import CurateReport


@command(
    "curate",
    examples="""
    python -m spacy distill curate corpus/labelled/comments corpus/curated --gold corpus/gold_test
    python -m spacy distill curate IN OUT --components.curator.filters.agreement.threshold 0.8
    python -m spacy distill curate IN OUT --explain w1-087
    """,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def curate_cli(
    ctx: typer.Context,  # holds the config overrides
    docs_path: Path = Arg(..., help="Corpus of labelled Docs"),
    out_path: Path = Arg(..., help="The curated corpus: a .spacy file or a folder of shards"),
    config: Path = Opt(
        Path("configs/curate.cfg"), "--config", "-c", help="Config with a distill_curator"
    ),
    gold: list[Path] = Opt(
        [], "--gold", "-g", help="Gold corpus whose near-copies are dropped; repeatable"
    ),
    report: Path | None = Opt(None, "--report", "-r", help="Where to write the counts as JSON"),
    explain: str | None = Opt(
        None,
        "--explain",
        help="Run nothing; show all about the Doc whose content id or own id starts with this",
    ),
) -> None:
    """Run the filters of a config: each writes a verdict on each Doc, and none is deleted.

    So a threshold can be changed, in the config or on the command line as in `spacy train`, and
    the command run again without asking the teacher.
    """
    from ..curate.explain import explain as explain_doc
    from ..curate.run import curate
    from ..io import write_json

    if explain is not None:
        print_doc(explain_doc(out_path, explain))
        return
    curated = curate(
        docs_path,
        out_path,
        config,
        gold=gold or None,
        overrides=parse_config_overrides(ctx.args, env_var=None),
        track=progress,
    )
    print_report(curated)
    msg.good(f"Kept {curated.kept:,} of {curated.n:,} Docs; {out_path} holds all of them")
    if report is not None:
        write_json(report, curated.to_json())


def print_report(report: "CurateReport") -> None:
    """Print what each filter dropped, and what that did to the balance of the labels."""
    rows = [
        (
            name,
            counts.dropped,
            counts.alone,
            counts.examples[0]["text"][:50] if counts.dropped else "",
        )
        for name, counts in report.filters.items()
    ]
    columns = ("Filter", "Dropped", "Alone", "Such as")
    msg.table(rows, header=columns, divider=True, aligns=("l", "r", "r", "l"))
    total_before = sum(report.labels_before.values()) or 1.0
    total_after = sum(report.labels_after.values()) or 1.0
    labels = [
        (name, f"{n:.1f}", f"{n / total_before:.1%}", f"{kept:.1f}", f"{kept / total_after:.1%}")
        for name, n in report.labels_before.items()
        for kept in [report.labels_after.get(name, 0.0)]
    ]
    header = ("Label", "Before", "", "After", "")
    msg.table(labels, header=header, divider=True, aligns=("l", "r", "r", "r", "r"))


def print_doc(facts: dict[str, Any]) -> None:
    """Print all that is known about one Doc."""
    msg.divider(f"{facts['id']} {facts['source']}".strip())
    msg.text(facts["text"])
    labels = [(label, f"{score:.2f}") for label, score in facts["labels"].items()]
    gold = "none" if facts["gold"] is None else ", ".join(facts["gold"]) or "no label applies"
    agreement = "none" if facts["agreement"] is None else f"{facts['agreement']:.2f}"
    msg.table(
        [*labels, ("gold", gold), ("agreement", agreement)], header=("Label", "Score"), divider=True
    )
    answers = [
        (number, answer["outcome"], answer["reason"], answer["response"][:60])
        for number, answer in enumerate(facts["answers"], start=1)
    ]
    msg.table(answers, header=("Answer", "Outcome", "Reason", "Response"), divider=True)
    verdicts = [
        (
            verdict["filter"],
            "keep" if verdict["keep"] else "drop",
            f"{verdict['score']:.2f}",
            f"{verdict['threshold']:.2f}",
            verdict["evidence"],
        )
        for verdict in facts["verdicts"]
    ]
    header = ("Filter", "Verdict", "Score", "Threshold", "Evidence")
    msg.table(verdicts, header=header, divider=True, aligns=("l", "l", "r", "r", "l"))
