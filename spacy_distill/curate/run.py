"""Run the curator of a config over a corpus, without building the pipeline around it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from catalogue import RegistryError
from spacy.util import load_config, registry

from ..errors import UserError
from ..io import count_docs, read_docs, write_docs
from ..ty import Track, untracked
from .component import FACTORY, Curator
from .report import CurateReport, FilterReport

LEAK_FILTER = "spacy-distill.leak_filter.v1"


def curate(
    docs_path: Path | str,
    out_path: Path | str,
    config_path: Path | str,
    *,
    gold: Sequence[Path | str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    track: Track = untracked,
) -> CurateReport:
    """Write a corpus again with the verdicts of all filters on each Doc; none is deleted.

    docs_path (Path | str): The corpus.
    out_path (Path | str): Where the curated corpus goes: a `.spacy` file or a folder.
    config_path (Path | str): A spaCy config with a `distill_curator` component.
    gold (Sequence[Path | str] | None): Gold corpora for the leak filter, in place of those that
        the config names.
    overrides (Mapping[str, Any] | None): Changed settings of the config by their dotted names.
    track (Track): Shows progress.
    RETURNS (CurateReport): What was kept and dropped, and why.
    RAISES (UserError): If the config has no curator, or gold is given and it has no leak filter.
    """
    curator = load_curator(config_path, gold=gold, overrides=overrides)
    filters = {name: FilterReport() for name in curator.filters}
    report = CurateReport(str(docs_path), filters)
    docs = track(read_docs(docs_path), total=count_docs(docs_path), desc="Curate")
    write_docs(report.watch(curator.pipe(docs)), out_path)
    return report


def load_curator(
    config_path: Path | str,
    *,
    gold: Sequence[Path | str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Curator:
    """Build only the curator of a config; building its pipeline would import every plugin.

    config_path, gold, overrides: As for `curate`.
    RETURNS (Curator): The component, which has seen no Doc yet.
    """
    path = Path(config_path)
    if not path.is_file():
        raise FileNotFoundError(
            f"No config at {path}; configs/curate.cfg is the one to start from."
        )
    config = load_config(path, overrides=dict(overrides or {}))
    components = config.get("components", {})
    names = [name for name, block in components.items() if block.get("factory") == FACTORY]
    if len(names) != 1:
        raise UserError(
            f"{path} must have one component with factory {FACTORY!r}, but it has {len(names)} "
            f"(components: {list(components)})."
        )
    filters = dict(components[names[0]].get("filters", {}))
    if gold is not None:
        filters = with_gold(filters, gold, path)
    try:
        built = registry.resolve({"filters": filters})["filters"]
    except RegistryError as error:
        raise UserError(f"{path} names a filter that is not registered: {error}") from error
    return Curator(names[0], filters=built)


def with_gold(filters: Mapping[str, Any], gold: Sequence[Path | str], path: Path) -> dict[str, Any]:
    """Return filter blocks in which the leak filters look at these gold corpora.

    filters (Mapping[str, Any]): The blocks by name.
    gold (Sequence[Path | str]): The gold corpora.
    path (Path): The config, for the error.
    RETURNS (dict[str, Any]): The blocks.
    RAISES (UserError): If none of them is a leak filter.
    """
    leaks = [name for name, block in filters.items() if block.get("@misc") == LEAK_FILTER]
    if not leaks:
        raise UserError(
            f"Gold corpora are given, but no filter in {path} is {LEAK_FILTER!r}; add one, so that "
            f"no gold text is learned from."
        )
    paths = [str(gold_path) for gold_path in gold]
    return {**filters, **{name: {**filters[name], "gold": paths} for name in leaks}}
