"""The paths that a run writes to: none of them may hit the source or another one."""

from itertools import combinations
from pathlib import Path

from ..errors import UserError


def check_targets(source: Path | str, *targets: Path | str | None) -> None:
    """Refuse to write over the source, or two things to one place.

    source (Path | str): The file or folder that is read.
    targets (Path | str | None): The files and folders to write; None is passed over.
    RAISES (UserError): If a target is the source or another target, lies in it, or holds it.
    """
    named = [target for target in targets if target is not None]
    for target in named:
        if _overlap(source, target):
            raise UserError(
                f"{target} would overwrite its source {source}, or be read as a part of it next "
                "time; name another path."
            )
    for first, second in combinations(named, 2):
        if _overlap(first, second):
            raise UserError(
                f"{first} and {second} would overwrite one another, or lie in one another; name "
                "another path for one of them."
            )


def _overlap(first: Path | str, second: Path | str) -> bool:
    one, other = Path(first).resolve(), Path(second).resolve()
    return one == other or one in other.parents or other in one.parents
