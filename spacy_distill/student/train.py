"""Train a student with spaCy's own training loop."""

import random
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Any

import spacy
from confection import Config
from spacy.schemas import ConfigSchemaTraining
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as train_nlp
from spacy.util import load_config, registry, resolve_dot_names
from spacy.vocab import Vocab
from thinc.api import require_gpu

from ..contract import Contract
from ..errors import UserError
from ..io import atomic_path, count_docs, read_docs, write_docs
from .config import ENCODER_ARCHITECTURE, fit_schedule, training_config

STUDENT = "student"
REFIT_RATE = 0.3  # the learn rate of the refit, as a share of the first run's


@dataclass(frozen=True)
class Trained:
    """What a training run was: where its student is, and how much it learned from."""

    path: Path
    n_train: int
    n_dev: int
    refit_epochs: int


@dataclass(frozen=True)
class Run:
    """The settings that a training run and its refit share; see `train`."""

    config_path: Path | str
    contract: Contract
    gpu_id: int
    overrides: Mapping[str, Any]
    stdout: IO[str]
    stderr: IO[str]

    def fit(
        self,
        out_dir: Path,
        train_path: Path | str,
        dev_path: Path | str,
        *,
        overrides: Mapping[str, Any] | None = None,
        start_from: Path | str | None = None,
    ) -> None:
        """Run spaCy's training loop once; `out_dir` gets `model-best` and `model-last`."""
        config = training_config(
            self.config_path,
            self.contract,
            train_path=train_path,
            dev_path=dev_path,
            overrides={**self.overrides, **(overrides or {})},
            start_from=start_from,
        )
        check_device(config, self.contract.name, self.gpu_id)
        if self.gpu_id >= 0:
            require_gpu(self.gpu_id)
        fit_schedule(config, steps_per_epoch(config), given=self.overrides)
        nlp = init_nlp(config, use_gpu=self.gpu_id)
        out_dir.mkdir(parents=True, exist_ok=True)
        train_nlp(nlp, out_dir, use_gpu=self.gpu_id, stdout=self.stdout, stderr=self.stderr)


def train(
    config_path: Path | str,
    out_dir: Path | str,
    *,
    contract: Contract,
    train_path: Path | str,
    dev_path: Path | str,
    gpu_id: int = -1,
    refit_epochs: int = 0,
    overrides: Mapping[str, Any] | None = None,
    start_from: Path | str | None = None,
    stdout: IO[str] = sys.stdout,
    stderr: IO[str] = sys.stderr,
) -> Trained:
    """Train a student on a corpus of the teacher's labels.

    config_path (Path | str): The student config.
    out_dir (Path | str): Gets `model-best` and `model-last`, as from `spacy train`, and `student`: the
        best one or, with a refit, the refitted one.
    contract (Contract): The teacher's contract.
    train_path (Path | str): The training corpus; labels may be soft, weighted or missing.
    dev_path (Path | str): The corpus for early stopping, with hard labels.
    gpu_id (int): The GPU to use; -1 for the CPU.
    refit_epochs (int): Let the best student go on for so many epochs on both corpora together, at a
        lower rate: where texts are few, the tenth that stopped the training is missed in it.
    overrides (Mapping[str, Any] | None): Config settings in dot notation.
    start_from (Path | str | None): A trained student to go on with.
    stdout (IO[str]): Where spaCy's loop prints its table.
    stderr (IO[str]): Where it shows its progress bar.
    RETURNS (Trained): The path of the student, and the sizes.
    RAISES (UserError): If the data or the config do not allow for a run.
    """
    n_train, n_dev = count_docs(train_path), count_docs(dev_path)
    if not n_train or not n_dev:
        raise UserError(
            f"{n_train} training texts in {train_path} and {n_dev} in {dev_path}: training needs "
            f"some of both. See the reports of `curate` and `convert` for what dropped the others."
        )
    run = Run(config_path, contract, gpu_id, overrides or {}, stdout, stderr)
    out_dir = Path(out_dir)
    run.fit(out_dir, train_path, dev_path, start_from=start_from)
    best = out_dir / "model-best"
    with atomic_path(out_dir / STUDENT) as student:
        if refit_epochs:
            refit(run, best, student, train_path, dev_path, epochs=refit_epochs)
        else:
            shutil.copytree(best, student)
    return Trained(out_dir / STUDENT, n_train, n_dev, refit_epochs)


def refit(
    run: Run,
    student: Path,
    out_dir: Path,
    train_path: Path | str,
    dev_path: Path | str,
    *,
    epochs: int,
) -> None:
    """Let a student go on for some epochs on training and dev corpus together.

    run (Run): The settings of the run that trained it.
    student (Path): The student.
    out_dir (Path): Gets the refitted student.
    train_path (Path | str): The training corpus.
    dev_path (Path | str): The dev corpus; its scores in the table are those of texts learned from.
    epochs (int): How long.
    """
    rate_name = "training.optimizer.learn_rate.initial_rate"
    learn_rate = load_config(run.config_path)["training"]["optimizer"]["learn_rate"]
    overrides: dict[str, Any] = {"training.max_epochs": epochs}
    if isinstance(learn_rate, dict):
        first = run.overrides.get(rate_name, learn_rate["initial_rate"])
        overrides[rate_name] = REFIT_RATE * first
    with tempfile.TemporaryDirectory(dir=out_dir.parent) as folder:
        both, fitted = Path(folder) / "both", Path(folder) / "fitted"
        vocab = Vocab()
        write_docs(chain(read_docs(train_path, vocab), read_docs(dev_path, vocab)), both)
        run.fit(fitted, both, dev_path, overrides=overrides, start_from=student)
        (fitted / "model-last").rename(out_dir)


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
