"""`spacy distill package`: an installable wheel."""

from pathlib import Path

from spacy.cli._util import Arg, Opt
from wasabi import msg

from .app import command


@command(
    "package",
    examples="""
    python -m spacy distill package training/intent/assembled packages -n intent --run metrics/run.json
    python -m spacy distill package assembled packages -n intent --run run.json --evaluation evaluate.json
    """,
)
def package_cli(
    pipeline: Path = Arg(..., help="The assembled pipeline"),
    out_dir: Path = Arg(..., help="Folder for the package"),
    name: str = Opt(..., "--name", "-n", help="Package name without the language code"),
    version: str = Opt("0.0.0", "--version", "-v", help="Package version"),
    run: Path | None = Opt(None, "--run", help="Snapshot of the run, for meta.json and the card"),
    evaluation: Path | None = Opt(
        None, "--evaluation", help="JSON of `evaluate --output`, for the card"
    ),
    curation: Path | None = Opt(None, "--curation", help="Report of `curate`, for the card"),
    card: Path | None = Opt(None, "--card", help="Where to write the model card as well"),
) -> None:
    """Build a wheel of an assembled pipeline, with its model card as the README."""
    from ..deploy.package import CARD, package
    from ..io import read_json, write_text

    snapshot = read_json(run) if run is not None else None
    wheel = package(
        pipeline,
        out_dir,
        name=name,
        version=version,
        provenance=snapshot,
        evaluation=read_json(evaluation) if evaluation is not None else None,
        curation=read_json(curation) if curation is not None else None,
    )
    if card is not None:
        write_text(card, (wheel.parents[1] / CARD).read_text(encoding="utf8"))
    if snapshot is not None and snapshot.get("verdict") not in (None, "ship"):
        msg.warn(f"The verdict of this run was: {snapshot['verdict']}")
    msg.good(f"Built {wheel.name} ({wheel.stat().st_size / 1e6:.0f} MB)", str(wheel))
