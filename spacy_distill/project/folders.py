"""Filling a new project's folder: all of it or nothing, and never with itself."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import UserError
from ..io import atomic_path


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Give a temporary path whose content becomes the folder's if the block ends without error.

    folder (Path): A resolved path. An empty folder is filled and stays the same folder, since it may
        be a mount or where somebody's shell is.
    YIELDS (Path): The path to make a folder at. After an error nothing is left of it.
    RAISES (UserError): If the folder holds anything.
    """
    if not folder.exists():
        with atomic_path(folder) as new:
            yield new
        return
    if not folder.is_dir() or any(folder.iterdir()):
        raise UserError(f"{folder} exists and is not empty; name a new folder.")
    with TemporaryDirectory(prefix=".", dir=folder) as holder:
        new = Path(holder) / folder.name
        yield new
        for child in list(new.iterdir()):
            child.rename(folder / child.name)


def copy_into(source: Path, target: Path) -> None:
    """Copy a file or a folder to a path inside a new project.

    source (Path): The file or folder.
    target (Path): The copy; its parent folders are made.
    RAISES (UserError): If the source is a folder that the copy would lie in.
    """
    if source.resolve() in target.resolve().parents:
        raise UserError(
            f"The folder {source} would hold the new project, which it is to be copied into; give a "
            f"folder or file beside the project."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)
