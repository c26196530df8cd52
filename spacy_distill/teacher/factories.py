"""The `distill_llm` factory; spacy-llm is imported only when a component is made."""

from typing import TYPE_CHECKING, Any

from spacy.language import Language

from ..errors import UserError

if TYPE_CHECKING:
    from .component import DistillLLM


@Language.factory(
    "distill_llm",
    default_config={
        "task": None,
        "model": None,
        "cache": None,
        "save_io": False,
        "validate_types": True,
        "samples": 1,
        "label_map": {},
    },
)
def make_distill_llm(
    nlp: Language,
    name: str,
    task: Any,
    model: Any,
    cache: Any,
    save_io: bool,
    validate_types: bool,
    samples: int,
    label_map: dict[str, str | None],
) -> "DistillLLM":
    """Create an LLM component that audits every answer and leaves a label absent without a good one.

    It takes the config of spacy-llm's factory `llm` as it is.

    nlp (Language): The pipeline.
    name (str): The component's name.
    task (LLMTask): Any spacy-llm task.
    model (Any): Any spacy-llm model or `AnswerModel`.
    cache (Any): Unused: the answer store of `spacy-distill.Stored.v1` takes its place.
    save_io (bool): Whether to keep prompts and responses in `doc.user_data["llm_io"]`.
    validate_types (bool): Unused: answers are audited instead.
    samples (int): How many answers to ask for per prompt; they vote.
    label_map (dict[str, str | None]): Old label to new label, or to None to drop it.
    RAISES (UserError): If there is no task or no model.
    """
    from .component import DistillLLM

    if task is None or model is None:
        missing = "task" if task is None else "model"
        raise UserError(f"The component {name!r} needs a [components.{name}.{missing}] block.")
    return DistillLLM(
        nlp.vocab, task, model, name=name, save_io=save_io, samples=samples, label_map=label_map
    )
