"""An endpoint as the config describes it: where it is, what goes into each request, and its key."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ...errors import UserError
from ...secrets import is_secret_name, read_key, without_secrets

# What the client itself decides, and what would change the form of the answer.
RESERVED = frozenset({"model", "messages", "stream", "stream_options"})
# Fields that change no answer, and so are no part of a question's identity.
UNMARKED = frozenset({"n", "store", "metadata", "user", "service_tier", "safety_identifier"})
MAX_OUTPUT = ("max_completion_tokens", "max_tokens")
WHOLE_NUMBERS = {"n": 1, "seed": None, **dict.fromkeys(MAX_OUTPUT, 1)}  # with the least they can be


@dataclass(frozen=True)
class Endpoint:
    """A chat-completions endpoint and what is sent to it.

    model (str): The model's name there.
    base_url (str): Where the endpoint is, without the path.
    path (str): What is added to it.
    key_variable (str): The environment variable with the key.
    key_header (str): The header for the key.
    key_prefix (str): What stands before the key in it.
    system (str | None): The system prompt.
    config (Mapping[str, Any]): Further fields of each request, as the endpoint names them.
    headers (Mapping[str, str]): Further headers; no secrets.
    query (Mapping[str, str]): The query of the URL, such as Azure's `api-version`.
    """

    model: str
    base_url: str
    path: str = "/chat/completions"
    key_variable: str = "OPENAI_API_KEY"
    key_header: str = "Authorization"
    key_prefix: str = "Bearer "
    system: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what can never work.

        RAISES (UserError): If the base URL is none, if the config sets a field that the client decides
            or that is no number, or if a header or the query holds a key.
        """
        check_base_url(self.base_url)
        check_whole_numbers(self.config)
        reserved = sorted(RESERVED & set(self.config))
        if reserved:
            raise UserError(f"The model's config sets {reserved}, which the client decides.")
        named = (*self.headers, *self.query)
        secret = [name for name in named if is_secret_name(name.replace("-", "_"))]
        if secret:
            raise UserError(
                f"The header or query field {secret[0]!r} would put a secret into the config. Name the "
                f"environment variable in key_variable and the header in key_header."
            )

    @property
    def url(self) -> str:
        """The URL that requests go to, without the query."""
        path = self.path.lstrip("/")
        return f"{self.base_url.rstrip('/')}/{path}" if path else self.base_url

    @property
    def params(self) -> dict[str, Any]:
        """Every setting that changes an answer: a question's identity in the answer store."""
        params: dict[str, Any] = {"base_url": self.base_url.rstrip("/")}
        params.update({key: self.config[key] for key in self.config if key not in UNMARKED})
        optional = {"system": self.system, "query": dict(self.query)}
        params.update({key: value for key, value in optional.items() if value})
        return dict(without_secrets(params))

    @property
    def n(self) -> int:
        """How many answers to one prompt may come from one call."""
        return int(self.config.get("n") or 1)

    @property
    def max_output_tokens(self) -> int | None:
        """The most tokens of one answer, where the config sets it."""
        found = [self.config[key] for key in MAX_OUTPUT if self.config.get(key)]
        return int(found[0]) if found else None

    def body(self, prompt: str, *, sample: int, n: int, metadata: Mapping[str, str]) -> bytes:
        """Return the body of a request.

        prompt (str): The rendered prompt.
        sample (int): The first sample's number: it is added to a seed, or all would be the same.
        n (int): How many answers to ask for.
        metadata (Mapping[str, str]): Tags, sent where the endpoint is told to store completions.
        RETURNS (bytes): JSON.
        """
        messages = [{"role": "user", "content": prompt}]
        if self.system:
            messages.insert(0, {"role": "system", "content": self.system})
        body = {"model": self.model, "messages": messages, **self.config}
        body.pop("n", None)
        if n > 1:
            body["n"] = n
        if body.get("seed") is not None:
            body["seed"] += sample
        if body.get("store") and metadata:
            body["metadata"] = {**metadata, **body.get("metadata", {})}
        return json.dumps(body).encode("ascii")

    def request_headers(self) -> dict[str, str]:
        """Return the headers, with the key as the environment has it now.

        RAISES (UserError): If the key can't stand in a header.
        """
        headers = {"Content-Type": "application/json", **self.headers}
        key = read_key(self.key_variable)
        if key:
            headers[self.key_header] = f"{self.key_prefix}{key}"
        return headers


def check_base_url(base_url: str) -> None:
    """Refuse a base URL to which no path can be added.

    RAISES (UserError): If it is no HTTP address, or has a query.
    """
    try:
        parts = urlsplit(base_url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        shown = without_secrets(base_url)
        raise UserError(f"base_url = {shown!r} is no address such as https://host:8000/v1.")
    if parts.query or parts.fragment:
        raise UserError("base_url has a query; put its fields into `query` of the model block.")


def check_whole_numbers(config: Mapping[str, Any]) -> None:
    """Refuse what the client must count with, and cannot.

    RAISES (UserError): If a field is no whole number, or too small.
    """
    for name, least in WHOLE_NUMBERS.items():
        value = config.get(name)
        if value is None:
            continue
        if type(value) is not int or (least is not None and value < least):
            wanted = "a whole number" if least is None else f"a whole number, {least} or more"
            raise UserError(f"The model's config has {name} = {value!r}; it must be {wanted}.")
