"""Train a student with spaCy's own training loop."""

import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import spacy
from confection import Config
from spacy.schemas import ConfigSchemaTraining
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as train_nlp
from spacy.util import registry, resolve_dot_names
from thinc.api import require_gpu

from ..contract import Contract
from ..errors import UserError
from ..io import count_docs
from .config import ENCODER_ARCHITECTURE, fit_schedule, training_config


@dataclass(frozen=True)
class Trained:
    """Where a training run left its student."""

    path: Path
    n_train: int
    n_dev: int
    steps_per_epoch: int


def train(
    config_path: Path | str,
    out_dir: Path | str,
    *,
    contract: Contract,
    train_path: Path | str,
    dev_path: Path | str,
    gpu_id: int = -1,
    overrides: Mapping[str, Any] | None = None,
    start_from: Path | str | None = None,
    stdout: IO[str] = sys.stdout,
    stderr: IO[str] = sys.stderr,
) -> Trained:
    """Train a student on a corpus of the teacher's labels.

    config_path (Path | str): The student config.
    out_dir (Path | str): Gets `model-best` and `model-last`, as from `spacy train`.
    contract (Contract): The teacher's contract.
    train_path (Path | str): The training corpus; labels may be soft, weighted or missing.
    dev_path (Path | str): The corpus for early stopping, with hard labels.
    gpu_id (int): The GPU to use; -1 for the CPU.
    overrides (Mapping[str, Any] | None): Config settings in dot notation.
    start_from (Path | str | None): A trained student to go on with.
    stdout (IO[str]): Where spaCy's loop prints its table.
    stderr (IO[str]): Where it shows its progress bar.
    RETURNS (Trained): The path of the best student, and the sizes.
    RAISES (UserError): If the data or the config do not allow for a run.
    """
    n_train, n_dev = count_docs(train_path), count_docs(dev_path)
    if not n_train or not n_dev:
        raise UserError(
            f"{n_train} training texts in {train_path} and {n_dev} in {dev_path}: training needs "
            f"some of both. See the reports of `curate` and `convert` for what dropped the others."
        )
    config = training_config(
        config_path,
        contract,
        train_path=train_path,
        dev_path=dev_path,
        overrides=overrides,
        start_from=start_from,
    )
    check_device(config, contract.name, gpu_id)
    if gpu_id >= 0:
        require_gpu(gpu_id)
    steps = steps_per_epoch(config)
    fit_schedule(config, steps)
    nlp = init_nlp(config, use_gpu=gpu_id)
    out_dir = Path(out_dir)
    out_dir.mkdir(parents=True, exist_ok=True)
    train_nlp(nlp, out_dir, use_gpu=gpu_id, stdout=stdout, stderr=stderr)
    best = out_dir / "model-best"
    if not best.is_dir():
        raise UserError(f"Training ended before its first evaluation; nothing stands in {best}.")
    return Trained(best, n_train, n_dev, steps)


def check_device(config: Config, name: str, gpu_id: int) -> None:
    """Refuse settings that the device cannot do.

    RAISES (UserError): For mixed precision on the CPU, which fails in the first update.
    """
    block = config.interpolate()["components"][name]
    tok2vec = block.get("model", {}).get("tok2vec", {})
    if gpu_id < 0 and tok2vec.get("mixed_precision") is True:
        raise UserError(
            "mixed_precision = true needs a GPU: give a --gpu-id, or switch it off. On CPUs that "
            f"have bfloat16, {ENCODER_ARCHITECTURE} uses it by itself."
        )


def steps_per_epoch(config: Config) -> int:
    """Count the batches of one pass over the training corpus.

    config (Config): The training config.
    RETURNS (int): The number of batches, which shuffling can change by a few.
    """
    interpolated = config.interpolate()
    training = registry.resolve(interpolated["training"], schema=ConfigSchemaTraining)
    (corpus,) = resolve_dot_names(interpolated, [training["train_corpus"]])
    examples = list(corpus(spacy.blank(interpolated["nlp"]["lang"])))
    random.Random(0).shuffle(examples)
    return sum(1 for _ in training["batcher"](examples))
