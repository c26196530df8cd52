"""The factories of the teacher; spacy-llm is imported only when a component is made."""

from typing import TYPE_CHECKING, Any

from spacy.language import Language

from ..errors import UserError

if TYPE_CHECKING:
    from .collector import Collector
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
        "mask": None,
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
    mask: Any,
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
    mask (Mask | None): Replaces private strings in the prompts: `spacy-distill.pii_mask.v1`.
    RAISES (UserError): If there is no task or no model.
    """
    from .component import DistillLLM

    if task is None or model is None:
        missing = "task" if task is None else "model"
        raise UserError(f"The component {name!r} needs a [components.{name}.{missing}] block.")
    return DistillLLM(
        nlp.vocab,
        task,
        model,
        name=name,
        save_io=save_io,
        samples=samples,
        label_map=label_map,
        mask=mask,
    )


@Language.factory(
    "distill_collector", default_config={"component": None, "shard_size": 500, "max_seconds": 60.0}
)
def make_distill_collector(
    nlp: Language,
    name: str,
    path: str,
    component: str | None,
    shard_size: int,
    max_seconds: float,
) -> "Collector":
    """Create a component that keeps the Docs of a live pipeline with their audited LLM answers.

    Add it as the last one. It takes part in nothing: the Docs leave it as they came.

    nlp (Language): The pipeline, with an LLM component: `distill_llm`, or `llm` with `save_io`.
    name (str): The component's name.
    path (str): The folder for the `.spacy` shards; other commands take those as a corpus.
    component (str | None): The LLM component; needed only where there are several.
    shard_size (int): The most Docs in a shard. Those that are in no shard yet stand in a journal
        beside the shards, from where they are recovered if the process is killed.
    max_seconds (float): How long a shard stays open; checked when a Doc comes, and at the exit.
    RAISES (UserError): If there is no such component, or it does not keep its answers.
    """
    from .collector import build_collector

    return build_collector(
        nlp, path, component=component, shard_size=shard_size, max_seconds=max_seconds
    )
