"""Put a student in the place of an LLM component."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confection import Config
from spacy.language import Language
from spacy.util import load_config, load_meta, load_model_from_config

from ..contract import (
    COLLECTOR_FACTORY,
    Contract,
    LabelMap,
    drop_components,
    map_contract,
    read_contract,
)
from ..errors import UserError
from ..io import atomic_path, check_replaceable, write_json
from .check import check_clash, check_contract, check_parity, reading_changes, trained_contract
from .stock import load_stock

BATCH_SIZE = 64
CHOSEN = ("temperature", "thresholds")  # by component, see student/meta.py


@dataclass(frozen=True)
class Assembled:
    """What `assemble` built: contract, pipeline, largest score difference and reading changes."""

    path: Path
    contract: Contract
    pipe_names: list[str]
    parity: float
    changes: list[str]


def swap(
    nlp: Language,
    student: Language | Path | str,
    *,
    component: str | None = None,
    label_map: LabelMap | None = None,
) -> Language:
    """Replace the LLM component of a live pipeline by a student, in place.

    nlp (Language): The pipeline; its LLM component keeps its name and position. Collectors are
        removed, since there is no answer to collect any more.
    student (Language | Path | str): A trained student; a path is loaded with stock factories.
    component (str | None): The component's name; only needed where the student's name is another.
    label_map (LabelMap | None): The label map that the student was trained with.
    RETURNS (Language): The same pipeline.
    RAISES (UserError): If the student does not keep the component's contract.
    """
    stock = student if isinstance(student, Language) else load_stock(student)
    name = component or student_name(stock)
    if name not in nlp.pipe_names:
        raise UserError(
            f"The pipeline has no component {name!r} to replace, only {nlp.pipe_names}."
        )
    pipe = nlp.get_pipe(name)
    task = getattr(pipe, "task", None)
    exclusive = bool(getattr(task, "exclusive_classes", True))
    labels = tuple(getattr(pipe, "labels", ()))
    teacher = Contract(name, nlp.meta["lang"], labels, exclusive and len(labels) > 1)
    check_contract(map_contract(teacher, label_map or {}), trained_contract(stock, name))
    temporary = f"{name}_student"
    nlp.add_pipe(name, name=temporary, source=stock, after=name)
    for other in [*collector_names(nlp), name]:
        nlp.remove_pipe(other)
    nlp.rename_pipe(temporary, name)
    nlp.meta["distill"] = {**nlp.meta.get("distill", {}), **carried_meta(nlp, stock, name)}
    return nlp


def assemble(
    teacher: Path | str,
    student: Path | str,
    out_dir: Path | str,
    *,
    component: str | None = None,
    label_map: LabelMap | None = None,
    meta: Mapping[str, Any] | None = None,
) -> Assembled:
    """Write the user's production pipeline with the student in its LLM component's place.

    teacher (Path | str): The production pipeline: a spacy-llm config or a saved pipeline's folder.
        The LLM component that is replaced is never built.
    student (Path | str): The trained student.
    out_dir (Path | str): Where the pipeline goes; replaced as a whole.
    component (str | None): The LLM component, where the config has several text classifiers.
    label_map (LabelMap | None): The label map that the student was trained with.
    meta (Mapping[str, Any] | None): Values for the `distill` section of the pipeline's meta.
    RETURNS (Assembled): What was built.
    RAISES (UserError): If contract or parity do not hold; nothing is written then.
    """
    check_replaceable(out_dir, "config.cfg")
    contract = read_contract(teacher, component=component, label_map=label_map)
    stock = load_stock(student)
    check_contract(contract, trained_contract(stock, contract.name))
    nlp, position = production_pipeline(Path(teacher), contract.name)
    strings = {*nlp.vocab.strings, *contract.labels}
    check_clash(nlp, contract)
    insert_student(nlp, stock, contract.name, position)
    parity = check_parity(stock, nlp, contract)
    nlp.batch_size = BATCH_SIZE
    nlp.meta["distill"] = {**carried_meta(nlp, stock, contract.name), **dict(meta or {})}
    with atomic_path(out_dir) as temporary:
        nlp.to_disk(temporary)
        # The student's vocabulary holds every word that it has learned from, names and all.
        write_json(temporary / "vocab" / "strings.json", sorted(strings))
    changes = reading_changes(contract)
    return Assembled(Path(out_dir), contract, nlp.pipe_names, parity, changes)


def carried_meta(nlp: Language, stock: Language, name: str) -> dict[str, Any]:
    """Return the `distill` section of a pipeline's meta after a swap.

    nlp (Language): The pipeline; what was chosen for its other components stays.
    stock (Language): The student, with its own section.
    name (str): The component that is replaced; what was chosen for an earlier student of that name
        goes.
    RETURNS (dict[str, Any]): JSON-able values.
    """
    own = stock.meta.get("distill", {})
    known = nlp.meta.get("distill", {})
    carried = dict(own)
    for key in CHOSEN:
        others = {other: value for other, value in known.get(key, {}).items() if other != name}
        carried[key] = {**others, **own.get(key, {})}
    return {key: value for key, value in carried.items() if value or key not in CHOSEN}


def collector_names(nlp: Language) -> list[str]:
    """Return the names of a pipeline's collectors, which have nothing to collect after a swap."""
    return [
        name for name in nlp.component_names if nlp.get_pipe_meta(name).factory == COLLECTOR_FACTORY
    ]


def student_name(stock: Language) -> str:
    """Return the name of the one component that a student brings.

    RAISES (UserError): If it has several.
    """
    if len(stock.pipe_names) != 1:
        raise UserError(f"The student has the components {stock.pipe_names}; name the one to take.")
    return stock.pipe_names[0]


def production_pipeline(path: Path, name: str) -> tuple[Language, int]:
    """Build a production pipeline without its LLM component and collectors, and say where that stood.

    path (Path): A config, or the folder of a saved pipeline.
    name (str): The LLM component.
    RETURNS (tuple[Language, int]): The pipeline and the LLM component's position in it.
    """
    config = Config(load_config(path / "config.cfg" if path.is_dir() else path))
    if name in config["nlp"].get("disabled", []):
        raise UserError(f"{path} has {name!r} among its disabled components; enable it first.")
    collectors = drop_components(config, factories=(COLLECTOR_FACTORY,), keep=name)
    position = config["nlp"]["pipeline"].index(name)
    config["nlp"]["pipeline"].remove(name)
    del config["components"][name]
    config.get("initialize", {}).get("components", {}).pop(name, None)
    if not path.is_dir():
        return load_model_from_config(config, auto_fill=True), position
    nlp = load_model_from_config(config, meta=load_meta(path / "meta.json"), auto_fill=True)
    nlp.from_disk(path, exclude=[name, *collectors])
    return nlp, position


def insert_student(nlp: Language, stock: Language, name: str, position: int) -> None:
    """Add a student's component to a pipeline at a position, under its own name."""
    names = nlp.component_names
    before = names[position] if position < len(names) else None
    nlp.add_pipe(name, source=stock, before=before)
