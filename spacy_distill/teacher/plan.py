"""Before anything is spent: the prompts as they would be sent, counted and looked up in the store.

The user's model block is never built for this, since models of spacy-llm call their vendor then.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch

from ..contract import LabelMap, is_llm_config, read_teacher
from ..errors import UserError
from ..io import count_docs, read_docs
from ..ty import Track, untracked
from .identity import model_identity
from .pipeline import load_pipeline, read_llm_config
from .prompts import render_prompts
from .store import AnswerStore
from .tally import CorpusPlan, Tally

BATCH_SIZE = 128
UNASKED = {"@llm_models": "spacy.NoOp.v1"}  # never asked, and built without a network


@dataclass
class Plan:
    """What labelling would take: the model as the answer store knows it, and each corpus.

    prompts holds the first prompts in full; sharded says whether long texts would be cut: not, where
    the config gives no context length.
    """

    teacher: str
    component: str
    model: str
    params: dict[str, Any]
    samples: int
    sharded: bool
    store: str
    corpora: list[CorpusPlan] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain JSON-able values."""
        corpora = [
            {**asdict(one), "n_new": one.n_new, "n_tokens": one.n_tokens} for one in self.corpora
        ]
        return {**asdict(self), "corpora": corpora}


def plan(
    teacher: Path | str,
    corpora: Sequence[Path | str],
    *,
    store_path: Path | str,
    samples: int | None = None,
    component: str | None = None,
    label_map: LabelMap | None = None,
    n_shown: int = 3,
    track: Track = untracked,
) -> Plan:
    """Render every prompt that `label` would send, without building the model or asking anything.

    teacher (Path | str): A spacy-llm config, or the folder of a saved pipeline with an LLM.
    corpora (Sequence[Path | str]): The corpora, gold texts included.
    store_path (Path | str): The answer store, opened read-only; it need not exist.
    samples (int | None): Answers per text; None for the config's own number, else 1.
    component (str | None): The LLM component, where several could be meant.
    label_map (LabelMap | None): As for `label`; it changes nothing of the prompts.
    n_shown (int): How many prompts to keep in full.
    track (Track): Shows progress.
    RETURNS (Plan): The counts.
    RAISES (UserError): If the teacher is a trained pipeline, which costs nothing to ask.
    """
    path = Path(teacher)
    contract = read_teacher(path, component=component, label_map=label_map)
    if not is_llm_config(path, contract.name):
        raise UserError(f"{path} is a trained pipeline: it has no prompts, and asking it is free.")
    config = read_llm_config(path, contract.name)
    block = config["components"][contract.name]
    identity = model_identity(config.interpolate()["components"][contract.name]["model"])
    block["model"] = dict(UNASKED)
    nlp = load_pipeline(path, config)
    found = Plan(
        teacher=str(path),
        component=contract.name,
        model=identity.name,
        params=identity.params,
        samples=samples or int(block.get("samples", 1)),
        sharded=identity.context_length is not None,
        store=identity.store or str(store_path),
    )
    with opened_store(Path(found.store)) as store:
        tally = Tally(identity, found.samples, store)
        for corpus in corpora:
            docs = track(read_docs(corpus, nlp.vocab), total=count_docs(corpus), desc=f"{corpus}")
            for prompts in doc_prompts(nlp, found.component, docs, identity.context_length):
                tally.add(prompts)
                found.prompts += prompts[: max(n_shown - len(found.prompts), 0)]
            found.corpora.append(tally.close(str(corpus)))
    return found


@contextmanager
def opened_store(path: Path) -> Iterator[AnswerStore | None]:
    """Open an answer store to read, if there is one."""
    if not path.is_file():
        yield None
        return
    with AnswerStore(path, read_only=True) as store:
        yield store


def doc_prompts(
    nlp: Language, component: str, docs: Iterable[Doc], context_length: int | None
) -> Iterator[list[str]]:
    """Render the prompts of Docs, as the component that asks does.

    nlp (Language): The pipeline with the LLM component.
    component (str): Its name.
    docs (Iterable[Doc]): The Docs.
    context_length (int | None): What the model takes at once, in tokens.
    YIELDS (list[str]): The prompts of each Doc, in order; none for one without text.
    """
    pipe: Any = nlp.get_pipe(component)
    for batch in minibatch(docs, BATCH_SIZE):
        asked = [doc for doc in batch if doc.text.strip()]
        rendered = render_prompts(pipe.task, asked, context_length=context_length)
        for doc in batch:
            yield next(rendered)[0] if doc.text.strip() else []
