"""The files of a new project, as Jinja templates."""

from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined


def read_template(name: str) -> str:
    """Return a template as it stands."""
    return files(__package__).joinpath(name).read_text(encoding="utf8")


def render_template(name: str, values: dict[str, Any]) -> str:
    """Fill in a template.

    name (str): Its file name.
    values (dict[str, Any]): What it is given; a missing one is an error.
    RETURNS (str): The text.
    """
    # Configs and YAML, not HTML: what is filled in there is quoted by the templates.
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True)  # noqa: S701
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    return environment.from_string(read_template(name)).render(values)
