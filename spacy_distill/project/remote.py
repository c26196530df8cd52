"""A project of its own that trains on another machine, which sees neither keys nor answers."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from spacy.tokens import Doc
from weasel.cli.main import PROJECT_FILE, PROJECT_LOCK

from ..attrs import AnswerRecord, get_distill
from ..contract import Contract
from ..errors import UserError
from ..io import atomic_path, count_docs, read_docs, write_docs, write_json
from ..ty import Track, untracked
from .init import ENGLISH_ENCODER
from .templates import render_template

# What training, its thresholds and the later evaluation read of a Doc's record
KEPT = ("id", "gold", "n_ok", "agreement", "weight")

CONTRACT, CONFIG = "configs/contract.json", "configs/student.cfg"
MARKS = (CONTRACT, "corpus/train")
# All that such a project, its commands and weasel write: folders, then what is in them
WRITTEN = {
    *("configs", "corpus", "assets", "training", PROJECT_FILE, PROJECT_LOCK),
    *(CONTRACT, CONFIG, "corpus/train", "corpus/dev", "corpus/gold_dev", "assets/encoder"),
    *(f"training/{name}" for name in ("student", "corpus", "model-best", "model-last")),
}
BUCKETS = ("s3", "gs", "az")


def make_remote(
    folder: Path | str,
    config: Path | str,
    *,
    contract: Contract,
    train_path: Path | str,
    dev_path: Path | str,
    gold_dev_path: Path | str | None = None,
    storage: str,
    encoder: str = ENGLISH_ENCODER,
    track: Track = untracked,
) -> list[str]:
    """Write a weasel project that holds only what training needs; an earlier one is replaced.

    `weasel push` in it sends the corpora to the storage. The other machine gets `project.yml` and
    `configs`; there `weasel pull` fetches the corpora, `weasel run all` trains, and `weasel push` sends
    the student, which `weasel pull` brings back here.

    folder (Path | str): The project's folder.
    config (Path | str): The student config.
    contract (Contract): The teacher's contract; it goes along as JSON, without the prompt.
    train_path (Path | str): The training corpus.
    dev_path (Path | str): The corpus for early stopping.
    gold_dev_path (Path | str | None): The gold corpus for temperature and thresholds.
    storage (str): Weasel's remote storage: a bucket or a folder.
    encoder (str): The pretrained encoder: a hub name, a folder, or the default's package.
    track (Track): Shows progress.
    RETURNS (list[str]): The corpora's paths in the project. Their Docs keep text, labels and weight;
        metadata, raw answers and the user's own ids are left out.
    RAISES (UserError): If the folder holds another thing, there is no student config, or weasel can't
        reach the storage.
    """
    folder, config = Path(folder), Path(config)
    check_earlier(folder)
    check_storage(storage)
    if not config.is_file():
        raise UserError(f"No student config at {config}.")
    sources = {"train": train_path, "dev": dev_path}
    if gold_dev_path is not None:
        sources["gold_dev"] = gold_dev_path
    with atomic_path(folder) as new:
        for name, path in sources.items():
            docs = track(read_docs(path), total=count_docs(path), desc=f"Copy {name}")
            write_docs(stripped(docs), new / "corpus" / name)
        corpora = [f"corpus/{name}" for name in sources]
        write_json(new / CONTRACT, asdict(contract))
        (new / CONFIG).write_bytes(config.read_bytes())
        values = {
            "component": contract.name,
            "storage": storage,
            "encoder": encoder,
            "corpora": corpora,
        }
        (new / PROJECT_FILE).write_text(render_template("remote.yml", values), encoding="utf8")
    return corpora


def check_earlier(folder: Path) -> None:
    """Refuse to replace a folder that `make_remote` has not made, or in which something was added.

    RAISES (UserError): With what would be lost.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file; name a folder.")
    paths = [*folder.glob("*"), *folder.glob("*/*")]
    held = {path.relative_to(folder).as_posix() for path in paths}
    lost = sorted(held - WRITTEN if held.issuperset(MARKS) else held)
    if lost:
        raise UserError(
            f"{folder} would be replaced, but holds {', '.join(lost[:3])}; name a folder of its own."
        )


def check_storage(storage: str) -> None:
    """Refuse a storage that weasel would take for a local folder or can't write to.

    RAISES (UserError): If it is an address, but not of a bucket.
    """
    scheme, separator, _ = storage.partition("://")
    if separator and scheme not in BUCKETS:
        known = ", ".join(f"{name}://" for name in BUCKETS)
        raise UserError(f"Weasel has no storage {storage}; give {known} or a folder.")


def stripped(docs: Iterable[Doc]) -> Iterator[Doc]:
    """Leave on Docs only what training needs, and of each answer that it was ok or not."""
    for doc in docs:
        record = get_distill(doc)
        kept = {name: record[name] for name in KEPT if name in record}  # type: ignore[literal-required]
        kept["answers"] = [
            AnswerRecord(
                outcome=answer["outcome"],
                reason="",
                response="",
                prompt_sha256=answer["prompt_sha256"],
            )
            for answer in record.get("answers", ())
        ]
        doc.user_data.clear()
        doc._.distill = kept
        yield doc
