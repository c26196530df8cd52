"""The named snapshot of a run: what produced it, and its headline scores."""

import os
import platform
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timezone
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from spacy.util import load_config

from ..io import corpus_shards
from ..scoring.intervals import Interval
from .result import Report

PACKAGES = (
    "spacy-distill",
    "spacy",
    "thinc",
    "spacy-llm",
    "spacy-transformers",
    "transformers",
    "torch",
    "scikit-learn",
    "numpy",
)


def snapshot(
    report: Report,
    *,
    name: str,
    teacher: Path | str,
    config: Path | str,
    data: Mapping[str, Path],
    labelled: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Record what produced a run, so that it can be told from others and compared with them.

    report (Report): The evaluation.
    name (str): The run's name.
    teacher (Path | str): The teacher's config or pipeline.
    config (Path | str): The config that the student was trained with.
    data (Mapping[str, Path]): What each corpus is for, and where it is.
    labelled (Mapping[str, Any] | None): The report of `label`: which of several teachers labelled the
        texts, and how many answers that took.
    RETURNS (dict[str, Any]): JSON-able values.
    """
    if labelled is not None:
        teacher = labelled["teacher"]
    settings = load_config(config, interpolate=True)
    return {
        "name": name,
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "component": report.component,
        "labels": list(report.labels),
        "verdict": report.gold.verdict.word if report.gold is not None else None,
        "scores": headline(report),
        "n": {"test": report.n_test, "train": report.n_train},
        "teacher": Path(teacher).as_posix(),
        "teacher_sha256": _file_hash(_config_path(Path(teacher))),
        "answers": count_answers(labelled),
        "prompts": {"n": report.n_prompts, "sha256": report.prompts_sha256},
        "data": {key: hash_corpus(path) for key, path in data.items()},
        "config": {
            "path": Path(config).as_posix(),
            "sha256": _file_hash(Path(config)),
            "text": Path(config).read_text(encoding="utf8"),
        },
        "seed": settings.get("training", {}).get("seed"),
        "versions": {"python": platform.python_version(), **package_versions()},
        "machine": {
            "platform": platform.platform(),
            "processor": processor_name(),
            "cpus": os.cpu_count(),
        },
    }


def count_answers(labelled: Mapping[str, Any] | None) -> dict[str, int]:
    """Return how many answers were asked for, stored already or failed, over all corpora."""
    counts: Counter[str] = Counter()
    for corpus in (labelled or {}).get("corpora", []):
        counts.update(corpus["requests"])
    return dict(counts)


def headline(report: Report) -> dict[str, str]:
    """Return the headline scores of a report, each with its interval, by system and score."""
    scores: dict[str, str] = {}
    for system in report.systems:
        values: dict[str, Interval | None] = {
            "accuracy": system.accuracy,
            "macro-F1": system.macro_f1,
            "agreement with the teacher": system.agreement,
        }
        scores |= {f"{system.name} {key}": str(x) for key, x in values.items() if x is not None}
    return scores


def hash_corpus(path: Path | str) -> dict[str, str]:
    """Return the SHA-256 of each file of a corpus."""
    return {shard.as_posix(): _file_hash(shard) for shard in corpus_shards(path)}


def package_versions() -> dict[str, str]:
    """Return the versions of the installed packages that decide what a run gives."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


def processor_name() -> str:
    """Return the processor's model name, as far as the platform tells."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _config_path(path: Path) -> Path:
    return path / "config.cfg" if path.is_dir() else path


def _file_hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
