"""From a teacher's config to a pipeline whose LLM component audits, stores and votes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import spacy
from confection import Config
from spacy.language import Language
from spacy.util import load_config, load_model_from_config

from ..contract import LLM_FACTORIES, LabelMap, is_llm_config
from ..errors import UserError
from .models import StoredModel
from .secrets import without_secrets

TRANSPORT_SETTINGS = ("strict", "max_tries", "interval", "max_request_time", "context_length")
OWN_MODELS = "spacy-distill."


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
    config = load_config(path / "config.cfg" if path.is_dir() else path, interpolate=False)
    block = config["components"][component]
    block.update(factory="distill_llm", label_map=dict(label_map or {}))
    if samples is not None:
        block["samples"] = samples
    block.pop("cache", None)
    if "@llm_models" not in (block.get("model") or {}):
        raise UserError(f"{path} has no [components.{component}.model] block with @llm_models.")
    block["model"] = stored_block(block["model"], str(store_path))
    if path.is_dir():
        return spacy.load(path, config=Config(config))
    return load_model_from_config(Config(config), auto_fill=True)


def stored_block(block: Mapping[str, Any], store_path: str) -> dict[str, Any]:
    """Return a model block with `spacy-distill.Stored.v1` around it.

    block (Mapping[str, Any]): The user's model block.
    store_path (str): The answer store.
    RETURNS (dict[str, Any]): The wrapped block; one that stores answers already keeps its store.
    """
    registered = block["@llm_models"]
    if registered == "spacy-distill.Stored.v1":
        return dict(block)
    wrapped: dict[str, Any] = {
        "@llm_models": "spacy-distill.Stored.v1",
        "path": store_path,
        "model": dict(block),
    }
    if not registered.startswith(OWN_MODELS):
        skipped = ("@llm_models", *TRANSPORT_SETTINGS)
        wrapped["name"] = registered
        params = {key: value for key, value in block.items() if key not in skipped}
        wrapped["params"] = without_secrets(params)
    return wrapped


def is_llm(nlp: Language, component: str) -> bool:
    """Say whether a component of a pipeline is an LLM component."""
    return nlp.get_pipe_meta(component).factory in LLM_FACTORIES


def stored_model(nlp: Language, component: str) -> StoredModel | None:
    """Return the stored model of a teacher pipeline; None if its teacher is a trained component."""
    if not is_llm(nlp, component):
        return None
    model = getattr(nlp.get_pipe(component), "answer_model", None)
    return model if isinstance(model, StoredModel) else None
