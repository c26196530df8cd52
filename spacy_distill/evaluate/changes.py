"""What differs between two snapshots: settings, data, prompts, seed, versions and machine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import srsly
from confection import Config
from thinc.api import ConfigValidationError

from ..errors import UserError
from .runs import Run

# Where a corpus lay says nothing; what it held is compared by its hashes.
CORPUS_SETTINGS = ("paths.train", "paths.dev")
TASK = ("component", "labels", "exclusive")
SHORT_HASH = 12


@dataclass(frozen=True)
class Change:
    """One difference between two runs.

    area (str): "task", "data", "prompt", "config", "encoder", "seed", "acceptance", "versions" or
        "machine".
    what (str): The setting or part, in dot notation.
    a (str | None): Its value in the first run; None where it has none.
    b (str | None): Its value in the second run.
    """

    area: str
    what: str
    a: str | None
    b: str | None


def find_changes(a: Run, b: Run) -> tuple[Change, ...]:
    """Return every difference in what produced two runs, by area.

    a (Run): The first run.
    b (Run): The second run.
    RETURNS (tuple[Change, ...]): None for a run and itself.
    RAISES (UserError): If the config that a snapshot holds cannot be read.
    """
    parts_a, parts_b = run_parts(a), run_parts(b)
    written_a, written_b = written_settings(a), written_settings(b)
    return tuple(
        Change(area, what, ours.get(what), theirs.get(what))
        for area, ours in parts_a.items()
        for theirs in [parts_b[area]]
        for what in dict.fromkeys([*ours, *theirs])
        if ours.get(what) != theirs.get(what)
        and not (area == "config" and written_a.get(what) == written_b.get(what))
    )


def run_parts(run: Run) -> dict[str, dict[str, str]]:
    """Return what produced a run: by area, each part with its value as a short text.

    RAISES (UserError): If the snapshot is damaged, with its path.
    """
    record = run.record
    try:
        config = Config().from_str(record["config"]["text"])
        parts: dict[str, Mapping[str, Any]] = {
            "task": {key: record[key] for key in TASK if key in record},
            "data": data_parts(record),
            "prompt": prompt_parts(record),
            "config": {k: v for k, v in flatten(config).items() if k not in CORPUS_SETTINGS},
            "encoder": flatten(record.get("encoder") or {}),
            "seed": {"seed": record.get("seed")},
            "acceptance": flatten(record.get("acceptance") or {}),
            "versions": record["versions"],
            "machine": record["machine"],
        }
    except (AttributeError, KeyError, TypeError, ValueError, ConfigValidationError) as error:
        raise UserError(f"{run.path} is a damaged snapshot of a run: {error}.") from error
    return {area: {key: show(value) for key, value in part.items()} for area, part in parts.items()}


def written_settings(run: Run) -> dict[str, Any]:
    """Return the settings of a run's config as they are written: a variable counts only once."""
    return flatten(Config().from_str(run.record["config"]["text"], interpolate=False))


def data_parts(record: Mapping[str, Any]) -> dict[str, str]:
    """Return what each corpus holds: by role, the hashes of its files; and how many Docs counted."""
    hashes = {
        role: " ".join(digest[:SHORT_HASH] for digest in files.values())
        for role, files in record["data"].items()
    }
    return hashes | {f"n {role}": str(n) for role, n in record["n"].items()}


def prompt_parts(record: Mapping[str, Any]) -> dict[str, str]:
    """Return what was asked: the teacher, its config and all prompts."""
    prompts = record["prompts"]
    return {
        "teacher": record["teacher"],
        "teacher config": str(record.get("teacher_sha256", ""))[:SHORT_HASH],
        "prompts": f"{prompts.get('n')}, {str(prompts.get('sha256'))[:SHORT_HASH]}",
    }


def flatten(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the settings of a nested config in dot notation; an empty block is a value itself."""
    return dict(_flatten(config, prefix))


def _flatten(config: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in config.items():
        if isinstance(value, Mapping) and value:
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def show(value: Any) -> str:
    """Return a value as it stands in a config: texts as they are, all else as JSON."""
    return value if isinstance(value, str) else str(srsly.json_dumps(value))
