"""Whether a logged call is one that the teacher of a config would make itself."""

import inspect
import re
from collections.abc import Mapping
from typing import Any

from spacy_llm.registry import registry

from ..identity import Identity, is_own
from .call import Call

SEED = "seed"
SNAPSHOT = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8}|\d{4})")
# Fields that change no answer, as the client's own list has them, and the question itself.
IGNORED = frozenset(
    {"model", "messages", "input", "instructions", "n", "store", "metadata", "user", "stream"}
    | {"stream_options", "service_tier", "safety_identifier", "prompt_cache_key"}
    | {"base_url", "query", "system"}  # no fields of a request
)
# What endpoints write for a field that was not sent; None stands for any of them.
UNSET: dict[str, tuple[Any, ...]] = {
    "temperature": (1,),
    "top_p": (1,),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "max_tokens": (),
    "max_completion_tokens": (),
    "seed": (),
    "stop": ([],),
    "response_format": ({"type": "text"},),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "parallel_tool_calls": (True, False),
    "functions": ([],),
    "reasoning_effort": (),
    "verbosity": (),
}


class Origin:
    """What the teacher of a model block sends with each prompt.

    block (Mapping[str, Any]): The model block of a config, interpolated.
    identity (Identity | None): The model as the answer store knows it; None for a recording.
    """

    def __init__(self, block: Mapping[str, Any], identity: Identity | None) -> None:
        while isinstance(block.get("model"), Mapping):
            block = block["model"]
        named = block.get("model") or block.get("name")
        self.model = named if isinstance(named, str) else None
        own = identity.params if identity is not None and is_own(block) else None
        settings = sent_settings(block) if own is None else own
        self.system = str(settings.get("system") or "")
        self.settings = {key: settings[key] for key in settings if key not in IGNORED}

    def objection(self, call: Call) -> str:
        """Say why the answer to a call is not the teacher's.

        call (Call): The call.
        RETURNS (str): The first difference, or what is not known; empty if there is none.
        """
        if self.model is None:
            return "the config names no model"
        if not call.models:
            return "no model in the row"
        other = next((x for x in call.models if not is_same_model(x, self.model)), None)
        if other is not None:
            return f"other model: {other}"
        if call.system != self.system:
            return "other system prompt"
        return self._other_setting(call)

    def first_sample(self, call: Call) -> int | None:
        """Return which sample the first answer of a call is, where the seed tells.

        call (Call): A call without objection; the client adds the sample's number to the seed.
        RETURNS (int | None): Its number; None if the teacher's config sets no seed.
        """
        seed, recorded = self.settings.get(SEED), call.settings.get(SEED)
        return recorded - seed if isinstance(seed, int) and isinstance(recorded, int) else None

    def _other_setting(self, call: Call) -> str:
        recorded = {
            key: value
            for key, value in call.settings.items()
            if value is not None
            and key not in IGNORED
            and (call.whole_request or key in UNSET or key in self.settings)
        }
        for key, value in self.settings.items():
            if key not in recorded:
                return f"{key} is not recorded"
            later = key == SEED and (self.first_sample(call) or 0) > 0
            if recorded[key] != value and not later:
                return f"other {key}"
        for key in sorted(recorded.keys() - self.settings.keys()):
            if recorded[key] not in UNSET.get(key, ()):
                return f"other {key}"
        return ""


def sent_settings(block: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request fields that a model sends: those of its block, or its own defaults."""
    found = block.get("config")
    if found is None:
        function = registry.llm_models.get(str(block["@llm_models"]))
        parameter = inspect.signature(function).parameters.get("config")
        found = parameter.default if parameter is not None else None
    return dict(found) if isinstance(found, Mapping) else {}


def is_same_model(name: str, wanted: str) -> bool:
    """Say whether a row names the wanted model, or a dated snapshot of it."""
    suffix = name.removeprefix(wanted)
    return name == wanted or (suffix != name and SNAPSHOT.fullmatch(suffix) is not None)
