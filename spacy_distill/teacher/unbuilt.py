"""A teacher whose model is not built: models of spacy-llm call their vendor when they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.util import minibatch

from ..contract import LabelMap, is_llm_config, read_teacher
from ..errors import UserError
from ..io import read_docs
from .component import DistillLLM
from .identity import Identity, model_identity
from .money.terms import Terms, read_terms
from .pipeline import load_pipeline, read_llm_config
from .questions import Question

BATCH_SIZE = 128
UNASKED = {"@llm_models": "spacy.NoOp.v1"}  # never asked, and built without a network


@dataclass
class Unbuilt:
    """A teacher whose prompts can be rendered, but which can't be asked.

    samples (int): Answers per text, as the config says.
    """

    nlp: Language
    component: str
    identity: Identity
    terms: Terms
    samples: int

    def questions(self, corpus: Path | str) -> Iterator[Question]:
        """Render what would be asked about a corpus, as the component that asks does.

        corpus (Path | str): The corpus.
        YIELDS (Question): One per Doc, in order, masked where the config says so.
        """
        pipe: DistillLLM = self.nlp.get_pipe(self.component)  # type: ignore[assignment]
        for batch in minibatch(read_docs(corpus, self.nlp.vocab), BATCH_SIZE):
            yield from pipe.questions(list(batch))


def read_unbuilt(path: Path, *, component: str | None, label_map: LabelMap | None) -> Unbuilt:
    """Read a teacher without building its model.

    path (Path): A spacy-llm config, or the folder of a saved pipeline with an LLM.
    component (str | None): The LLM component, where several could be meant.
    label_map (LabelMap | None): As for `label`.
    RETURNS (Unbuilt): The teacher.
    RAISES (UserError): If it is a trained pipeline, which costs nothing to ask.
    """
    contract = read_teacher(path, component=component, label_map=label_map)
    if not is_llm_config(path, contract.name):
        raise UserError(f"{path} is a trained pipeline: it has no prompts, and asking it is free.")
    config = read_llm_config(path, contract.name)
    block = config["components"][contract.name]
    model = config.interpolate()["components"][contract.name]["model"]
    block["model"] = dict(UNASKED)
    nlp = load_pipeline(path, config)
    pipe: Any = nlp.get_pipe(contract.name)
    identity = model_identity(model, pipe.task)
    pipe.answer_model.context_length = identity.context_length  # cut long texts as it would
    return Unbuilt(
        nlp=nlp,
        component=contract.name,
        identity=identity,
        terms=read_terms(model),
        samples=int(block.get("samples", 1)),
    )
