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

from ..contract import LLM_FACTORIES
from ..errors import UserError
from ..io import corpus_shards, read_json
from ..scoring.intervals import Interval
from ..secrets import redacted_config, without_secrets
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
    student: Path | str,
    teacher: Path | str,
    config: Path | str,
    data: Mapping[str, Path],
    labelled: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Record what produced a run, so that it can be told from others and compared with them.

    report (Report): The evaluation.
    name (str): The run's name.
    student (Path | str): The student's pipeline.
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
    gold = report.gold
    return {
        "name": name,
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "student": Path(student).as_posix(),
        "component": report.component,
        "labels": list(report.labels),
        "exclusive": report.exclusive,
        "verdict": gold.verdict.word if gold is not None else None,
        "acceptance": {x.criterion: x.required for x in gold.verdict.checks} if gold else {},
        "scores": headline(report),
        "n": {"test": report.n_test, "train": report.n_train, "dev": gold.n_dev if gold else 0},
        "teacher": Path(teacher).as_posix(),
        "teacher_sha256": _file_hash(_config_path(Path(teacher))),
        "teacher_model": teacher_model(Path(teacher), report.component),
        "answers": count_answers(labelled),
        "prompts": {"n": report.n_prompts, "sha256": report.prompts_sha256},
        "data": {key: hash_corpus(path) for key, path in data.items()},
        "config": keep_config(Path(config)),
        "encoder": hash_encoders(settings.get("components", {})),
        "seed": settings.get("training", {}).get("seed"),
        "versions": {"python": platform.python_version(), **package_versions()},
        "machine": machine(),
        "outcomes": report.outcomes.to_json() if report.outcomes is not None else None,
    }


def keep_config(path: Path) -> dict[str, str]:
    """Return a config's path, its SHA-256, and its text without secrets."""
    text = redacted_config(path.read_text(encoding="utf8"))
    return {"path": path.as_posix(), "sha256": _file_hash(path), "text": text}


def teacher_model(path: Path, component: str) -> dict[str, Any] | None:
    """Return the model block of an LLM component, without secrets; None if the teacher has none."""
    if path.suffix == ".json":  # a contract alone
        return None
    block = load_config(_config_path(path), interpolate=True)["components"].get(component, {})
    model = block.get("model") if block.get("factory") in LLM_FACTORIES else None
    return dict(without_secrets(model)) if isinstance(model, Mapping) else None


def machine() -> dict[str, Any]:
    """Return what is known of this machine."""
    return {
        "platform": platform.platform(),
        "processor": processor_name(),
        "cpus": os.cpu_count(),
    }


def hash_encoders(block: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the pretrained encoders that a config names, each with the SHA-256 of its weights.

    block (Mapping[str, Any]): The components of a config.
    RETURNS (dict[str, dict[str, str]]): By name or folder, the hash of each file of weights; no file
        where the encoder is no folder on this machine.
    """
    encoders = {}
    name = str(block.get("@architectures", ""))
    if isinstance(block.get("name"), str) and ("Transformer" in name or "Encoder" in name):
        files = sorted(Path(block["name"]).glob("*.safetensors"))
        encoders[block["name"]] = {file.name: _file_hash(file) for file in files}
    for value in block.values():
        if isinstance(value, Mapping):
            encoders |= hash_encoders(value)
    return encoders


def read_label_report(path: Path | str) -> dict[str, Any]:
    """Read the report of `label`, before an evaluation is made that it belongs to.

    RAISES (UserError): If it is none.
    """
    data = read_json(path)
    corpora = data.get("corpora") if isinstance(data, dict) else None
    counted = isinstance(corpora, list) and all(
        isinstance(x, dict) and isinstance(x.get("requests"), dict) for x in corpora
    )
    if not counted or not isinstance(data.get("teacher"), str):
        raise UserError(f"{path} is no report of `label --report`; give the one of this run.")
    return dict(data)


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
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
