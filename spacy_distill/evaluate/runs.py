"""Named snapshots of runs, as `evaluate --run` writes them: found, read and checked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ..errors import UserError
from ..io import read_json

FILE_NAME = "run.json"
SHAPE: dict[str, type] = {
    "name": str,
    "time": str,
    "component": str,
    "labels": list,
    "scores": dict,
    "n": dict,
    "teacher": str,
    "prompts": dict,
    "data": dict,
    "config": dict,
    "versions": dict,
    "machine": dict,
}


@dataclass(frozen=True)
class Run:
    """One snapshot.

    path (Path): Its file.
    name (str): The run's name.
    time (datetime): When it was evaluated, with its time zone.
    student (str): The student's folder; the training config's in snapshots that name no student.
    labels (tuple[str, ...]): The labels.
    verdict (str | None): The verdict; None without gold.
    n_test (int): Test Docs that count.
    scores (Mapping[str, str]): Headline scores with their intervals.
    record (Mapping[str, Any]): The whole snapshot.
    """

    path: Path
    name: str
    time: datetime
    student: str
    labels: tuple[str, ...]
    verdict: str | None
    n_test: int
    scores: Mapping[str, str]
    record: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return what identifies the run and how well it did, as plain JSON-able values."""
        return {
            "path": self.path.as_posix(),
            "name": self.name,
            "time": self.time.isoformat(),
            "student": self.student,
            "n": self.n_test,
            "scores": dict(self.scores),
            "verdict": self.verdict,
        }


@dataclass(frozen=True)
class Unreadable:
    """A file that is no snapshot: why, and whether it was asked for by its own path."""

    path: Path
    problem: str
    named: bool


@dataclass(frozen=True)
class Runs:
    """The snapshots that were found, oldest first, and the files that are none."""

    runs: tuple[Run, ...]
    unreadable: tuple[Unreadable, ...]


def read_runs(paths: Iterable[Path | str]) -> Runs:
    """Read snapshots; a file that is none is reported and the others are read all the same.

    paths (Iterable[Path | str]): Snapshots, and folders in which every `run.json` is read.
    RETURNS (Runs): The snapshots, newest last.
    """
    runs: dict[Path, Run] = {}
    unreadable: dict[Path, Unreadable] = {}
    for path, named in find_files(map(Path, paths)):
        try:
            runs[path.resolve()] = read_run(path)
        except (UserError, OSError) as error:
            unreadable[path.resolve()] = Unreadable(path, str(error), named)
    found = sorted(runs.values(), key=lambda run: (run.time, run.path))
    return Runs(tuple(found), tuple(unreadable.values()))


def find_files(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """Yield the snapshots behind paths, and whether each was named by its own path."""
    for path in paths:
        if path.is_dir():
            yield from ((file, False) for file in sorted(path.rglob(FILE_NAME)))
        else:
            yield path, True


def locate(name: str, folder: Path | str) -> Path:
    """Return the path that a user means: a file, a folder, or the name of a run.

    name (str): A path, or the name of a run.
    folder (Path | str): Where runs are looked for by name.
    RETURNS (Path): The path of the snapshot or folder; the name itself if nothing has it.
    RAISES (UserError): If several runs have the name.
    """
    if Path(name).exists() or not Path(folder).is_dir():
        return Path(name)
    found = [run.path for run in read_runs([folder]).runs if run.name == name]
    if len(found) > 1:
        raise UserError(
            f"{len(found)} runs are called {name!r}: {', '.join(map(str, found))}; give a path."
        )
    return found[0] if found else Path(name)


def read_run(path: Path | str) -> Run:
    """Read one snapshot.

    path (Path | str): A file that `evaluate --run` has written.
    RETURNS (Run): The run.
    RAISES (FileNotFoundError): If there is no such file.
    RAISES (UserError): If it is no snapshot, with what is wrong.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"No snapshot at {path}, and no run has that name.")
    record = read_json(path)
    if not isinstance(record, dict):
        raise UserError(f"{path} is no snapshot of a run: it holds no JSON object.")
    for key, kind in SHAPE.items():
        if not isinstance(record.get(key), kind):
            raise UserError(
                f"{path} is no snapshot of a run: {key!r} is missing or no {kind.__name__}; write "
                f"one with `evaluate --run`."
            )
    try:
        return _make_run(path, record)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path} is a damaged snapshot of a run: {error}.") from error


def _make_run(path: Path, record: dict[str, Any]) -> Run:
    time = datetime.fromisoformat(record["time"])
    student = record.get("student") or Path(record["config"]["path"]).parent.as_posix()
    return Run(
        path=path,
        name=record["name"],
        time=time if time.tzinfo is not None else time.replace(tzinfo=timezone.utc),
        student=str(student),
        labels=tuple(map(str, record["labels"])),
        verdict=record.get("verdict"),
        n_test=int(record["n"]["test"]),
        scores={str(key): str(value) for key, value in record["scores"].items()},
        record=record,
    )
