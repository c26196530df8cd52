"""Under which name and parameters the answer store knows a model, read from its config block."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spacy_llm.registry import registry

from ..secrets import without_secrets
from ..ty import SchemaModel, SchemaTask

# Settings that say how to reach a model, and change none of its answers.
TRANSPORT_SETTINGS = ("strict", "max_tries", "interval", "max_request_time", "context_length")
OWN_MODELS = "spacy-distill."
STORED = "spacy-distill.Stored.v1"
CONCURRENT = "spacy-distill.Concurrent.v1"
WRAPPERS = (STORED, CONCURRENT)


@dataclass(frozen=True)
class Identity:
    """A model as the answer store knows it.

    name (str): Its name.
    params (dict[str, Any]): Every setting that changes an answer, no secrets.
    context_length (int | None): Tokens that it takes at once; None if the config does not say.
    store (str | None): The answer store that the block itself names.
    """

    name: str
    params: dict[str, Any]
    context_length: int | None = None
    store: str | None = None


def is_own(block: Mapping[str, Any]) -> bool:
    """Say whether a model block names a model of ours, which tells its name and parameters itself."""
    return str(block["@llm_models"]).startswith(OWN_MODELS)


def foreign_identity(block: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the name and parameters of any other model: its registered name, and its settings."""
    skipped = ("@llm_models", *TRANSPORT_SETTINGS)
    params = {key: value for key, value in block.items() if key not in skipped}
    return block["@llm_models"], without_secrets(params)


def follow_schema(model: Any, task: Any) -> None:
    """Have a model that can do so hold its answers to the JSON schema of a task that has one.

    model (Any): The model, or one with the answer store around it.
    task (Any): The task.
    """
    inner = getattr(model, "model", model)
    if isinstance(task, SchemaTask) and isinstance(inner, SchemaModel):
        inner.follow(task.json_schema)


def wrapped_identity(block: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the name and parameters of the foreign model in a wrapper: as given, else as found."""
    name, params = foreign_identity(block["model"])
    given = block.get("name")
    return (given, without_secrets(block.get("params") or {})) if given else (name, params)


def model_identity(block: Mapping[str, Any], task: Any = None) -> Identity:
    """Find out how the answer store knows a model, without building one that is not ours.

    block (Mapping[str, Any]): The model block of a config, interpolated.
    task (Any): The task whose JSON schema the model may follow, which is part of the question.
    RETURNS (Identity): The name and parameters under which its answers are kept.
    """
    if block["@llm_models"] in WRAPPERS:
        inner, store = block["model"], block.get("path")
        if not is_own(inner):
            name, params = wrapped_identity(block)
            return Identity(name, params, inner.get("context_length"), store)
        own = model_identity(inner, task)
        return Identity(own.name, own.params, own.context_length, store)
    if not is_own(block):
        return Identity(*foreign_identity(block), block.get("context_length"))
    model = registry.resolve({"model": dict(block)})["model"]
    follow_schema(model, task)
    return Identity(model.name, without_secrets(model.params), model.context_length)
