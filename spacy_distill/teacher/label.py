"""Label texts with the teacher: every answer stored before it is used, every outcome counted."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from ..attrs import AnswerRecord, doc_id, get_distill
from ..contract import Contract, LabelMap, read_teacher
from ..errors import UserError
from ..io import corpus_shards, count_docs, read_docs, write_docs
from ..plain import as_plain
from ..ty import Track, untracked
from .asking import ask_corpus
from .masking.mask import Mask
from .pipeline import is_llm, load_teacher, stored_model
from .rejects import Reject, ignore, rejecting
from .votes import map_ballot

BATCH_SIZE = 128
MAX_EXAMPLES = 5


@dataclass
class LabelReport:
    """What `label` did to one corpus.

    n_soft counts votes from log-probabilities, n_repaired answers that are ok after a repair;
    outcomes counts answers by the audit's outcome, labels adds up the soft labels per label;
    examples hold up to five answers per outcome other than "ok"; prompts_sha256 is a digest of all
    prompts in order. requests says how many answers were stored already, asked for, and failed, and
    which tokens the server has reported; cost is in US dollars, None without a price. masked counts
    texts with private strings, and the strings by kind.
    """

    corpus: str
    teacher: str
    component: str
    n_docs: int = 0
    n_labelled: int = 0
    n_unanimous: int = 0
    n_voted: int = 0
    n_soft: int = 0
    n_repaired: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    labels: dict[str, float] = field(default_factory=dict)
    examples: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    prompts_sha256: str = ""
    masked: dict[str, int] = field(default_factory=dict)
    cost: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON-able values."""
        return dict(as_plain(self))


def label(
    teacher: Path | str,
    corpora: Sequence[Path | str],
    out_dir: Path | str,
    *,
    store_path: Path | str,
    samples: int | None = None,
    component: str | None = None,
    label_map: LabelMap | None = None,
    tags: Mapping[str, str] | None = None,
    max_calls: int | None = None,
    max_cost: float | None = None,
    rejects_path: Path | str | None = None,
    track: Track = untracked,
) -> list[LabelReport]:
    """Label corpora with a teacher and write them under the same names to another folder.

    teacher (Path | str): A spacy-llm config, or the folder of any saved spaCy text classifier.
    corpora (Sequence[Path | str]): Corpora to label; gold in them is kept beside the labels.
    out_dir (Path | str): Where the labelled corpora go.
    store_path (Path | str): The answer store.
    samples (int | None): Answers per text; several vote. None for the config's own number, else 1.
    component (str | None): The teacher component, where the config has several text classifiers.
    label_map (LabelMap | None): Old label to new label, or to None to drop it.
    tags (Mapping[str, str] | None): Tags stored with each answer.
    max_calls (int | None): Calls that this run may send, retries included.
    max_cost (float | None): US dollars that this run may spend.
    rejects_path (Path | str | None): Where to write the ids of the Docs that got no label, with the
        reasons, as JSONL.
    track (Track): Shows progress.
    RETURNS (list[LabelReport]): One report per corpus.
    RAISES (UserError): If the teacher cannot be asked any more; what was answered is kept.
    """
    names = [Path(path).name for path in corpora]
    if len(set(names)) < len(names):
        raise UserError(f"Two of the corpora have the same name: {names}; rename one.")
    for path in corpora:
        corpus_shards(path)  # a path that is none must be found before anything is paid for
    out_dir = Path(out_dir)
    contract = read_teacher(teacher, component=component, label_map=label_map)
    nlp = load_teacher(
        teacher, contract.name, store_path=store_path, samples=samples, label_map=label_map
    )
    model = stored_model(nlp, contract.name)
    if model is not None:
        model.tag(tags or {})
        model.limit(max_calls=max_calls, max_cost=max_cost)
    rejects = Path(rejects_path) if rejects_path is not None else None
    with closing(model) if model is not None else nullcontext(), rejecting(rejects) as reject:
        return [
            label_corpus(
                nlp,
                path,
                out_dir,
                teacher=str(teacher),
                contract=contract,
                reject=reject,
                track=track,
            )
            for path in corpora
        ]


