"""From a teacher's config to a pipeline whose LLM component audits, stores and votes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import spacy
from confection import Config
from spacy.language import Language
from spacy.util import load_config, load_model_from_config
from thinc.api import ConfigValidationError

from ..contract import (
    COLLECTOR_FACTORY,
    LLM_FACTORIES,
    LabelMap,
    drop_components,
    is_llm_config,
)
from ..errors import UserError
from .identity import CONCURRENT, STORED, WRAPPERS, foreign_identity, is_own, wrapped_identity
from .stored import StoredModel


def load_teacher(
    path: Path | str,
    component: str,
    *,
    store_path: Path | str,
    samples: int | None = None,
    label_map: LabelMap | None = None,
) -> Language:
    """Build a teacher pipeline from the user's own config, with the answer store around its model.

    path (Path | str): A spacy-llm config, or the folder of a saved pipeline, trained or with an LLM.
    component (str): The LLM component's name.
    store_path (Path | str): The answer store; not opened before the first question.
    samples (int | None): Answers per prompt; None for the config's own number, else 1.
    label_map (LabelMap | None): Old label to new label, or to None to drop it.
    RETURNS (Language): The pipeline. A saved pipeline with a trained teacher is loaded as it is.
    """
    path = Path(path)
    if not is_llm_config(path, component):
        return spacy.load(path)
    config = read_llm_config(path, component)
    block = config["components"][component]
    block["label_map"] = dict(label_map or {})
    if samples is not None:
        block["samples"] = samples
    settings = config.interpolate()["components"][component]["model"]
    block["model"] = stored_block(block["model"], settings, store_path=str(store_path))
    return load_pipeline(path, config)


def read_llm_config(path: Path, component: str) -> Config:
    """Read the config of an LLM pipeline, with our factory in the place of spacy-llm's.

    Other LLM components are left out, or they would be asked as well, and so are collectors. Labels
    that stand in [initialize] go to the task, since nothing is initialized here.

    path (Path): A spacy-llm config, or the folder of a saved pipeline.
    component (str): The LLM component's name.
    RETURNS (Config): The config, not interpolated.
    RAISES (UserError): If the component has no model block.
    """
    config = load_config(path / "config.cfg" if path.is_dir() else path, interpolate=False)
    drop_components(config, factories=(*LLM_FACTORIES, COLLECTOR_FACTORY), keep=component)
    block = config["components"][component]
    block["factory"] = "distill_llm"
    block.pop("cache", None)
    if "@llm_models" not in (block.get("model") or {}):
        raise UserError(f"{path} has no [components.{component}.model] block with @llm_models.")
    initialize = config.get("initialize", {}).get("components", {}).get(component, {})
    if initialize.get("labels") and not block["task"].get("labels"):
        block["task"]["labels"] = initialize["labels"]
    return config


def load_pipeline(path: Path, config: Config) -> Language:
    """Build the pipeline of a changed config; what a saved pipeline holds beside it is loaded too.

    RAISES (UserError): If something in the config cannot be built, such as a task whose file of
        examples is missing.
    """
    try:
        if path.is_dir():
            return spacy.load(path, config=Config(config))
        return load_model_from_config(Config(config), auto_fill=True)
    except (ConfigValidationError, UserError):
        raise
    except ValueError as error:
        raise UserError(f"The pipeline of {path} can't be built: {error}") from error


def stored_block(
    block: Mapping[str, Any], settings: Mapping[str, Any], *, store_path: str
) -> dict[str, Any]:
    """Return a model block with `spacy-distill.Stored.v1` around it.

    block (Mapping[str, Any]): The user's model block.
    settings (Mapping[str, Any]): The same interpolated, to tell the model by.
    store_path (str): The answer store.
    RETURNS (dict[str, Any]): The wrapped block; one that stores answers already keeps its store.
    """
    found = dict(block)
    if block["@llm_models"] == CONCURRENT and not is_own(settings["model"]):
        found["name"], found["params"] = wrapped_identity(settings)
    if block["@llm_models"] in WRAPPERS and block.get("path"):
        return found
    wrapped: dict[str, Any] = {"@llm_models": STORED, "path": store_path, "model": found}
    if not is_own(block):
        wrapped["name"], wrapped["params"] = foreign_identity(settings)
    return wrapped


def is_llm(nlp: Language, component: str) -> bool:
    """Say whether a component of a pipeline is an LLM component."""
    return nlp.get_pipe_meta(component).factory in LLM_FACTORIES


def stored_model(nlp: Language, component: str) -> StoredModel | None:
    """Return the stored model of a teacher pipeline; None if its teacher is a trained component."""
    if not is_llm(nlp, component):
        return None
    model = getattr(nlp.get_pipe(component), "live_model", None)
    return model if isinstance(model, StoredModel) else None
