"""The files of a source: one file, or all below a folder whose endings ingest knows."""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import UserError

COMPRESSED = ".gz"
HIDDEN, UNKNOWN, EMPTY, IRREGULAR = "hidden", "unknown ending", "empty", "no regular file"
MISNAMED = "a name that is not UTF-8"


@dataclass(frozen=True)
class SourceFile:
    """One file, with the name that it has in reports and the ending that tells its format."""

    path: Path
    name: str
    ending: str


@dataclass
class Listing:
    """What was found: the files to read, and the names of those left out by the reason why."""

    files: list[SourceFile] = field(default_factory=list)
    skipped: dict[str, list[str]] = field(default_factory=dict)

    def skip(self, reason: str, name: str) -> None:
        """Leave a file out."""
        self.skipped.setdefault(reason, []).append(_printable(name))


def list_files(path: Path, endings: Collection[str]) -> Listing:
    """Find the files of a source.

    path (Path): A file, or a folder that is searched with all folders below it.
    endings (Collection[str]): The endings that can be read.
    RETURNS (Listing): At least one file, in the order of their names.
    RAISES (FileNotFoundError): If there is nothing at the path.
    RAISES (UserError): If nothing there can be read, or the path itself is not UTF-8.
    """
    if _printable(str(path)) != str(path):
        raise UserError(f"{_printable(str(path))}: {MISNAMED}; rename it.")
    try:
        if not path.exists():
            raise FileNotFoundError(f"No file or folder {path}; give what holds your texts.")
        listing = _list_folder(path, endings) if path.is_dir() else _list_file(path, endings)
    except PermissionError as error:
        raise UserError(f"{error.filename} can't be read: {error.strerror}.") from error
    return listing


def ending_of(path: Path) -> str:
    """Return the ending that tells a file's format, such as ".csv" or ".csv.gz", in lower case."""
    ending = path.suffix.lower()
    return Path(path.stem).suffix.lower() + ending if ending == COMPRESSED else ending


def _list_file(path: Path, endings: Collection[str]) -> Listing:
    listing = Listing()
    _sort_in(SourceFile(path, path.name, ending_of(path)), endings, listing)
    if listing.files:
        return listing
    (reason,) = listing.skipped
    advice = {
        UNKNOWN: f"ingest reads {', '.join(endings)} and folders of them",
        EMPTY: "it must have one text a row",
        IRREGULAR: "give a file or a folder",
    }
    raise UserError(f"{path}: {reason}; {advice[reason]}.")


def _list_folder(folder: Path, endings: Collection[str]) -> Listing:
    listing = Listing()
    for path in sorted(_walk(folder, listing)):
        name = path.relative_to(folder).as_posix()
        if path.name.startswith("."):
            listing.skip(HIDDEN, name)
        else:
            _sort_in(SourceFile(path, name, ending_of(path)), endings, listing)
    if not listing.files:
        found = "; ".join(f"{reason}: {', '.join(x[:5])}" for reason, x in listing.skipped.items())
        raise UserError(
            f"{folder} is a folder without a file that ingest can read ({', '.join(endings)}). "
            f"It holds {found or 'nothing'}."
        )
    return listing


def _walk(folder: Path, listing: Listing) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, onerror=_raise):
        for name in sorted(folders):
            path = Path(parent, name)
            if name.startswith(".") or path.is_symlink():
                folders.remove(name)
                reason = HIDDEN if name.startswith(".") else "link to a folder"
                listing.skip(reason, path.relative_to(folder).as_posix() + "/")
        yield from (Path(parent, name) for name in names)


def _printable(name: str) -> str:
    return name.encode("utf8", "backslashreplace").decode("utf8")


def _raise(error: OSError) -> None:
    raise error


def _sort_in(file: SourceFile, endings: Collection[str], listing: Listing) -> None:
    if _printable(file.name) != file.name:
        listing.skip(MISNAMED, file.name)
    elif not file.path.is_file():
        listing.skip(IRREGULAR, file.name)
    elif file.ending not in endings:
        listing.skip(UNKNOWN, file.name)
    elif not file.path.stat().st_size:
        listing.skip(EMPTY, file.name)
    else:
        listing.files.append(file)
