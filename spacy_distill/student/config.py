"""From a student config to the config of one training run: names, labels, paths and schedule."""

from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

from confection import Config
from spacy.util import load_config

from ..contract import TEXTCAT_FACTORIES, Contract
from ..errors import UserError
from ..io import read_json

ENCODER_ARCHITECTURE = "spacy-distill.Encoder.v1"


def training_config(
    path: Path | str,
    contract: Contract,
    *,
    train_path: Path | str,
    dev_path: Path | str,
    overrides: Mapping[str, Any] | None = None,
    start_from: Path | str | None = None,
) -> Config:
    """Return a student config made ready for one run of `spacy train`.

    path (Path | str): A student config with one text classifier.
    contract (Contract): The teacher's contract: its component name, language and labels are taken,
        so that a label that is rare in training is not missing in the student.
    train_path (Path | str): The training corpus.
    dev_path (Path | str): The corpus for early stopping.
    overrides (Mapping[str, Any] | None): Settings in dot notation, which win over all others; they
        speak of the component by its name in the student config.
    start_from (Path | str | None): A trained student to go on with instead of the pretrained encoder.
    RETURNS (Config): The config, not interpolated.
    RAISES (UserError): If the student config does not fit the contract.
    """
    given = dict(overrides or {})
    given.update({"paths.train": str(train_path), "paths.dev": str(dev_path)})
    if not Path(path).is_file():
        raise UserError(f"No student config at {path}; configs/ holds the shipped ones.")
    config = load_config(path, overrides=given, interpolate=False)
    old = student_component(config, contract, Path(path))
    config["nlp"]["lang"] = contract.lang
    config["nlp"]["pipeline"] = [
        contract.name if name == old else name for name in config["nlp"]["pipeline"]
    ]
    components = config["components"]
    block = components.pop(old)
    if start_from is not None:
        check_start(start_from, contract)
        block = {"source": str(start_from), "component": contract.name}
    components[contract.name] = block
    initialize = config.setdefault("initialize", {}).setdefault("components", {})
    initialize[contract.name] = {**initialize.pop(old, {}), "labels": list(contract.labels)}
    return Config(config)


def check_start(student: Path | str, contract: Contract) -> None:
    """Refuse to go on with a student that lacks the teacher's component or labels.

    RAISES (UserError): Since spaCy gives a trained component no new labels.
    """
    folder = Path(student)
    if not (folder / "meta.json").is_file():
        raise UserError(f"No trained pipeline in {folder} to go on with.")
    labels = read_json(folder / "meta.json").get("labels", {})
    if set(labels.get(contract.name, [])) != set(contract.labels):
        raise UserError(
            f"The student in {folder} has the labels {labels}, but {contract.name!r} needs "
            f"{list(contract.labels)}; train from the pretrained encoder instead."
        )


def student_component(config: Mapping[str, Any], contract: Contract, path: Path) -> str:
    """Return the name of the one text classifier in a student config.

    RAISES (UserError): If there is not exactly one, or it is exclusive where the teacher is not.
    """
    names = [
        name
        for name, block in config["components"].items()
        if block.get("factory") in TEXTCAT_FACTORIES
    ]
    if len(names) != 1:
        raise UserError(f"{path} must hold one text classifier, found {names}.")
    factory = config["components"][names[0]]["factory"]
    if TEXTCAT_FACTORIES[factory] != contract.exclusive:
        kind = "exclusive" if contract.exclusive else "not exclusive"
        fitting = "distill_textcat" if contract.exclusive else "distill_textcat_multilabel"
        raise UserError(
            f"{path} trains {factory!r}, but the teacher's labels are {kind}; use a config with "
            f"{fitting!r}."
        )
    return str(names[0])


def fit_schedule(config: Config, n_steps: int, *, given: Container[str] = ()) -> None:
    """Fit what depends on the size of the corpus: the learn rate's schedule and the evaluations.

    config (Config): The training config, changed in place.
    n_steps (int): Steps per epoch; there is one evaluation an epoch.
    given (Container[str]): Settings in dot notation that the user has set, which stay.
    """
    training = config["training"]
    total = n_steps * max(int(training["max_epochs"]), 1)
    if training.get("max_steps"):
        total = min(total, int(training["max_steps"]))
    fitted = {
        "training.eval_frequency": max(n_steps, 1),
        "training.optimizer.learn_rate.total_steps": total,
        "training.optimizer.learn_rate.warmup_steps": max(total // 10, 1),
    }
    for name, value in fitted.items():
        *sections, key = name.split(".")
        block = config
        for section in sections:
            block = block[section] if isinstance(block, dict) else {}
        if name not in given and isinstance(block, dict) and key in block:
            block[key] = value