def label_corpus(
    nlp: Language,
    path: Path | str,
    out_dir: Path,
    *,
    teacher: str,
    contract: Contract,
    reject: Reject,
    track: Track,
) -> LabelReport:
    """Label one corpus; see `label`."""
    pipe = nlp.get_pipe(contract.name)
    model = stored_model(nlp, contract.name)
    report = LabelReport(str(path), teacher, contract.name)
    if model is not None:
        spent = model.spent
        report.requests = ask_corpus(nlp, contract.name, path, track=track)
        report.cost = None if spent is None else (model.spent or 0.0) - spent
    docs = track(answer_corpus(nlp, path, contract), total=count_docs(path), desc="Label")
    before = Counter(getattr(pipe, "masked", ()))
    mask = getattr(pipe, "mask", None)
    write_docs(counted(docs, report, reject, mask), out_dir / Path(path).name)
    report.masked = dict(Counter(getattr(pipe, "masked", ())) - before)
    return report


def answer_corpus(nlp: Language, path: Path | str, contract: Contract) -> Iterator[Doc]:
    """Run a teacher over a corpus shard by shard, so that its vocabulary does not keep all words.

    nlp (Language): The teacher's pipeline.
    path (Path | str): The corpus.
    contract (Contract): The teacher's contract.
    YIELDS (Doc): The Docs in order. A Doc must not be used after the next one was asked for: with
        its shard the memory zone ends that its words are in.
    """
    for shard in corpus_shards(path):
        with nlp.memory_zone():
            yield from answer_docs(nlp, read_docs(shard, nlp.vocab), contract)


def answer_docs(nlp: Language, docs: Iterable[Doc], contract: Contract) -> Iterator[Doc]:
    """Run a teacher over Docs and leave exactly the contract's labels on them.

    nlp (Language): The teacher's pipeline.
    docs (Iterable[Doc]): Docs with the pipeline's vocabulary.
    contract (Contract): The teacher's contract.
    YIELDS (Doc): The Docs in order. A trained teacher's scores are its soft labels.
    """
    if is_llm(nlp, contract.name):
        yield from nlp.pipe(docs, batch_size=BATCH_SIZE)
        return
    for doc in nlp.pipe(map(without_answers, docs), batch_size=BATCH_SIZE):
        mapped = map_ballot(doc.cats, contract.label_map, exclusive=contract.exclusive) or {}
        doc.cats = {name: mapped[name] for name in contract.labels if name in mapped}
        get_distill(doc)["n_ok"] = int(bool(doc.cats))
        yield doc


def without_answers(doc: Doc) -> Doc:
    """Remove the labels of an earlier teacher from a Doc."""
    doc.cats = {}
    record = get_distill(doc)
    for key in ("answers", "n_ok", "n_soft", "agreement"):
        record.pop(key, None)  # type: ignore[misc]
    return doc


def counted(
    docs: Iterable[Doc], report: LabelReport, reject: Reject = ignore, mask: Mask | None = None
) -> Iterator[Doc]:
    """Pass labelled Docs through, count them in a report, and note those without a label."""
    digest = sha256()
    for doc in docs:
        record = get_distill(doc)
        report.n_docs += 1
        report.n_labelled += bool(record.get("n_ok"))
        report.n_voted += "agreement" in record
        report.n_soft += record.get("n_soft", 0)
        report.n_unanimous += record.get("agreement") == 1.0
        for name, score in doc.cats.items():
            report.labels[name] = report.labels.get(name, 0.0) + score
        for answer in record.get("answers", ()):
            report.outcomes[answer["outcome"]] += 1
            report.n_repaired += answer["reason"].startswith("repaired")
            digest.update(answer["prompt_sha256"].encode("ascii"))
            if answer["outcome"] != "ok":
                examples = report.examples.setdefault(answer["outcome"], [])
                if len(examples) < MAX_EXAMPLES:
                    text = mask.mask(doc).doc.text if mask is not None else doc.text
                    examples.append({"id": doc_id(doc), "text": text, **answer_strings(answer)})
        if not record.get("n_ok"):
            reject(doc)
        yield doc
    report.prompts_sha256 = digest.hexdigest() if report.outcomes else ""


def answer_strings(answer: AnswerRecord) -> dict[str, str]:
    """Return the fields of an answer record as plain strings."""
    return {key: str(value) for key, value in answer.items()}
