"""The `distill` command group, and what all of its commands share."""

import functools
import sys
from collections.abc import Callable, Iterable
from typing import Any

import typer
from catalogue import RegistryError
from spacy.cli._util import app as spacy_app
from thinc.api import ConfigValidationError
from tqdm import tqdm
from wasabi import msg

from ..errors import UserError
from ..ty import ItemT

HELP = "Distil an LLM component into a small trained component that takes its place."

distill_app = typer.Typer(name="distill", help=HELP, no_args_is_help=True)
spacy_app.add_typer(distill_app, name="distill")


def command(
    name: str, *, examples: str, context_settings: dict[str, Any] | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as `spacy distill NAME`, with clean errors and examples in its help.

    name (str): The command's name.
    examples (str): One or more command lines, one per line, for `--help`.
    context_settings (dict | None): For commands that take config overrides.
    RETURNS (Callable): The decorator; the function's docstring is the help text.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            except ConfigValidationError as error:
                msg.fail("The config is not valid", error.text or str(error), exits=1)
            except (UserError, OSError, RegistryError) as error:
                msg.fail(str(error), exits=1)
            except ImportError as error:
                msg.fail(missing_extra(error), exits=1)
            except KeyboardInterrupt:
                msg.warn("Interrupted. What was finished is kept; run the same command to go on.")
                sys.exit(130)

        lines = "\n\n".join(line.strip() for line in examples.strip().splitlines())
        help_text = f"{(function.__doc__ or '').strip()}\n\nExamples:\n\n{lines}"
        distill_app.command(name, help=help_text, context_settings=context_settings)(run)
        return run

    return register


EXTRAS = {
    "spacy_llm": "teacher",
    "jinja2": "teacher",
    "torch": "train",
    "transformers": "train",
    "spacy_transformers": "train",
    "sklearn": "evaluate",
    "py3langid": "curate",
    "pyarrow": "parquet",
}


def missing_extra(error: ImportError) -> str:
    """Say what to install for a package that is missing."""
    package = (error.name or "").split(".")[0]
    extra = EXTRAS.get(package)
    advice = f'pip install "spacy-distill[{extra}]"' if extra else "install it"
    return f"{error}: {advice}." if package else str(error)


def progress(
    items: Iterable[ItemT], *, total: int | None = None, desc: str = ""
) -> Iterable[ItemT]:
    """Pass items through a progress bar on standard error; silent where that is no terminal."""
    bar: Iterable[ItemT] = tqdm(
        items, total=total, desc=desc, unit=" docs", disable=None, file=sys.stderr
    )
    return bar
