"""Remove what a weasel project's commands have written."""

import shutil
from pathlib import Path

from weasel.cli.main import PROJECT_FILE
from weasel.util import load_project_config

from ..errors import UserError


def clean(project_dir: Path | str) -> list[Path]:
    """Remove every output of a project's commands; answer stores and all else stay.

    project_dir (Path | str): The folder with the `project.yml`.
    RETURNS (list[Path]): What was removed.
    RAISES (UserError): If there is no `project.yml`, or an output lies outside the folder.
    """
    project_dir = Path(project_dir)
    if not (project_dir / PROJECT_FILE).is_file():
        raise UserError(
            f"No {PROJECT_FILE} in {project_dir.absolute()}; give the project's folder."
        )
    root = project_dir.resolve()
    paths = []
    for command in load_project_config(project_dir)["commands"]:
        for output in command.get("outputs", []) + command.get("outputs_no_cache", []):
            path = (root / output).resolve()
            if root not in path.parents:
                raise UserError(f"The output {output} of {command['name']!r} is not below {root}.")
            paths.append(path)
    return [path for path in paths if remove(path)]


def remove(path: Path) -> bool:
    """Remove a file or folder; say whether there was one."""
    if path.is_dir():
        shutil.rmtree(path)
    elif path.is_file():
        path.unlink()
    else:
        return False
    return True
