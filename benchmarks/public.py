"""Gold labels against an LLM's labels of the same 1,000 texts, on two public sets.

The sets are not shipped; `--data` names the folder that holds them, normalised to JSON Lines:
`emotion/test.jsonl`, `emotion_llm/{teacher.cfg,train.jsonl,test.jsonl}`, `mr_chatgpt/{train,test}.jsonl`.
Resumable: one JSON line per arm.

    python benchmarks/public.py --data DATA --seeds 0
"""

import argparse
import io
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import spacy
import srsly
from spacy.tokens import Doc
from spacy.util import load_config, registry

from spacy_distill.attrs import content_id, get_distill
from spacy_distill.contract import Contract, read_contract
from spacy_distill.corpora.convert import convert
from spacy_distill.corpora.labels import LabelSource
from spacy_distill.evaluate.baselines import majority, train_tfidf
from spacy_distill.evaluate.gold import GoldSet, read_gold_set
from spacy_distill.evaluate.inputs import read_train_set
from spacy_distill.evaluate.paired import compare
from spacy_distill.evaluate.run import package_versions, processor_name
from spacy_distill.evaluate.student import load_student, predict
from spacy_distill.evaluate.systems import score_system
from spacy_distill.io import write_docs
from spacy_distill.scoring.predictions import Predictions, correct, make_predictions
from spacy_distill.student.train import train
from spacy_distill.teacher.annotate import annotate_cats
from spacy_distill.teacher.store.keys import prompt_sha256
from spacy_distill.ty import Answer, Request

RESULTS = Path(__file__).parent / "results" / "public.jsonl"
CONFIG = Path(__file__).parent.parent / "configs" / "textcat_trf.cfg"
N_TRAIN = 1_000
# Of mr_chatgpt's train, which is sorted by label: its test has no answers of the LLM
HELD_OUT = slice(3_331, 5_331)


@dataclass(frozen=True)
class Set:
    """One public set: its contract, what is learned from, and what is tested on.

    train and tests hold Docs with gold in their record and the LLM's label, where it gave a usable
    one, in `doc.cats`.
    """

    contract: Contract
    train: list[Doc]
    tests: dict[str, list[Doc]]


def read_emotion(data: Path) -> Set:
    """Read the emotion set: recorded answers go through the audit, their prompts are checked."""
    teacher = data / "emotion_llm" / "teacher.cfg"
    contract = read_contract(teacher)
    block = load_config(teacher)["components"]["llm"]["task"]
    task: Any = registry.resolve({"task": block})["task"]
    nlp = spacy.blank(contract.lang)

    def answered(path: Path) -> Iterator[Doc]:
        for row in srsly.read_jsonl(path):
            doc = gold_doc(nlp.make_doc(row["text"]), row["label"])
            ((prompts, shards),) = task.generate_prompts([doc])
            (prompt,) = prompts
            if prompt_sha256(prompt) != row["prompt_sha256"]:
                raise ValueError(f"{path}: another prompt was recorded for {row['id']}")
            yield annotate_cats(
                task, {}, doc, list(shards), [[Answer(Request(prompt), row["response"])]]
            )

    folder = data / "emotion_llm"
    whole = srsly.read_jsonl(data / "emotion" / "test.jsonl")
    return Set(
        contract,
        list(answered(folder / "train.jsonl")),
        {
            "test": [gold_doc(nlp.make_doc(row["text"]), row["label"]) for row in whole],
            "test, answered by the LLM": list(answered(folder / "test.jsonl")),
        },
    )


def read_mr(data: Path) -> Set:
    """Read the film reviews; ChatGPT's labels were recorded without its answers."""
    nlp = spacy.blank("en")
    labels = ("negative", "positive")

    def read(path: Path) -> Iterator[Doc]:
        for row in srsly.read_jsonl(path):
            doc = gold_doc(nlp.make_doc(row["text"]), row["label"])
            answer = row.get("llm_label")
            doc.cats = {x: float(x == answer) for x in labels} if answer else {}
            yield doc

    rows = list(read(data / "mr_chatgpt" / "train.jsonl"))
    held_out = rows[HELD_OUT]
    rest = rows[: HELD_OUT.start] + rows[HELD_OUT.stop :]
    drawn = sorted(rest, key=lambda doc: content_id(doc.text))[:N_TRAIN]
    test = list(read(data / "mr_chatgpt" / "test.jsonl"))
    return Set(
        Contract("llm", "en", labels, exclusive=True),
        drawn,
        {"test": test, "held out, answered by the LLM": held_out},
    )


def gold_doc(doc: Doc, label: str) -> Doc:
    """Put id and gold on a Doc."""
    get_distill(doc).update(id=content_id(doc.text), gold=[label])
    return doc


SETS = {"emotion": read_emotion, "mr_chatgpt": read_mr}


