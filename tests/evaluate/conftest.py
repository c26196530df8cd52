import random

import numpy as np
import pytest
import spacy
from spacy.tokenizer import Tokenizer
from spacy.training import Example
from spacy.vocab import Vocab

from spacy_distill.attrs import content_id, get_distill
from spacy_distill.contract import Contract
from spacy_distill.evaluate.acceptance import NO_CRITERIA
from spacy_distill.evaluate.gold import GoldSet
from spacy_distill.evaluate.judgement import judge
from spacy_distill.evaluate.marked import Marked
from spacy_distill.evaluate.result import Report
from spacy_distill.evaluate.speed import Speed
from spacy_distill.evaluate.systems import score_system
from spacy_distill.io import write_docs
from spacy_distill.scoring.predictions import make_predictions

LABELS = ("billing", "praise", "bug")
CONTRACT = Contract("llm", "en", LABELS, exclusive=True)
MULTILABEL = Contract("llm", "en", LABELS, exclusive=False)
WORDS = {
    "billing": ["invoice", "charged", "refund", "price", "card"],
    "praise": ["love", "great", "thanks", "happy", "superb"],
    "bug": ["crash", "broken", "error", "freezes", "fails"],
}
FILLERS = ["the", "app", "again", "today", "my", "phone", "it", "please"]
SPEED = Speed(1000.0, 512, 1.0, 2.0, 100, 1.5, 300.0, 5.0)
TEACHER_CFG = """
[nlp]
lang = "en"
pipeline = ["llm"]

[components]

[components.llm]
factory = "llm"

[components.llm.task]
@llm_tasks = "spacy.TextCat.v3"
labels = ["billing", "praise", "bug"]
exclusive_classes = true

[components.llm.model]
@llm_models = "spacy.NoOp.v1"
"""


def make_doc(text, *, cats=None, gold=None, meta=None, **record):
    doc = Tokenizer(Vocab())(text)
    doc.cats = cats or {}
    get_distill(doc).update(id=content_id(text), meta=meta or {}, **record)
    if gold is not None:
        get_distill(doc)["gold"] = list(gold)
    return doc


def hard(*labels):
    return {label: float(label in labels) for label in LABELS}


def make_docs(n, seed, *, gold=True, exclusive=True):
    """Texts that give their label away, a teacher that is wrong on one in ten and silent on one in
    twenty."""
    rng = random.Random(seed)
    docs = []
    for i in range(n):
        right = [LABELS[i % 3]] if exclusive else [x for x in LABELS if rng.random() < 0.4]
        words = [rng.choice(WORDS[x]) for x in right for _ in range(2)] + rng.sample(FILLERS, 3)
        rng.shuffle(words)
        said = [LABELS[(i + 1) % 3]] if i % 10 == 9 else right
        docs.append(
            make_doc(
                f"{' '.join(words)} {seed}-{i}",
                cats={} if i % 20 == 4 else hard(*said),
                gold=right if gold else None,
                meta={"channel": "mail" if i % 2 else "chat", "number": i},
                answers=[
                    {
                        "outcome": "ok",
                        "reason": "",
                        "response": str(said),
                        "prompt_sha256": content_id(f"{seed}-{i}"),
                    }
                ],
            )
        )
    return docs


def train_student(docs, *, exclusive=True, labels=LABELS, name="llm"):
    nlp = spacy.blank("en")
    model = {
        "@architectures": "spacy.TextCatBOW.v3",
        "exclusive_classes": exclusive,
        "ngram_size": 1,
        "length": 4096,
        "no_output_layer": False,
    }
    factory = "textcat" if exclusive else "textcat_multilabel"
    pipe = nlp.add_pipe(factory, name=name, config={"model": model})
    for label in labels:
        pipe.add_label(label)
    examples = [
        Example.from_dict(nlp.make_doc(doc.text), {"cats": doc.cats}) for doc in docs if doc.cats
    ]
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.01
    for _ in range(10):
        nlp.update(examples, sgd=optimizer)
    return nlp


@pytest.fixture(scope="session")
def corpora(tmp_path_factory):
    """A folder with test, dev and train corpora of an exclusive task."""
    path = tmp_path_factory.mktemp("corpora")
    write_docs(make_docs(90, 1), path / "test")
    write_docs(make_docs(60, 2), path / "dev.spacy")
    write_docs(make_docs(120, 3, gold=False), path / "train.spacy")
    return path


@pytest.fixture(scope="session")
def student(tmp_path_factory):
    """The folder of a tiny student of the same task, with a temperature in its meta."""
    path = tmp_path_factory.mktemp("student") / "student"
    nlp = train_student(make_docs(120, 3))
    nlp.meta["distill"] = {"temperature": {"llm": 0.5}}
    nlp.to_disk(path)
    return path


@pytest.fixture
def teacher_cfg(tmp_path):
    path = tmp_path / "teacher.cfg"
    path.write_text(TEACHER_CFG, encoding="utf8")
    return path


def one_hot(indices, n_labels=3):
    """Scores of an exclusive system; None stands for no usable answer."""
    rows = [[float(i == index) for i in range(n_labels)] for index in indices]
    return np.asarray(rows).reshape(len(rows), n_labels)


def predict_indices(name, indices, *, sure=None, n_labels=3):
    """Predictions of the given label numbers, with the given confidences."""
    known = np.asarray([index is not None for index in indices])
    scores = one_hot(indices, n_labels)
    if sure is not None:
        sure = np.asarray(sure)[:, None]
        scores = np.where(scores > 0, sure, (1 - sure) / (scores.shape[1] - 1))
    return make_predictions(name, scores, exclusive=True, known=known)


def mark(student, teacher, gold, *, sure=None, n_labels=3):
    """Student and teacher on the same Docs, given as label numbers."""
    return Marked(
        predict_indices("student", student, sure=sure, n_labels=n_labels),
        predict_indices("teacher", teacher, n_labels=n_labels),
        one_hot(gold, n_labels).astype(bool),
    )


def make_report(docs, labels, *, meta=None, notes=(), texts=None):
    """The report of students and teachers that are given as label numbers."""
    n = len(docs.gold)
    ids = [f"id{i}" for i in range(n)]
    contract = Contract("llm", "en", tuple(labels), exclusive=True)
    test = GoldSet(
        ids=ids,
        texts=texts or ids,
        meta=meta or [{}] * n,
        gold=docs.gold,
        teacher=docs.teacher,
        prompts=frozenset(),
        n_without_gold=0,
    )
    tfidf = make_predictions("TF-IDF + LR", np.zeros(docs.gold.shape), exclusive=True)
    systems = tuple(
        score_system(x, docs.gold, teacher=docs.teacher, labels=labels, exclusive=True)
        for x in (docs.teacher, docs.student, tfidf)
    )
    gold = judge(
        docs,
        systems,
        test=test,
        dev=docs,
        contract=contract,
        temperature=None,
        speed=SPEED,
        criteria=NO_CRITERIA,
        price=None,
    )
    return Report("llm", tuple(labels), True, n, 0, 50, 0, "", systems, SPEED, gold, notes)
