"""`spacy distill train`: spaCy's training loop on the teacher's labels."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from spacy.cli._util import Arg, Opt, parse_config_overrides
from wasabi import msg

from .app import command

if TYPE_CHECKING:
    from ..student.tune import Tuned


@command(
    "train",
    examples="""
    python -m spacy distill train student.cfg training/a -t llm.cfg --train split/train --dev split/dev
    python -m spacy distill train … --gpu-id 0 --system.mixed_precision true --training.max_epochs 5
    python -m spacy distill train … --from training/earlier/model-best
    """,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def train_cli(
    ctx: typer.Context,
    config: Path = Arg(..., help="Student config"),
    out_dir: Path = Arg(..., help="Folder for model-best and model-last"),
    teacher: Path = Opt(..., "--teacher", "-t", help="Teacher config: name, language and labels"),
    train: Path = Opt(..., "--train", help="Training corpus"),
    dev: Path = Opt(..., "--dev", help="Corpus for early stopping"),
    gold_dev: Path | None = Opt(
        None, "--gold-dev", help="Gold corpus for the stored temperature and thresholds"
    ),
    gpu_id: int = Opt(-1, "--gpu-id", "-g", help="GPU to use, -1 for the CPU"),
    refit: bool = Opt(
        False, "--refit/--no-refit", help="Then train once more on both corpora together"
    ),
    start_from: Path | None = Opt(None, "--from", help="Earlier student to go on with"),
    component: str | None = Opt(None, "--component", "-c", help="The teacher's component"),
    label_map: Path | None = Opt(None, "--label-map", help="JSON: old label to new label or null"),
) -> None:
    """Train a student on a corpus of the teacher's labels.

    Any setting of the config can be overridden in dot notation, as in `spacy train`.
    """
    from ..contract import read_contract, read_label_map
    from ..student.scored import check_gold
    from ..student.train import train as run_training
    from ..student.tune import tune

    mapping = read_label_map(label_map) if label_map else None
    contract = read_contract(teacher, component=component, label_map=mapping)
    if gold_dev is not None:
        check_gold(gold_dev, contract)
    say_device(gpu_id)
    trained = run_training(
        config,
        out_dir,
        contract=contract,
        train_path=train,
        dev_path=dev,
        gpu_id=gpu_id,
        refit=refit,
        overrides=parse_config_overrides(ctx.args),
        start_from=start_from,
    )
    what = "refitted on both corpora" if refit else "stopped by the dev corpus"
    counts = f"Learned from {trained.n_train} texts, {what}"
    msg.good(counts, str(trained.path))
    say_tuned(tune(trained, contract, gold_dev=gold_dev, dev_path=dev))


def say_tuned(tuned: "Tuned") -> None:
    """Say which temperature and thresholds the student carries."""
    whose = "dev texts with the teacher's labels" if tuned.temperature is None else "gold texts"
    if tuned.temperature is not None:
        msg.good(f"Stored the temperature {tuned.temperature:.2f}, fitted on {tuned.n} {whose}")
    if tuned.thresholds:
        chosen = ", ".join(f"{label} {value:.2f}" for label, value in tuned.thresholds.items())
        msg.good(f"Stored thresholds, chosen on {tuned.n} {whose}: {chosen}")


def say_device(gpu_id: int) -> None:
    """Say which device trains, and whether a GPU stands idle."""
    from thinc.util import gpu_is_available

    if gpu_id >= 0:
        msg.info(f"Using GPU {gpu_id}")
    elif gpu_is_available():
        msg.warn("Using the CPU although there is a GPU; use it with --gpu-id 0")
    else:
        msg.info("Using the CPU")
