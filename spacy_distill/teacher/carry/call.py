"""One logged call, in whichever of the documented shapes it was written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..client.completions import read_content, without_surrogates
from .found import Unusable
from .rows import Row

SYSTEM_ROLES = ("system", "developer")
REQUEST_KEYS = ("request", "body")
RESPONSE_KEYS = ("response", "completion")


@dataclass(frozen=True)
class Call:
    """What was asked and what came back.

    prompt (str): The one message of the user.
    system (str): The system prompt; empty if there was none.
    choices (list[dict]): The choices of the completion.
    models (tuple[str, ...]): The models that request and response name.
    settings (Mapping[str, Any]): The fields of the request beside the messages.
    whole_request (bool): Whether they are all fields of the request, so that what is missing was not
        sent; otherwise they stand among other fields.
    metadata (Mapping[str, Any]): The tags that were sent along.
    usage (dict[str, Any]): Token counts.
    """

    prompt: str
    system: str
    choices: list[dict[str, Any]]
    models: tuple[str, ...]
    settings: Mapping[str, Any]
    whole_request: bool
    metadata: Mapping[str, Any] = field(default_factory=dict)
    usage: dict[str, Any] = field(default_factory=dict)


def read_call(row: Row) -> Call | Unusable:
    """Read a call.

    row (Row): Request and response side by side (`request` or `body`, `response`), or in one object:
        `messages` or `input`, `choices` or `output`, or an answer as the last message.
    RETURNS (Call | Unusable): The call, or why it is none that can be used.
    """
    values = row.values
    request = _part(values, REQUEST_KEYS)
    response = _part(values, RESPONSE_KEYS)
    sent, got = request or values, response or values
    failure = values.get("error") or got.get("error")
    if failure or values.get("status_code", 200) != 200 or _status(values) != 200:
        return row.unusable("failed call", str(failure or "the status is not 200"))
    messages = read_messages(sent) or read_messages(values)
    choices = read_choices(got)
    if not choices and messages and messages[-1][0] == "assistant":
        choices = [{"message": {"content": messages.pop()[1]}}]
    prompts = [text for role, text in messages if role == "user"]
    systems = [text for role, text in messages if role in SYSTEM_ROLES]
    if len(prompts) != 1 or len(systems) > 1 or len(messages) != len(prompts) + len(systems):
        roles = [role for role, _ in messages]
        return row.unusable("other messages", f"needs one user message, found {roles}")
    if not choices:
        return row.unusable("no answer", "no choices, no output and no assistant message")
    places = [x for x in (sent, got, values) if x]
    return Call(
        prompt=prompts[0],
        system=systems[0] if systems else "",
        choices=choices,
        models=tuple(dict.fromkeys(_name(x["model"]) for x in places if x.get("model"))),
        settings=sent,
        whole_request=request is not None,
        metadata=_first_dict(places, "metadata"),
        usage=_first_dict(places, "usage"),
    )


def read_messages(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the roles and texts of the messages; also of a list object, or of one string."""
    found = values.get("messages") or values.get("input")
    if isinstance(found, Mapping):
        found = found.get("messages") or found.get("data")
    if isinstance(found, str):
        found = [{"role": "user", "content": found}]
    messages = [x for x in found if isinstance(x, dict)] if isinstance(found, list) else []
    pairs = [(str(x.get("role")), read_content(x.get("content"))) for x in messages]
    if isinstance(values.get("instructions"), str):
        pairs.insert(0, ("system", values["instructions"]))
    return pairs


def read_choices(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the choices of a completion, or the output of the Responses shape as one choice."""
    choices = values.get("choices")
    if isinstance(choices, list):
        return [x for x in choices if isinstance(x, dict)]
    output = values.get("output")
    if isinstance(output, Mapping):
        return read_choices(output) or [{"message": dict(output)}]
    if isinstance(output, str):
        return [{"message": {"content": output}}]
    texts = [x for x in output if isinstance(x, dict) and "content" in x] if output else []
    return [{"message": {"content": "".join(read_content(x["content"]) for x in texts)}}][
        : len(texts)
    ]


def _part(values: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any] | None:
    found: Any = next((values[key] for key in keys if isinstance(values.get(key), dict)), None)
    if found is None:
        return None
    body = found.get("body")
    return dict(body) if isinstance(body, dict) else dict(found)


def _name(model: Any) -> str:
    return without_surrogates(str(model))


def _status(values: Mapping[str, Any]) -> Any:
    response = values.get("response")
    return response.get("status_code", 200) if isinstance(response, dict) else 200


def _first_dict(places: list[Any], key: str) -> dict[str, Any]:
    found = (x[key] for x in places if isinstance(x.get(key), dict) and x[key])
    return dict(next(found, {}))
