"""What is known of a packaged pipeline: its own files, and the JSON of the commands before."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from spacy.util import load_config

from ..contract import TEXTCAT_FACTORIES, Contract
from ..errors import UserError
from ..io import read_json

EVALUATION = ("systems", "n_test", "labels")
CURATION = ("n", "kept", "filters")
NOT_PASSED_ON = ("outcomes",)  # ids and labels of test texts: of use beside the texts only


@dataclass(frozen=True)
class Provenance:
    """What a model card is made of.

    meta (Mapping[str, Any]): The pipeline's `meta.json`.
    contract (Contract | None): The text classifier's; None for a pipeline without one.
    run (Mapping[str, Any]): The snapshot that `evaluate --run` wrote; may be empty.
    evaluation (Mapping[str, Any]): The results that `evaluate --output` wrote; may be empty.
    curation (Mapping[str, Any]): The report of `curate`; may be empty.
    """

    meta: Mapping[str, Any]
    contract: Contract | None
    run: Mapping[str, Any]
    evaluation: Mapping[str, Any]
    curation: Mapping[str, Any]

    @property
    def gold(self) -> Mapping[str, Any]:
        """What the evaluation says on gold; empty without gold or without an evaluation."""
        return self.evaluation.get("gold") or {}

    def carried(self, key: str) -> Any:
        """Return what the component carries in the pipeline's meta, such as its temperature."""
        name = self.contract.name if self.contract is not None else ""
        return self.meta.get("distill", {}).get(key, {}).get(name)


def read_provenance(
    pipeline: Path | str,
    *,
    evaluation: Mapping[str, Any] | None = None,
    curation: Mapping[str, Any] | None = None,
) -> Provenance:
    """Collect what is known of a pipeline, and check that it belongs together.

    pipeline (Path | str): The pipeline's folder; its meta holds the snapshot of its run, if any.
    evaluation (Mapping[str, Any] | None): The results that `evaluate --output` wrote.
    curation (Mapping[str, Any] | None): The report of `curate`.
    RETURNS (Provenance): The collection.
    RAISES (UserError): If run, evaluation and pipeline are not of one student.
    """
    check_keys("The evaluation", evaluation, EVALUATION, source="evaluate --output")
    check_keys("The curation", curation, CURATION, source="curate --report")
    meta = read_json(Path(pipeline) / "meta.json")
    run = meta.get("distill", {})
    contract = find_contract(meta, load_config(Path(pipeline) / "config.cfg"), run.get("component"))
    found = Provenance(meta, contract, run, evaluation or {}, curation or {})
    for name, data in (("The snapshot", found.run), ("The evaluation", found.evaluation)):
        labels = data.get("labels")
        if labels and contract is not None and set(labels) != set(contract.labels):
            raise UserError(
                f"{name} is of the labels {sorted(labels)}, but the pipeline has "
                f"{sorted(contract.labels)}; give the one of this pipeline."
            )
    differing = [name for name, (ours, theirs) in told_twice(found).items() if ours != theirs]
    if differing:
        raise UserError(
            f"The evaluation and the snapshot (--run) are not of one run: they differ in "
            f"{', '.join(differing)}; give the files that one call of `evaluate` wrote."
        )
    return found


def told_twice(found: Provenance) -> dict[str, tuple[Any, Any]]:
    """Return what both the snapshot and the evaluation tell, by name; empty without one of them."""
    run, evaluation = found.run, found.evaluation
    if not evaluation or not run.get("scores"):
        return {}
    rows = {row["name"]: row for row in evaluation["systems"]}
    accuracy = rows.get("student", {}).get("accuracy")
    score = "{value:.3f} [{low:.3f}, {high:.3f}]".format(**accuracy) if accuracy else None
    return {
        "prompts": (run.get("prompts", {}).get("sha256"), evaluation.get("prompts_sha256")),
        "verdict": (run.get("verdict"), found.gold.get("verdict", {}).get("word")),
        "accuracy": (run["scores"].get("student accuracy"), score),
    }


def find_contract(
    meta: Mapping[str, Any], config: Mapping[str, Any], component: str | None
) -> Contract | None:
    """Return the contract of a pipeline's text classifier.

    meta (Mapping[str, Any]): The pipeline's meta.
    config (Mapping[str, Any]): Its config.
    component (str | None): The component's name; by default the pipeline's first text classifier.
    RETURNS (Contract | None): The contract; None if there is no text classifier.
    """
    factories = {
        name: block["factory"]
        for name, block in config.get("components", {}).items()
        if block.get("factory") in TEXTCAT_FACTORIES
    }
    name = component if component in factories else next(iter(factories), None)
    if name is None:
        return None
    labels = tuple(meta.get("labels", {}).get(name, ()))
    return Contract(name, meta["lang"], labels, TEXTCAT_FACTORIES[factories[name]])


def check_keys(name: str, data: Any, keys: tuple[str, ...], *, source: str) -> None:
    """Refuse JSON that is not what it is given as; none at all is fine.

    RAISES (UserError): If it is no object with these keys.
    """
    missing = [key for key in keys if not isinstance(data, Mapping) or key not in data]
    if data is not None and missing:
        raise UserError(f"{name} has no {missing[0]!r}; give the JSON that `{source}` wrote.")


def passed_on(run: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what of a snapshot goes into a package: no texts' ids, no config, no folders.

    RAISES (UserError): If it is no snapshot.
    """
    check_keys("The snapshot", run, ("name", "scores"), source="evaluate --run")
    kept = {key: value for key, value in (run or {}).items() if key not in NOT_PASSED_ON}
    if "config" in kept:
        kept["config"] = {"sha256": kept["config"].get("sha256")}
    if "data" in kept:
        kept["data"] = {role: without_folders(files) for role, files in kept["data"].items()}
    for key in ("student", "teacher"):
        if key in kept:
            kept[key] = PurePosixPath(kept[key]).name
    return kept


def without_folders(files: Mapping[str, str]) -> dict[str, str]:
    """Return the digests of files by their names alone: folders can tell of a machine or a user."""
    return {PurePosixPath(path).name: digest for path, digest in files.items()}
