"""Docs and JSON in and out: streaming, with user data kept, every write atomic.

A corpus on disk is one `.spacy` file or a folder of them (shards); both read the same way.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import srsly
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from .errors import UserError
from .shards import pack_docs, unpack_docs

SHARD_SIZE = 2_000
REPLACED = "replaced"


def corpus_shards(path: Path | str) -> list[Path]:
    """Return the `.spacy` files of a corpus in order.

    path (Path | str): A `.spacy` file or a folder of them.
    RETURNS (list[Path]): At least one file.
    RAISES (FileNotFoundError): If there is no such file or folder, or no `.spacy` file in it.
    """
    path = Path(path)
    if path.is_dir():
        shards = sorted(path.glob("*.spacy"))
        if not shards:
            raise FileNotFoundError(
                f"No .spacy file in the folder {path}; run the command that writes it."
            )
        return shards
    if not path.is_file():
        raise FileNotFoundError(f"No corpus at {path}; run the command that writes it.")
    return [path]


def read_docs(path: Path | str, vocab: Vocab | None = None) -> Iterator[Doc]:
    """Stream the Docs of a corpus, shard by shard.

    path (Path | str): A `.spacy` file or a folder of them.
    vocab (Vocab | None): The vocabulary that the Docs get; it grows with every new word. None gives
        the Docs of each shard one of their own, which goes when they go.
    YIELDS (Doc): The Docs in the order in which they were written.
    RAISES (UserError): If a file is not a DocBin.
    """
    for shard in corpus_shards(path):
        yield from unpack_docs(load_docbin(shard), Vocab() if vocab is None else vocab)


def count_docs(path: Path | str) -> int:
    """Return the number of Docs in a corpus without building them."""
    return sum(len(load_docbin(shard)) for shard in corpus_shards(path))


def load_docbin(path: Path) -> DocBin:
    """Read one `.spacy` file.

    path (Path): The file.
    RETURNS (DocBin): Its Docs, packed.
    RAISES (UserError): If it is no DocBin.
    """
    try:
        return DocBin(store_user_data=True).from_disk(path)
    except Exception as error:
        raise UserError(
            f"{path} is not a readable .spacy file ({error}); write it again."
        ) from error


def write_docs(docs: Iterable[Doc], path: Path | str, *, shard_size: int = SHARD_SIZE) -> int:
    """Write a stream of Docs as a corpus; what stood at the path is replaced at the very end.

    docs (Iterable[Doc]): The Docs; at most `shard_size` of them are held at a time for a folder.
    path (Path | str): A path that ends in `.spacy` becomes one file, any other a folder of shards.
    shard_size (int): Docs per shard of a folder.
    RETURNS (int): The number of Docs written.
    RAISES (UserError): If the path is a folder that holds anything but shards.
    """
    path = Path(path)
    check_corpus_place(path)
    if path.suffix == ".spacy":
        docbin = pack_docs(docs)
        with atomic_path(path) as temporary:
            docbin.to_disk(temporary)
        return len(docbin)
    with atomic_path(path) as temporary:
        temporary.mkdir()
        return _write_shards(docs, temporary, shard_size)


def check_corpus_place(path: Path | str) -> None:
    """Refuse to write a corpus where another thing is.

    path (Path | str): A path that ends in `.spacy`, or a folder.
    RAISES (UserError): If there is another file, or a folder that holds anything but shards.
    """
    path = Path(path)
    if path.is_file() and path.suffix != ".spacy":
        raise UserError(f"{path} is a file; name a folder, or a path that ends in .spacy.")
    foreign = sorted(file.name for file in path.glob("*") if file.suffix != ".spacy")
    if foreign:
        raise UserError(
            f"{path} would be replaced, but holds {', '.join(foreign[:3])}; name a folder of its own."
        )


def _write_shards(docs: Iterable[Doc], folder: Path, shard_size: int) -> int:
    total = 0
    stream = iter(docs)
    while True:
        docbin = pack_docs(islice(stream, shard_size))
        if len(docbin) or not total:
            docbin.to_disk(folder / f"{total // shard_size:05}.spacy")
        total += len(docbin)
        if len(docbin) < shard_size:
            return total


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Give a temporary path beside `path` that takes its place if the block ends without error.

    path (Path | str): The file or folder to write; its parent folders are made.
    YIELDS (Path): The path to write to. After an error nothing is left of it, and what stood at the
        path stands there still.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    holder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    temporary = holder / path.name
    try:
        yield temporary
        if path.is_dir():
            _replace_folder(path, temporary, holder / REPLACED)
        else:
            os.replace(temporary, path)
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def _replace_folder(path: Path, new: Path, old: Path) -> None:
    if not new.is_dir():
        raise IsADirectoryError(f"{path} is a folder; name a file.")
    os.replace(path, old)
    try:
        os.replace(new, path)
    except OSError:
        os.replace(old, path)
        raise


def check_replaceable(folder: Path | str, mark: str) -> None:
    """Refuse to replace a folder that a command has not written itself.

    folder (Path | str): The folder to replace; may be missing or empty.
    mark (str): A file that every folder of this kind holds, such as `config.cfg`.
    RAISES (UserError): If the folder holds anything, but not that file.
    """
    folder = Path(folder)
    if folder.is_file():
        raise UserError(f"{folder} is a file; name a folder.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / mark).is_file():
        found = ", ".join(sorted(file.name for file in folder.iterdir())[:3])
        raise UserError(f"{folder} would be replaced, but holds {found}; name a folder of its own.")


def write_json(path: Path | str, data: Any) -> None:
    """Write a JSON file atomically, indented, with non-ASCII text as it is."""
    write_text(path, srsly.json_dumps(data, indent=2) + "\n")


def write_text(path: Path | str, text: str) -> None:
    """Write a UTF-8 text file atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf8")


def read_json(path: Path | str) -> Any:
    """Read a JSON file, with an error that names it where it is missing or malformed.

    RAISES (FileNotFoundError): If there is no such file.
    RAISES (UserError): If it is not JSON.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"No file {path}; run the command that writes it.")
    try:
        return srsly.read_json(path)
    except ValueError as error:
        raise UserError(f"{path} is not valid JSON: {error}") from error
