"""Train a student with spaCy's own training loop."""

import random
import shutil
import sys
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
from spacy.util import registry, resolve_dot_names
from thinc.api import require_gpu
from thinc.util import gpu_is_available

from ..contract import Contract
from ..errors import UserError
from ..io import atomic_path, check_replaceable, read_docs, write_docs
from .config import ENCODER_ARCHITECTURE, fit_schedule, training_config

STUDENT, CORPUS, BEST = "student", "corpus", "model-best"
REFIT_NOTE = """
Refit from the start on both corpora: these scores are of texts that are learned from.
"""


@dataclass(frozen=True)
class Trained:
    """What a training run was: where its student and the Docs that it learned from are.

    n_train counts those Docs, n_dev the Docs that stopped the first run.
    """

    path: Path
    corpus: Path
    n_train: int
    n_dev: int


@dataclass(frozen=True)
class Run:
    """The settings that a training run and its refit share; see `train`."""

    config_path: Path | str
    contract: Contract
    gpu_id: int
    overrides: Mapping[str, Any]
    start_from: Path | str | None
    stdout: IO[str]
    stderr: IO[str]

    def fit(self, out_dir: Path, train_path: Path | str, dev_path: Path | str) -> None:
        """Run spaCy's training loop once; `out_dir` gets `model-best` and `model-last`."""
        config = training_config(
            self.config_path,
            self.contract,
            train_path=train_path,
            dev_path=dev_path,
            overrides=self.overrides,
            start_from=self.start_from,
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
    refit: bool = False,
    overrides: Mapping[str, Any] | None = None,
    start_from: Path | str | None = None,
    stdout: IO[str] = sys.stdout,
    stderr: IO[str] = sys.stderr,
) -> Trained:
    """Train a student on a corpus of the teacher's labels.

    config_path (Path | str): The student config.
    out_dir (Path | str): Gets `model-best` and `model-last`, as from `spacy train`; `student`, the best
        one or the refitted one; and `corpus`, what that one has learned from.
    contract (Contract): The teacher's contract.
    train_path (Path | str): The training corpus; labels may be soft, weighted or missing.
    dev_path (Path | str): The corpus for early stopping, with hard labels.
    gpu_id (int): The GPU to use; -1 for the CPU.
    refit (bool): Train once more from the start, on both corpora together and to the end of the
        schedule: where texts are few, the tenth that stopped the training is missed in it.
    overrides (Mapping[str, Any] | None): Config settings in dot notation.
    start_from (Path | str | None): A trained student to go on with.
    stdout (IO[str]): Where spaCy's loop prints its table.
    stderr (IO[str]): Where it shows its progress bar.
    RETURNS (Trained): The paths and sizes.
    RAISES (UserError): If the data or the config do not allow for a run.
    """
    n_labelled, n_dev = count_labelled(train_path), count_labelled(dev_path)
    if not n_labelled or not n_dev:
        raise UserError(
            f"{n_labelled} texts with a label in {train_path} and {n_dev} in "
            f"{dev_path}: training needs some of both. See the reports of `curate` and `convert` for "
            f"what dropped the others."
        )
    out_dir = Path(out_dir)
    check_replaceable(out_dir / STUDENT, "config.cfg")
    run = Run(config_path, contract, gpu_id, overrides or {}, start_from, stdout, stderr)
    run.fit(out_dir, train_path, dev_path)
    learned = (train_path, dev_path) if refit else (train_path,)
    docs = chain.from_iterable(read_docs(path) for path in learned)
    n_train = write_docs(docs, out_dir / CORPUS)
    with atomic_path(out_dir / STUDENT) as student:
        if refit:
            stdout.write(REFIT_NOTE)
            fitted = student.parent / "refit"
            run.fit(fitted, out_dir / CORPUS, dev_path)
            (fitted / "model-last").rename(student)
        else:
            shutil.copytree(out_dir / BEST, student)
    return Trained(out_dir / STUDENT, out_dir / CORPUS, n_train, n_dev)


def count_labelled(path: Path | str) -> int:
    """Return the number of Docs in a corpus that have a category."""
    return sum(bool(doc.cats) for doc in read_docs(path))


def check_device(config: Config, name: str, gpu_id: int) -> None:
    """Refuse a device that is not there, settings that it cannot do, and an encoder that is missing.

    RAISES (UserError): Also for mixed precision on the CPU, which fails in the first update.
    """
    interpolated = config.interpolate()
    tok2vec = interpolated["components"][name].get("model", {}).get("tok2vec", {})
    encoder = Path(str(tok2vec.get("name", "")))
    if len(encoder.parts) > 1 and encoder.parent.is_dir() and not encoder.is_dir():
        # A hub would be asked for a model of that name, and might have one.
        raise UserError(f"No encoder in {encoder}; run `weights` first, or name one on the hub.")
    if gpu_id >= 0 and not gpu_is_available():
        raise UserError(
            f"--gpu-id {gpu_id}: no GPU that thinc can use; install the extra cuda12x or cuda13x, or "
            f"train on the CPU (-1)."
        )
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
