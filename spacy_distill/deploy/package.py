"""An installable wheel of an assembled pipeline, with where it came from inside."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spacy.cli.package import package as spacy_package

from ..errors import UserError
from ..io import read_json, write_json, write_text
from .card import model_card
from .provenance import passed_on

CARD = "README.md"
BUILD = (sys.executable, "-m", "build", "--wheel", "--no-isolation")


def package(
    pipeline: Path | str,
    out_dir: Path | str,
    *,
    name: str,
    version: str,
    provenance: Mapping[str, Any] | None = None,
    evaluation: Mapping[str, Any] | None = None,
    curation: Mapping[str, Any] | None = None,
) -> Path:
    """Build a wheel of an assembled pipeline; `spacy.load("<lang>_<name>")` loads it once installed.

    pipeline (Path | str): The folder that `assemble` wrote.
    out_dir (Path | str): Gets the package's folder, with the wheel in its `dist`.
    name (str): The package's name without the language code.
    version (str): Its version.
    provenance (Mapping[str, Any] | None): What `meta.json` is to say under `distill`: teacher, prompt
        and data hashes, versions, metrics; usually the snapshot in `metrics/run.json`.
    evaluation (Mapping[str, Any] | None): All results of `evaluate`, for the model card.
    curation (Mapping[str, Any] | None): The report of `curate`, for the model card.
    RETURNS (Path): The wheel; the package's folder holds the card as its README.
    RAISES (UserError): If there is no pipeline, its package exists for other reasons, or the build
        fails, with the builder's own words.
    """
    pipeline, out_dir = Path(pipeline), Path(out_dir)
    if not (pipeline / "meta.json").is_file():
        raise UserError(f"No pipeline in {pipeline}; run `assemble` first.")
    if not name.isidentifier():
        raise UserError(f"The name {name!r} is no Python identifier; use letters, digits and _.")
    out_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "pipeline"
        shutil.copytree(pipeline, copy)
        meta = read_json(copy / "meta.json")
        meta.update(name=name, version=version)
        meta["distill"] = {**meta.get("distill", {}), **passed_on(provenance)}
        write_json(copy / "meta.json", meta)
        write_text(copy / CARD, model_card(copy, evaluation=evaluation, curation=curation))
        spacy_package(
            copy, out_dir, name=name, version=version, create_sdist=False, force=True, silent=True
        )
    return build_wheel(out_dir / f"{meta['lang']}_{name}-{version}")


def build_wheel(folder: Path) -> Path:
    """Build the wheel of a package folder without a network.

    folder (Path): A folder with a `setup.py`.
    RETURNS (Path): The wheel in its `dist`.
    RAISES (UserError): If the build fails, with the builder's last lines.
    """
    result = subprocess.run([*BUILD], cwd=folder, capture_output=True, text=True, check=False)
    wheels = sorted((folder / "dist").glob("*.whl"))
    if result.returncode or not wheels:
        lines = "\n".join((result.stdout + result.stderr).strip().splitlines()[-8:])
        raise UserError(
            f"Building the wheel in {folder} failed; `pip install build wheel setuptools` may be "
            f"missing. The builder said:\n{lines}"
        )
    return wheels[-1]
