"""`spacy distill train`: spaCy's training loop on the teacher's labels."""

from pathlib import Path

import typer
from spacy.cli._util import Arg, Opt, parse_config_overrides
from wasabi import msg

from .app import command


@command(
    "train",
    examples="""
    python -m spacy distill train student.cfg training/a -t llm.cfg --train train.spacy --dev dev.spacy
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
        None, "--gold-dev", help="Gold corpus to fit the stored temperature on"
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
    from ..io import corpus_shards
    from ..student.temperature import store_temperature
    from ..student.train import train as run_training

    mapping = read_label_map(label_map) if label_map else None
    contract = read_contract(teacher, component=component, label_map=mapping)
    if gold_dev is not None:
        corpus_shards(gold_dev)
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
    if gold_dev is not None:
        temperature, n = store_temperature(trained.path, gold_dev, contract)
        msg.good(f"Stored the temperature {temperature:.2f}, fitted on {n} gold texts")


def say_device(gpu_id: int) -> None:
    """Say which device trains, and whether a GPU stands idle."""
    from thinc.util import gpu_is_available

    if gpu_id >= 0:
        msg.info(f"Using GPU {gpu_id}")
    elif gpu_is_available():
        msg.warn("Using the CPU although there is a GPU; use it with --gpu-id 0")
    else:
        msg.info("Using the CPU")