def run_arm(name: str, labels: LabelSource, seed: int, data: Path) -> dict[str, Any]:
    """Train one student on gold or on the LLM's labels, and score it on gold.

    name (str): A key of SETS.
    labels ("gold" | "teacher"): Whose labels to learn from.
    seed (int): The seed.
    data (Path): The folder of the sets.
    RETURNS (dict): Scores with intervals, seconds of training, machine and versions.
    """
    public = SETS[name](data)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        tests = {}
        for test, docs in public.tests.items():
            write_docs(docs, folder / test)
            tests[test] = read_gold_set(folder / test, public.contract)
        write_docs(public.train, folder / "pool")
        everything = [doc for docs in public.tests.values() for doc in docs]
        write_docs(everything, folder / "gold")
        convert(
            folder / "pool",
            folder / "split",
            contract=public.contract,
            gold_test=folder / "gold",
            labels_from=labels,
        )
        start, cpu = time.perf_counter(), time.process_time()
        trained = train(
            CONFIG,
            folder / "training",
            contract=public.contract,
            train_path=folder / "split" / "train",
            dev_path=folder / "split" / "dev",
            refit=True,
            overrides={"system.seed": seed},
            stdout=io.StringIO(),
            stderr=io.StringIO(),
        )
        seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
        nlp = load_student(trained.path, public.contract)
        learned = read_train_set(trained.corpus, public.contract)
        tfidf = train_tfidf(learned, exclusive=True)
        scores = {}
        for test, gold in tests.items():
            ours = predict(nlp, gold.texts, name="student", contract=public.contract)
            rows = [
                ours,
                make_predictions("TF-IDF + LR", tfidf(gold.texts), exclusive=True),
                majority(learned, len(gold.texts), exclusive=True),
            ]
            scores[test] = score_rows(rows, gold, public.contract)
    return {
        "set": name,
        "labels": labels,
        "seed": seed,
        "n_train": trained.n_train,
        "teacher_on_train": agreement_with_gold(public.train),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu_seconds, 1),
        "threads": os.environ.get("OMP_NUM_THREADS"),
        "scores": scores,
        "processor": processor_name(),
        "versions": package_versions(),
    }


def score_rows(rows: list[Predictions], gold: GoldSet, contract: Contract) -> dict[str, Any]:
    """Score systems on one test set, with the teacher beside them where it has answered."""
    found: dict[str, Any] = {"n": len(gold.ids)}
    if gold.gold is None:
        raise ValueError("A public set has gold.")
    if gold.teacher.known.any():
        rows = [*rows, gold.teacher]
        difference = compare(correct(rows[0], gold.gold), correct(gold.teacher, gold.gold))
        found["student minus teacher"] = str(difference.accuracy)
    for row in rows:
        system = score_system(
            row, gold.gold, teacher=gold.teacher, labels=contract.labels, exclusive=True
        )
        found[row.name] = {"accuracy": str(system.accuracy), "macro_f1": str(system.macro_f1)}
    found["right"] = "".join("01"[int(x)] for x in correct(rows[0], gold.gold))
    return found


def agreement_with_gold(docs: list[Doc]) -> dict[str, int]:
    """Count on how many training texts the LLM's label is gold's."""
    answered = [doc for doc in docs if doc.cats]
    right = sum(
        max(doc.cats, key=doc.cats.__getitem__) in get_distill(doc)["gold"] for doc in answered
    )
    return {"texts": len(docs), "answered": len(answered), "right": right}


def finished() -> list[dict[str, Any]]:
    """Return the results so far."""
    if not RESULTS.is_file():
        return []
    return [json.loads(line) for line in RESULTS.read_text(encoding="utf8").splitlines()]


def print_results() -> None:
    """Print each arm, and gold's students against the LLM's on the same test texts."""
    by_arm = {(r["set"], r["seed"], r["labels"]): r for r in finished()}
    for (name, seed, labels), result in sorted(by_arm.items()):
        for test, scores in result["scores"].items():
            for system, values in scores.items():
                if isinstance(values, dict):
                    print(f"{name:10} {seed} {labels:7} {test:30} {system:12} {values['accuracy']}")
    for name, seed in sorted({key[:2] for key in by_arm}):
        arms = [by_arm.get((name, seed, labels)) for labels in ("teacher", "gold")]
        if None in arms:
            continue
        for test in arms[0]["scores"]:
            ours, theirs = (
                np.array([x == "1" for x in arm["scores"][test]["right"]]) for arm in arms
            )
            print(f"{name:10} {seed} {test:38} LLM minus gold {compare(ours, theirs).accuracy}")


def main() -> None:
    """Run the arms that have no result yet, and print all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--labels", nargs="+", default=["gold", "teacher"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    args = parser.parse_args()
    RESULTS.parent.mkdir(exist_ok=True)
    for seed in args.seeds:
        for name in args.sets:
            for labels in args.labels:
                if any(
                    (r["set"], r["labels"], r["seed"]) == (name, labels, seed) for r in finished()
                ):
                    continue
                result = run_arm(name, labels, seed, args.data)
                with RESULTS.open("a", encoding="utf8") as file:
                    file.write(json.dumps(result) + "\n")
    print_results()


if __name__ == "__main__":
    main()
