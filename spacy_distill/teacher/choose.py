"""Which teacher is asked about the pool: the one that the probe on gold found best."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import UserError
from ..io import read_json


def split_arguments(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Split a list of paths into the leading teachers and the corpora behind them.

    paths (Sequence[Path]): Configs or pipeline folders, then corpora.
    RETURNS (tuple[list[Path], list[Path]]): Teachers and corpora, at least one of each.
    RAISES (UserError): If either is missing, or a path does not exist.
    """
    for path in paths:
        if not path.exists():
            raise UserError(f"No such file or folder: {path}.")
    teachers = [path for path in paths if is_teacher(path)]
    corpora = [path for path in paths if not is_teacher(path)]
    if not teachers or not corpora:
        missing = "teacher (a .cfg file or a pipeline's folder)" if not teachers else "corpus"
        raise UserError(f"There is no {missing} among {[str(path) for path in paths]}.")
    return teachers, corpora


def is_teacher(path: Path) -> bool:
    """Say whether a path is a config or the folder of a pipeline."""
    return path.suffix == ".cfg" or (path / "config.cfg").is_file()


def read_probe(path: Path) -> dict[Path, dict[str, Any]]:
    """Read the report of `probe`, by teacher.

    RAISES (UserError): If it is none, or was made without gold.
    """
    data = read_json(path)
    found = data.get("teachers") if isinstance(data, dict) else None
    if not isinstance(found, list) or not all(x.get("accuracy") for x in found):
        raise UserError(f"{path} is no report of `probe --gold`; run that first.")
    return {Path(result["teacher"]): result for result in found}


def choose_teacher(teachers: Sequence[Path], probe: Path | None) -> tuple[Path, str]:
    """Choose the teacher with the best accuracy on gold.

    teachers (Sequence[Path]): The candidates.
    probe (Path | None): The report of `probe`.
    RETURNS (tuple[Path, str]): The teacher, and one sentence that says why.
    RAISES (UserError): If there are several candidates and no probe of all of them.
    """
    if probe is None or not probe.is_file():
        if len(teachers) > 1:
            names = ", ".join(map(str, teachers))
            raise UserError(f"Several teachers ({names}): run `probe` on gold first, or name one.")
        return teachers[0], (
            f"{teachers[0]} has not been probed: run `spacy distill probe` on some gold texts first, "
            f"to see how good the teacher is before its answers are paid for."
        )
    results = read_probe(probe)
    missing = [str(teacher) for teacher in teachers if teacher not in results]
    if missing:
        raise UserError(f"{probe} says nothing of {', '.join(missing)}; probe all of the teachers.")
    best = max(teachers, key=lambda teacher: results[teacher]["accuracy"]["value"])
    accuracy = results[best]["accuracy"]["value"]
    return best, f"{best}: accuracy {accuracy:.3f} on {results[best]['n']} gold texts in the probe."
