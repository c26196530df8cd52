"""Training time against plain `spacy train` with spacy-transformers: same texts, same weights.

Each arm trains in a process of its own, one after the other, on an otherwise idle machine:

    python benchmarks/training_time.py --data DATA

`--data` names the folder that holds `emotion_llm/train.jsonl` and `emotion/test.jsonl`, as for
`public.py`.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import spacy
import srsly
from spacy.tokens import Doc

from spacy_distill.attrs import content_id, get_distill
from spacy_distill.contract import read_contract
from spacy_distill.corpora.convert import convert
from spacy_distill.evaluate.run import package_versions, processor_name
from spacy_distill.io import count_docs, write_docs

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "training_time.jsonl"
BATCH_SIZE = 64
# By arm: the command, where its pipeline ends up, and its passes over the training texts
OURS = "spacy distill train configs/textcat_trf.cfg {out} -t {teacher} --train {train} --dev {dev}"
PLAIN = "spacy train benchmarks/plain_textcat.cfg -o {out} --paths.train {train} --paths.dev {dev}"
ARMS = {
    "plain spacy train": (PLAIN, "model-best", 10),
    "spacy distill train": (OURS, "student", 8),
    "spacy distill train --refit": (f"{OURS} --refit", "student", 16),
}


def make_corpora(data: Path, folder: Path) -> dict[str, Path]:
    """Write the gold-labelled corpora that all arms train on."""
    teacher = data / "emotion_llm" / "teacher.cfg"
    contract = read_contract(teacher)
    nlp = spacy.blank(contract.lang)

    def gold_doc(row: dict[str, Any]) -> Doc:
        doc = nlp.make_doc(row["text"])
        get_distill(doc).update(id=content_id(doc.text), gold=[row["label"]])
        return doc

    write_docs(
        map(gold_doc, srsly.read_jsonl(data / "emotion_llm" / "train.jsonl")), folder / "pool"
    )
    write_docs(map(gold_doc, srsly.read_jsonl(data / "emotion" / "test.jsonl")), folder / "gold")
    convert(
        folder / "pool",
        folder / "split",
        contract=contract,
        gold_test=folder / "gold",
        labels_from="gold",
    )
    split = folder / "split"
    return {"train": split / "train", "dev": split / "dev", "teacher": teacher}


def run_arm(arm: str, paths: dict[str, Path], data: Path, folder: Path) -> dict[str, Any]:
    """Train one arm in a process of its own, and test its pipeline."""
    command, name, n_epochs = ARMS[arm]
    out = folder / arm.replace(" ", "_")
    words = command.format(out=out, **paths).split()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", *words], check=True, cwd=HERE.parent)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    nlp = spacy.load(out / name)
    rows = list(srsly.read_jsonl(data / "emotion" / "test.jsonl"))
    start = time.perf_counter()
    docs = nlp.pipe([row["text"] for row in rows], batch_size=BATCH_SIZE)
    decided = [max(doc.cats, key=doc.cats.__getitem__) for doc in docs]
    test_seconds = time.perf_counter() - start
    n_right = sum(label == row["label"] for label, row in zip(decided, rows, strict=True))
    return {
        "arm": arm,
        "n_train": count_docs(paths["train"]),
        "n_test": len(rows),
        "passes": n_epochs,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1),
        "accuracy": n_right / len(rows),
        "docs_per_s": round(len(rows) / test_seconds, 1),
        "megabytes": round(sum(f.stat().st_size for f in (out / name).rglob("*")) / 1e6, 1),
        "threads": os.environ.get("OMP_NUM_THREADS"),
        "processor": processor_name(),
        "versions": package_versions(),
    }


def main() -> None:
    """Run the arms one after the other and print the ratios to the first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=list(ARMS))
    args = parser.parse_args()
    RESULTS.parent.mkdir(exist_ok=True)
    results = []
    with tempfile.TemporaryDirectory() as temporary:
        paths = make_corpora(args.data.resolve(), Path(temporary))
        for arm in args.arms:
            results.append(run_arm(arm, paths, args.data, Path(temporary)))
            with RESULTS.open("a", encoding="utf8") as file:
                file.write(json.dumps(results[-1]) + "\n")
    for result in results:
        ratio = results[0]["seconds"] / result["seconds"]
        print(
            f"{result['arm']:28} {result['seconds']:7.1f} s ({ratio:.2f}x) "
            f"accuracy {result['accuracy']:.3f}, {result['docs_per_s']:.0f} docs/s"
        )


if __name__ == "__main__":
    main()
