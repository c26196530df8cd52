"""The stage as one function: rows are judged in a first pass and become Docs in a second."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import srsly

from ..errors import UserError
from ..io import atomic_path, write_docs
from ..ty import Track, untracked
from .conditions import ColumnRule, Excluded, Rule, column_rules, text_rules
from .docs import make_docs, make_tokenizer
from .entries import Entry, Judge
from .files import SourceFile, list_files
from .gold import GoldRule
from .report import IngestReport, make_report
from .rows import ID, TEXT, Columns, Reject
from .sampling import choose_texts
from .scan import Scan
from .source import READERS, judge_rows
from .stats import TextStats
from .subset import Subset
from .targets import check_targets

MAX_CHARS = 100_000
ALL = Subset()


def ingest(
    source_path: Path | str,
    out_path: Path | str | None = None,
    *,
    lang: str = "en",
    text: str = TEXT,
    id: str = ID,
    gold: str | None = None,
    gold_separator: str | None = None,
    labels: Sequence[str] | None = None,
    exclusive: bool = True,
    max_chars: int = MAX_CHARS,
    subset: Subset = ALL,
    stats: TextStats | None = None,
    rejects_path: Path | str | None = None,
    track: Track = untracked,
) -> IngestReport:
    """Turn the rows of files into Docs with content ids, metadata and gold.

    Rows of one text become one Doc, that of the first row, with the number of its copies.

    source_path (Path | str): A file, or a folder of files: JSON Lines (`.jsonl`, `.ndjson`), tables
        with a header (`.csv`, `.tsv`) and one text a line (`.txt`), all of these in UTF-8, plain or
        with `.gz` behind; `.parquet`; `.spacy`.
    out_path (Path | str | None): Where the corpus goes: a `.spacy` file or a folder of shards. None
        writes no corpus.
    lang (str): The language code whose tokenizer is used.
    text (str): The column of the text.
    id (str): The column of the user's own id; a row without one is named by file and line.
    gold (str | None): The column of the human labels: a label or a list of them. In `.spacy` files
        `cats` stands for `doc.cats`.
    gold_separator (str | None): What stands between several labels in one value. Where any number
        may apply, a cell that holds it alone, or `==NONE==`, says that none does.
    labels (Sequence[str] | None): Labels that gold may have; None allows any.
    exclusive (bool): Whether exactly one gold label applies.
    max_chars (int): The length that a text may have, in characters; 100,000 by default.
    subset (Subset): Which rows are wanted; all by default.
    stats (TextStats | None): Watches the texts that are kept.
    rejects_path (Path | str | None): JSONL file for the rows that can't become Docs, with why.
    track (Track): Shows progress.
    RETURNS (IngestReport): What became of the rows.
    RAISES (UserError): If a file can't be read, an option does not fit, or no row can be used.
    """
    path = Path(source_path)
    listing = list_files(path, READERS)
    check_targets(path, out_path, rejects_path)
    tokenizer, vocab = make_tokenizer(lang)
    rule = GoldRule(labels, exclusive, gold_separator)
    judge = Judge(Columns(text, id, gold), rule, max_chars, column_rules(subset))
    scan = _first_pass(listing.files, judge, subset, rejects_path, track)
    report = make_report(listing, scan)
    if not report.n_docs:
        raise UserError(f"{path} has no text that can be used: {report.why_nothing()}.")
    entries = judge_rows(listing.files, judge, track, desc="Ingest")
    firsts = _first_rows(scan, entries, path)
    watched = firsts if stats is None else stats.watch(firsts)
    if out_path is not None:
        write_docs(make_docs(watched, tokenizer, vocab), out_path)
    elif stats is not None:
        deque(watched, maxlen=0)
    return report


def _first_pass(
    files: Sequence[SourceFile],
    judge: Judge,
    subset: Subset,
    rejects_path: Path | str | None,
    track: Track,
) -> Scan:
    scan = Scan()
    # Only here: in the second pass the scan knows which texts have met them.
    strict = replace(judge, rules=[*judge.rules, *text_rules(subset)])
    rejects = scan.rejected(judge_rows(files, strict, track, desc="Check"))
    write_rejects(_require(rejects, judge.rules), rejects_path)
    choose_texts(scan, subset)
    return scan


def write_rejects(rejects: Iterable[Reject], path: Path | str | None) -> None:
    """Write the rejects as JSONL, or just go through them if there is no path to write to.

    rejects (Iterable[Reject]): The rejects, streamed.
    path (Path | str | None): The file; it is empty where there are no rejects.
    """
    if path is None:
        deque(rejects, maxlen=0)
        return
    with atomic_path(path) as temporary:
        srsly.write_jsonl(temporary, map(asdict, rejects))


def _require(rejects: Iterable[Reject], rules: Sequence[Rule]) -> Iterator[Reject]:
    yield from rejects
    for rule in rules:
        if isinstance(rule, ColumnRule):
            rule.require()


def _first_rows(
    scan: Scan, entries: Iterable[Entry | Reject | Excluded], path: Path
) -> Iterator[tuple[Entry, int]]:
    yield from scan.first_rows(entries)
    if scan.gold:
        raise UserError(f"{path} changed while it was read: {len(scan.gold):,} texts are missing.")
