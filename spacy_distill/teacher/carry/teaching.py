"""The teacher of a config, as far as harvesting and exporting need one: it is never asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy_llm.tasks.textcat import TextCatTask

from ...contract import Contract, LabelMap, is_llm_config, read_teacher
from ...errors import UserError
from ..annotate import Annotator, build_annotator
from ..identity import Identity, model_identity
from ..pipeline import load_pipeline, read_llm_config
from ..prompts import Prompts, render_prompts
from ..unbuilt import UNASKED
from .origin import Origin

RECORDING = "the config's model is none that is asked"
MASKED = "the config masks private strings, which these prompts hold"
NEVER_ASKED = ("spacy-distill.Replay.v1", "spacy.NoOp.v1")


@dataclass(frozen=True)
class Teaching:
    """A task with its labels, and the model as the answer store knows it; nothing can be asked.

    nlp (Language): The pipeline, for its tokenizer.
    task (Any): The spacy-llm task.
    contract (Contract): The contract after the label map.
    task_labels (tuple[str, ...]): The task's own labels; none unless it is text classification.
    annotate (Annotator): Puts answers on a Doc.
    identity (Identity | None): The model as the answer store knows it; None for one that is never
        asked, such as a recording.
    origin (Origin): What the model sends.
    not_stored (str): Why no answer may be stored as this teacher's; empty if answers may.
    """

    nlp: Language
    task: Any
    contract: Contract
    task_labels: tuple[str, ...]
    annotate: Annotator
    identity: Identity | None
    origin: Origin
    not_stored: str

    @property
    def exclusive(self) -> bool:
        """Whether exactly one of the task's own labels applies."""
        is_textcat = isinstance(self.task, TextCatTask)
        return is_textcat and self.task.exclusive_classes and not self.task.use_binary

    @property
    def template(self) -> str:
        """The task's template; empty if it does not tell."""
        return str(getattr(self.task, "prompt_template", ""))

    def prompts(self, docs: Sequence[Doc]) -> list[Prompts]:
        """Render the prompts that the teacher would be sent, for each Doc one per shard.

        docs (Sequence[Doc]): Docs with text; many at once, since the template is compiled each time.
        RETURNS (list[Prompts]): For each Doc its prompts, and the shards that they are about.
        """
        length = self.identity.context_length if self.identity is not None else None
        return list(render_prompts(self.task, docs, context_length=length))


def read_teaching(
    path: Path | str, *, component: str | None = None, label_map: LabelMap | None = None
) -> Teaching:
    """Read the teacher of a config without building its model.

    path (Path | str): A spacy-llm config, or the folder of a saved pipeline with an LLM.
    component (str | None): The LLM component, where several could be meant.
    label_map (LabelMap | None): Old label to new label, or to None to drop it.
    RETURNS (Teaching): The task, the labels and what is known of the model.
    RAISES (UserError): If the teacher is a trained pipeline, which has no prompts and answers.
    """
    path = Path(path)
    contract = read_teacher(path, component=component, label_map=label_map)
    if not is_llm_config(path, contract.name):
        raise UserError(
            f"{path} is a trained pipeline, which has no prompts; name an LLM's config."
        )
    config = read_llm_config(path, contract.name)
    block = dict(config.interpolate()["components"][contract.name]["model"])
    config["components"][contract.name]["model"] = dict(UNASKED)
    nlp = load_pipeline(path, config)
    pipe: Any = nlp.get_pipe(contract.name)
    task = pipe.task
    labels: Sequence[str] = task.labels if isinstance(task, TextCatTask) else ()
    annotate = build_annotator(task, label_map or {})
    identity = None if block["@llm_models"] in NEVER_ASKED else model_identity(block, task)
    origin = Origin(block, identity)
    not_stored = "" if identity is not None else RECORDING
    if getattr(pipe, "mask", None) is not None:
        not_stored = MASKED
    return Teaching(nlp, task, contract, tuple(labels), annotate, identity, origin, not_stored)
