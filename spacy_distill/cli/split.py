"""`spacy distill split`: one corpus in two."""

from pathlib import Path

from spacy.cli._util import Arg, Opt
from wasabi import msg

from .app import command, progress


@command(
    "split",
    examples="""
    python -m spacy distill split corpus/gold corpus/gold_dev corpus/gold_test --share 0.3
    python -m spacy distill split corpus/all corpus/texts corpus/held_out --share 0.9
    """,
)
def split_cli(
    corpus: Path = Arg(..., help="The corpus to split; it stays as it is"),
    first: Path = Arg(..., help="Gets the share"),
    second: Path = Arg(..., help="Gets the rest"),
    share: float = Opt(..., "--share", "-s", help="Expected share of the first, from 0 to 1"),
    threshold: float = Opt(0.5, "--threshold", help="Lowest similarity of near-duplicates"),
) -> None:
    """Split a corpus in two by content: the same on every run, near-duplicates together."""
    from ..corpora.divide import divide

    n_first, n_second = divide(
        corpus, first, second, share=share, threshold=threshold, track=progress
    )
    msg.good(f"{first} holds {n_first:,} Docs, {second} {n_second:,}")
