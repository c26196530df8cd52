"""From curated Docs and gold to the corpora that a student is trained and tested on."""

from pathlib import Path

from ..contract import Contract
from ..duplicates import THRESHOLD, index_corpora
from ..errors import UserError
from ..io import count_docs, read_docs, write_docs
from ..ty import Track, untracked
from .labels import LabelSource, configure_labels
from .report import ConvertReport, SplitReport
from .sources import check_gold, gold_docs, hard_docs, placed_docs, train_docs
from .split import Place, Splitter
from .weights import Balance


def convert(
    curated_path: Path | str,
    out_dir: Path | str,
    *,
    contract: Contract,
    gold_dev: Path | str | None = None,
    gold_test: Path | str | None = None,
    labels_from: LabelSource = "teacher",
    dev_size: float = 0.1,
    threshold: float = THRESHOLD,
    balance: Balance = "none",
    track: Track = untracked,
) -> ConvertReport:
    """Write train, dev, gold_dev and test, with nothing near a gold text in the first two.

    curated_path (Path | str): Labelled Docs; those that a verdict drops are left out.
    out_dir (Path | str): The folder for the corpora, each a folder of `.spacy` shards.
    contract (Contract): The labels of the task.
    gold_dev (Path | str | None): Gold Docs for choices, written as gold_dev.
    gold_test (Path | str | None): Gold Docs for the evaluation, written as test.
    labels_from ("teacher" | "gold"): Whose labels train and dev get.
    dev_size (float): The expected share of the Docs that dev gets, above 0.0 and below 1.0.
    threshold (float): The lowest similarity of near-duplicates.
    balance ("none" | "sqrt" | "inverse"): Weights of the training Docs against class frequency.
    track (Track): Shows progress.
    RETURNS (ConvertReport): The balance of each corpus, and what was left out and why.
    RAISES (UserError): If a corpus would be empty; nothing is written then.
    """
    settings = {"labels_from": labels_from, "dev_size": dev_size, "threshold": threshold}
    report = ConvertReport({**settings, "balance": balance})
    pick = configure_labels(labels_from, contract)
    pick_gold = configure_labels("gold", contract)
    gold = {name: path for name, path in (("gold_dev", gold_dev), ("test", gold_test)) if path}
    for path in gold.values():
        check_gold(path, pick=pick_gold, contract=contract)
    index = index_corpora(gold.values(), threshold)
    splitter = Splitter(index, pick, dev_size=dev_size, threshold=threshold)
    places = split_corpus(curated_path, splitter, report, track=track)
    sources = {
        "train": train_docs(curated_path, places, pick=pick, balance=balance),
        "dev": hard_docs(placed_docs(curated_path, places, "dev", pick=pick), contract),
        **{name: gold_docs(path, pick=pick_gold, report=report) for name, path in gold.items()},
    }
    for name, docs in sources.items():
        report.splits[name] = SplitReport()
        watched = report.splits[name].watch(track(docs, desc=f"Write {name}"), contract)
        write_docs(watched, Path(out_dir) / name)
    return report


def split_corpus(
    path: Path | str, splitter: Splitter, report: ConvertReport, *, track: Track = untracked
) -> list[Place]:
    """Decide for each Doc of a corpus whether it is for training, for development or for neither.

    path (Path | str): The corpus.
    splitter (Splitter): A splitter that has seen no Doc.
    report (ConvertReport): Counts the Docs that are left out.
    track (Track): Shows progress.
    RETURNS (list[Place]): The place of each Doc.
    RAISES (UserError): If nothing is left for training or for development.
    """
    for doc in track(read_docs(path), total=count_docs(path), desc="Split"):
        reason = splitter.add(doc)
        if reason:
            report.leave_out(str(path), doc, reason)
    places = splitter.places()
    for wanted in ("train", "dev"):
        if wanted not in places:
            left_out = dict(report.left_out.get(str(path), {}))
            raise UserError(
                f"No Doc of {path} is left for {wanted}: of {len(places)} Docs "
                f"{places.count('train')} are for train and {places.count('dev')} for dev "
                f"(dev_size {splitter.dev_size}), the rest are left out: {left_out}."
            )
    return places
