"""What calling code may rely on: read from a teacher's config without building anything of it."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from spacy.tokens import Doc
from spacy.util import load_config

from .attrs import doc_id, get_distill
from .errors import UserError
from .io import read_json

TEXTCAT_TASKS = (
    "spacy.TextCat.v1",
    "spacy.TextCat.v2",
    "spacy.TextCat.v3",
    "spacy-distill.TextCat.v1",
)
LLM_FACTORIES = ("llm", "distill_llm")
COLLECTOR_FACTORY = "distill_collector"
TEXTCAT_FACTORIES = {
    "textcat": True,
    "textcat_multilabel": False,
    "distill_textcat": True,
    "distill_textcat_multilabel": False,
}
LabelMap = Mapping[str, str | None]


@dataclass(frozen=True)
class Contract:
    """The labels and the place of one component, as the code that calls the pipeline sees them.

    name (str): The component's name in `nlp.pipe_names`.
    lang (str): The pipeline's language code.
    labels (tuple[str, ...]): The labels in `doc.cats`, after the label map.
    exclusive (bool): Whether exactly one label applies. A one-label task counts as not exclusive,
        since stock `textcat` refuses a single label.
    label_map (LabelMap): How the labels came from the task's own; gold keeps those in its corpus.
    """

    name: str
    lang: str
    labels: tuple[str, ...]
    exclusive: bool
    label_map: LabelMap = field(default_factory=dict, hash=False)


def read_contract(
    path: Path | str, *, component: str | None = None, label_map: LabelMap | None = None
) -> Contract:
    """Read the contract of a text classifier from a teacher config or a saved pipeline.

    path (Path | str): A spacy-llm config (`.cfg`), the folder of a saved spaCy pipeline, or a contract
        as JSON, in which component and label map are settled.
    component (str | None): The component's name; needed only where several could be meant.
    label_map (LabelMap | None): Old label to new label, or to None to drop it.
    RETURNS (Contract): The contract; the labels are the mapped ones.
    RAISES (UserError): If no such component, or no labels, can be found, with what was found.
    """
    path = Path(path)
    if path.suffix == ".json":
        return _saved_contract(path)
    config, config_path = _read_config(path)
    name, block = _find_component(config.get("components", {}), component, config_path)
    if block.get("factory") in LLM_FACTORIES:
        labels, exclusive = _task_labels(config, name, block, config_path)
    else:
        labels = _trained_labels(path, name)
        exclusive = TEXTCAT_FACTORIES[block["factory"]]
    contract = Contract(name, config["nlp"]["lang"], labels, exclusive and len(labels) > 1)
    return map_contract(contract, label_map or {})


def _saved_contract(path: Path) -> Contract:
    data = read_json(path)
    try:
        return Contract(**{**data, "labels": tuple(data["labels"])})
    except (TypeError, KeyError) as error:
        raise UserError(
            f"{path} is no contract ({error!r}); `spacy distill remote` writes one."
        ) from error


def read_teacher(
    path: Path | str, *, component: str | None = None, label_map: LabelMap | None = None
) -> Contract:
    """Read the contract of any teacher that `label` can ask.

    path, component, label_map: As for `read_contract`.
    RETURNS (Contract): The contract; without labels for an LLM component with another task than text
        classification, whose annotations are left to its own parser.
    """
    config, _ = _read_config(Path(path))
    others = [
        name
        for name, block in config.get("components", {}).items()
        if block.get("factory") in LLM_FACTORIES and not _classifies(block)
    ]
    classifiers = [x for x in config.get("components", {}).values() if _classifies(x)]
    if component in others or (component is None and len(others) == 1 and not classifiers):
        return Contract(component or others[0], config["nlp"]["lang"], (), exclusive=False)
    return read_contract(path, component=component, label_map=label_map)


def _read_config(path: Path) -> tuple[Mapping[str, Any], Path]:
    config_path = path / "config.cfg" if path.is_dir() else path
    if not config_path.is_file():
        raise FileNotFoundError(
            f"No config at {config_path}; give a .cfg file or a pipeline's folder."
        )
    config = load_config(config_path)
    if not config.get("nlp", {}).get("lang"):
        raise UserError(f"{config_path} names no language; set lang in [nlp].")
    return config, config_path


def _classifies(block: Mapping[str, Any]) -> bool:
    task = (block.get("task") or {}).get("@llm_tasks")
    is_llm = block.get("factory") in LLM_FACTORIES and task in TEXTCAT_TASKS
    return is_llm or block.get("factory") in TEXTCAT_FACTORIES


def is_llm_config(path: Path | str, component: str) -> bool:
    """Say whether a component of a config file is an LLM component rather than a trained one."""
    path = Path(path)
    config = load_config(path / "config.cfg" if path.is_dir() else path)
    return config["components"][component].get("factory") in LLM_FACTORIES


def drop_components(config: dict[str, Any], *, factories: Container[str], keep: str) -> list[str]:
    """Take components out of a pipeline's config, such as those that would ask or keep something.

    config (dict[str, Any]): A pipeline's config, changed in place.
    factories (Container[str]): The factories of what is taken out.
    keep (str): The name of a component that stays.
    RETURNS (list[str]): The names of what was taken out.
    """
    components = config["components"]
    names = [
        name
        for name, block in components.items()
        if block.get("factory") in factories and name != keep
    ]
    for name in names:
        del components[name]
        for key in ("pipeline", "disabled"):
            listed = config["nlp"].get(key, [])
            config["nlp"][key] = [other for other in listed if other != name]
    return names


def read_label_map(path: Path | str) -> dict[str, str | None]:
    """Read a label map: a JSON object of old label to new label, or to null to drop the label.

    RAISES (UserError): If the file holds anything else.
    """
    data = read_json(path)
    if not isinstance(data, dict) or not all(
        v is None or isinstance(v, str) for v in data.values()
    ):
        raise UserError(f'{path} must be a JSON object such as {{"old": "new", "unused": null}}.')
    return data


def map_contract(contract: Contract, label_map: LabelMap) -> Contract:
    """Return the contract with its labels renamed, merged or dropped.

    RAISES (UserError): If the map names a label that the task does not have, or drops them all.
    """
    unknown = [label for label in label_map if label not in contract.labels]
    if unknown:
        raise UserError(
            f"The label map names {unknown}, but the labels are {list(contract.labels)}."
        )
    mapped = (label_map.get(label, label) for label in contract.labels)
    labels = tuple(dict.fromkeys(label for label in mapped if label is not None))
    if not labels:
        raise UserError("The label map drops every label; keep at least one.")
    exclusive = contract.exclusive and len(labels) > 1
    return replace(contract, labels=labels, exclusive=exclusive, label_map=dict(label_map))


def gold_labels(doc: Doc, contract: Contract) -> list[str] | None:
    """Return the human labels of a Doc under the contract's names.

    doc (Doc): The Doc; what ingest has read is never rewritten, so it is mapped here and only here.
    contract (Contract): The contract.
    RETURNS (list[str] | None): The labels that apply; None without gold, or if the label map drops
        the only label of an exclusive task, since the Doc has no right answer then.
    """
    gold = get_distill(doc).get("gold")
    if gold is None:
        return None
    mapped = [contract.label_map.get(name, name) for name in gold]
    names = list(dict.fromkeys(name for name in mapped if name is not None))
    return None if contract.exclusive and gold and not names else names


def check_gold_labels(doc: Doc, contract: Contract) -> list[str] | None:
    """Return the human labels of a Doc, which must be those of the contract.

    doc (Doc): The Doc.
    contract (Contract): The contract.
    RETURNS (list[str] | None): The labels that apply, as `gold_labels` gives them.
    RAISES (UserError): For a label that the contract does not have, or several that exclude each
        other.
    """
    names = gold_labels(doc, contract)
    unknown = [name for name in names or () if name not in contract.labels]
    if unknown:
        raise UserError(
            f"Doc {doc_id(doc)} has the gold label {unknown[0]!r}, but the teacher's labels are "
            f"{list(contract.labels)}; correct the gold, or give the --label-map that the corpus "
            f"was labelled with."
        )
    if names is not None and contract.exclusive and len(names) != 1:
        raise UserError(
            f"Doc {doc_id(doc)} has {len(names)} gold labels ({sorted(names)}), but the labels are "
            f"exclusive; give it exactly one."
        )
    return names


def gold_cats(doc: Doc, contract: Contract) -> dict[str, float] | None:
    """Return the human labels of a Doc in the form of `doc.cats`.

    doc (Doc): The Doc.
    contract (Contract): The contract.
    RETURNS (dict[str, float] | None): 1.0 or 0.0 for every label; None if the Doc has no gold.
    """
    names = gold_labels(doc, contract)
    return None if names is None else {label: float(label in names) for label in contract.labels}


def _find_component(
    components: Mapping[str, Any], wanted: str | None, path: Path
) -> tuple[str, dict[str, Any]]:
    candidates = {name: block for name, block in components.items() if _classifies(block)}
    if wanted is not None:
        candidates = {name: block for name, block in candidates.items() if name == wanted}
    if len(candidates) != 1:
        found = {name: block.get("factory") for name, block in components.items()}
        problem = "Several text classifiers" if candidates else "No text classifier"
        raise UserError(
            f"{problem} in {path} (asked for: {wanted or 'the only one'}; components: {found}). "
            f"A teacher is an llm component with one of {', '.join(TEXTCAT_TASKS)} or a trained "
            f"textcat; name it with --component."
        )
    return next(iter(candidates.items()))


def _task_labels(
    config: Mapping[str, Any], name: str, block: Mapping[str, Any], path: Path
) -> tuple[tuple[str, ...], bool]:
    task = block["task"]
    initialize = config.get("initialize", {}).get("components", {}).get(name, {})
    labels = task.get("labels") or initialize.get("labels") or []
    if isinstance(labels, dict):
        raise UserError(
            f"The labels of {name!r} in {path} come from a function; write them out as a list in "
            f"[components.{name}.task] labels."
        )
    if isinstance(labels, str):
        labels = [label.strip() for label in labels.split(",") if label.strip()]
    if not labels:
        raise UserError(
            f"The task of {name!r} in {path} has no labels; list them in "
            f"[components.{name}.task] labels."
        )
    return tuple(dict.fromkeys(labels)), bool(task.get("exclusive_classes", False))


def _trained_labels(path: Path, name: str) -> tuple[str, ...]:
    if not path.is_dir():
        raise UserError(f"{path} holds a trained component, {name!r}; give its pipeline's folder.")
    labels = read_json(path / "meta.json").get("labels", {}).get(name, [])
    if not labels:
        raise UserError(f"{path / 'meta.json'} lists no labels for {name!r}; is it trained?")
    return tuple(labels)
