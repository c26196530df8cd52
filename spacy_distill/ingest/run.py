"""The stage as one function: rows are judged in a first pass and become Docs in a second."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import srsly

from ..errors import UserError
from ..io import atomic_path, write_docs
from ..ty import Track, untracked
from .docs import blank_pipeline, make_docs
from .entries import ID, Columns
from .gold import GoldRule
from .rows import Reject
from .scan import IngestReport, Scan
from .source import Source, check_file

MAX_CHARS = 100_000


def ingest(
    source_path: Path | str,
    out_path: Path | str,
    *,
    lang: str,
    text: str = "text",
    id: str = ID,
    gold: str | None = None,
    labels: Sequence[str] | None = None,
    exclusive: bool = True,
    max_chars: int = MAX_CHARS,
    rejects_path: Path | str | None = None,
    track: Track = untracked,
) -> IngestReport:
    """Turn the rows of a JSONL or CSV file into Docs with content ids, metadata and gold.

    Rows of one text become one Doc, that of the first row, with the number of its copies.

    source_path (Path | str): JSON Lines (`.jsonl`, `.ndjson`) or a table with a header (`.csv`,
        `.tsv`), in UTF-8.
    out_path (Path | str): Where the corpus goes: a `.spacy` file or a folder of shards.
    lang (str): The language code whose tokenizer is used.
    text (str): The column of the text.
    id (str): The column of the user's own id; a row without one is named by file and line.
    gold (str | None): The column of the human labels: a label or a list of them.
    labels (Sequence[str] | None): Labels that gold may have; None allows any.
    exclusive (bool): Whether exactly one gold label applies.
    max_chars (int): The length that a text may have, in characters; 100,000 by default.
    rejects_path (Path | str | None): JSONL file for the rows that did not become Docs, with why.
    track (Track): Shows progress.
    RETURNS (IngestReport): What became of the rows.
    RAISES (UserError): If the source can't be read as a whole, or no row of it can be used.
    """
    path = Path(source_path)
    check_file(path)
    if rejects_path is not None and Path(rejects_path).resolve() == path.resolve():
        raise UserError(f"The rejects would overwrite their source {path}; name another file.")
    nlp = blank_pipeline(lang, max_chars)
    rule = GoldRule(labels, exclusive)
    source = Source(path, Columns(text, id, gold), rule, max_chars)
    scan = Scan()
    write_rejects(scan.rejected(source.entries(track, desc="Check")), rejects_path)
    report = scan.report()
    if not report.n_docs:
        raise UserError(f"{path} has no text that can be used: {_why_nothing(report)}.")
    write_docs(make_docs(source.entries(track, desc="Ingest"), scan, nlp), out_path)
    return report


def write_rejects(rejects: Iterable[Reject], path: Path | str | None) -> None:
    """Write the rejects as JSONL, or just go through them if there is no path to write to.

    rejects (Iterable[Reject]): The rejects, streamed.
    path (Path | str | None): The file; it is empty where there are no rejects.
    """
    if path is None:
        for _ in rejects:
            pass
        return
    with atomic_path(path) as temporary:
        srsly.write_jsonl(temporary, map(asdict, rejects))


def _why_nothing(report: IngestReport) -> str:
    if not report.n_rows:
        return "it has no rows"
    counts = (
        f"{n:,} {reason} (line {report.examples[reason].line}: {report.examples[reason].detail})"
        for reason, n in report.rejects.items()
    )
    return "; ".join(counts)
