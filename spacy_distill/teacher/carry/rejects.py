"""The rows that could not be imported, in a file with the reason of each."""

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TextIO

import srsly

from ...io import atomic_path
from .found import Unusable
from .harvest_report import HarvestReport


class Rejects:
    """Counts rejects and, if there is a path, writes them as JSONL; to be entered.

    path (Path | str | None): The file; it is empty where there are no rejects.
    report (HarvestReport): Counts them.
    """

    def __init__(self, path: Path | str | None, report: HarvestReport) -> None:
        self.report = report
        self._path = path
        self._stack = ExitStack()
        self._file: TextIO | None = None

    def __enter__(self) -> "Rejects":
        if self._path is not None:
            temporary = self._stack.enter_context(atomic_path(self._path))
            self._file = self._stack.enter_context(temporary.open("w", encoding="utf8"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, traceback)

    def add(self, reject: Unusable) -> None:
        """Count a reject, and write it."""
        self.report.count_reject(reject)
        if self._file is not None:
            self._file.write(srsly.json_dumps(reject.to_json()) + "\n")
