"""The `distill` command group, and what all of its commands share."""

import functools
import json
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import typer
from catalogue import RegistryError
from spacy.cli._util import app as spacy_app
from thinc.api import ConfigValidationError
from tqdm import tqdm
from wasabi import msg

from ..errors import UserError
from ..ty import ItemT, Status

HELP = "Distil an LLM component into a small trained component that takes its place."

distill_app = typer.Typer(name="distill", help=HELP, no_args_is_help=True)
spacy_app.add_typer(distill_app, name="distill")


def command(
    name: str,
    *,
    examples: str,
    context_settings: dict[str, Any] | None = None,
    app: typer.Typer = distill_app,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as `spacy distill NAME`, with clean errors and examples in its help.

    name (str): The command's name.
    examples (str): One or more command lines, one per line, for `--help`.
    context_settings (dict | None): For commands that take config overrides.
    app (Typer): The group that the command belongs to.
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
            except ModuleNotFoundError as error:
                msg.fail(missing_extra(error), exits=1)
            except KeyboardInterrupt:
                msg.warn("Interrupted. What was finished is kept; run the same command to go on.")
                sys.exit(130)

        lines = "\n\n".join(line.strip() for line in examples.strip().splitlines())
        help_text = f"{(function.__doc__ or '').strip()}\n\nExamples:\n\n{lines}"
        app.command(name, help=help_text, context_settings=context_settings)(run)
        return run

    return register


EXTRAS = {
    "spacy_llm": "teacher",
    "jinja2": "teacher",
    "aiohttp": "teacher",
    "yarl": "teacher",
    "torch": "train",
    "tokenizers": "train",
    "transformers": "train",
    "spacy_transformers": "train",
    "sklearn": "evaluate",
    "py3langid": "curate",
    "pyarrow": "parquet",
    "phonenumbers": "privacy",
    "stdnum": "privacy",
}


JSON_SECONDS = 1.0  # between two lines of progress


def json_progress(
    items: Iterable[ItemT],
    *,
    total: int | None = None,
    desc: str = "",
    unit: str = "docs",
    status: Callable[[], Status] | None = None,
) -> Iterable[ItemT]:
    """Pass items through and report on standard error, as a JSON line a second and one at the end."""
    start = reported = time.monotonic()
    n = 0

    def report(event: str, **more: str) -> None:
        line: dict[str, Any] = {
            "event": event,
            **more,
            "task": desc,
            "n": n,
            "total": total,
            "unit": unit,
        }
        line |= {"seconds": round(time.monotonic() - start, 1), **(status() if status else {})}
        print(json.dumps(line), file=sys.stderr, flush=True)  # noqa: T201

    try:
        for item in items:
            yield item
            n += 1
            if time.monotonic() - reported >= JSON_SECONDS:
                reported = time.monotonic()
                report("progress")
    except BaseException as error:
        report("stopped", reason=f"{type(error).__name__}: {error}")
        raise
    report("done")


def missing_extra(error: ModuleNotFoundError) -> str:
    """Say what to install for a package that is missing."""
    package = (error.name or "").split(".")[0]
    extra = EXTRAS.get(package)
    advice = f'pip install "spacy-distill[{extra}]"' if extra else "install it"
    return f"{error}: {advice}." if package else str(error)


STATUS_FORMATS: dict[str, Callable[[Any], str]] = {"spent": "${:.4f}".format}


def progress(
    items: Iterable[ItemT],
    *,
    total: int | None = None,
    desc: str = "",
    unit: str = "docs",
    status: Callable[[], Status] | None = None,
) -> Iterable[ItemT]:
    """Pass items through a progress bar on standard error; silent where that is no terminal."""
    bar = tqdm(items, total=total, desc=desc, unit=f" {unit}", disable=None, file=sys.stderr)
    for item in bar:
        if status is not None and not bar.disable:
            shown = {key: STATUS_FORMATS.get(key, str)(x) for key, x in status().items()}
            bar.set_postfix(shown, refresh=False)
        yield item
