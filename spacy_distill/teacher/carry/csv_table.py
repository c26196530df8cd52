"""A labelled corpus as one CSV table, for people and their spreadsheets."""

import csv
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from spacy.tokens import Doc

from ...attrs import doc_id, get_distill
from ...contract import Contract, gold_labels
from ...io import atomic_path, count_docs, read_docs
from ...ty import Track, untracked
from .hard_labels import check_labels

COLUMNS = ("id", "source", "text", "labels", "scores", "agreement", "gold")
SEPARATOR = ";"
# A spreadsheet takes a cell that begins so for a formula, and runs it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
GUARD = "'"


@dataclass
class CsvReport:
    """Rows, how many of them have a label or gold, and cells that begin as a formula does."""

    corpus: str
    n: int = 0
    n_labelled: int = 0
    n_gold: int = 0
    n_guarded: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON-able values."""
        return asdict(self)


def export_csv(
    corpus: Path | str, out_path: Path | str, *, contract: Contract, track: Track = untracked
) -> CsvReport:
    """Write a corpus as CSV, one row a Doc, whatever its verdicts.

    An apostrophe is put before a cell that a spreadsheet would take for a formula.

    corpus (Path | str): The corpus.
    out_path (Path | str): The file, in UTF-8.
    contract (Contract): The labels.
    track (Track): Shows progress.
    RETURNS (CsvReport): The counts.
    RAISES (UserError): If the corpus has labels that the contract does not.
    """
    report = CsvReport(str(corpus))
    docs = track(read_docs(corpus), total=count_docs(corpus), desc="Export")
    with (
        atomic_path(out_path) as temporary,
        temporary.open("w", encoding="utf8", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for doc in docs:
            check_labels(doc, contract)
            cells = list(table_row(doc, contract))
            safe = [guarded(cell) for cell in cells]
            report.n += 1
            report.n_labelled += bool(doc.cats)
            report.n_gold += "gold" in get_distill(doc)
            report.n_guarded += sum(a != b for a, b in zip(cells, safe, strict=True))
            writer.writerow(safe)
    return report


def table_row(doc: Doc, contract: Contract) -> Iterator[str]:
    """Yield the cells of a Doc: several labels with their scores in the same order, best first."""
    record = get_distill(doc)
    ranked = sorted(doc.cats.items(), key=lambda item: -item[1])
    applying = ranked[:1] if contract.exclusive else [x for x in ranked if x[1] >= 0.5]
    agreement = record.get("agreement")
    gold = gold_labels(doc, contract)
    yield doc_id(doc)
    yield str(record.get("source", ""))
    yield doc.text
    yield SEPARATOR.join(name for name, _ in applying)
    yield SEPARATOR.join(f"{score:.4f}" for _, score in applying)
    yield "" if agreement is None else f"{agreement:.4f}"
    yield "" if gold is None else SEPARATOR.join(gold)


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet runs."""
    return GUARD + cell if cell.startswith(FORMULA_STARTS) else cell
