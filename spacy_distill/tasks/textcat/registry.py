"""The task as `@llm_tasks` knows it."""

from collections.abc import Callable
from typing import Any

from spacy_llm.registry import lowercase_normalizer
from spacy_llm.tasks.textcat.util import reduce_shards_to_doc, score
from spacy_llm.tasks.util.sharding import make_shard_mapper
from spacy_llm.ty import ExamplesConfigType, Scorer, ShardMapper, ShardReducer
from spacy_llm.util import split_labels

from ...errors import UserError
from ..fewshot.ty import ExamplePicker
from .examples import JsonExample
from .task import TEMPLATE_V1, JsonTextCatTask


def build_textcat_v1(
    labels: list[str] | str = [],  # noqa: B006  (confection copies defaults)
    template: str = TEMPLATE_V1,
    label_definitions: dict[str, str] | None = None,
    examples: ExamplesConfigType | ExamplePicker = None,
    shard_mapper: ShardMapper | None = None,
    shard_reducer: ShardReducer | None = None,
    normalizer: Callable[[str], str] | None = None,
    exclusive_classes: bool = False,
    allow_none: bool = True,
    verbose: bool = False,
    scorer: Scorer | None = None,
) -> JsonTextCatTask:
    """Create a text classification task with answers in JSON; the arguments are TextCat.v3's.

    labels (list[str] | str): The labels, as a list or with commas between them; the prompt has them
        in alphabetical order. Empty to find them at initialization.
    template (str): The prompt's Jinja template. It is given `text`, `labels`, `label_definitions`,
        `exclusive_classes`, `allow_none` and `examples`, each with `text` and `answer`.
    label_definitions (dict[str, str] | None): What labels mean.
    examples (ExamplesConfigType | ExamplePicker): Fixed examples, as spacy-llm's few-shot reader
        returns them, or a picker that chooses some for each text.
    shard_mapper (ShardMapper | None): Cuts Docs that are longer than the model's context.
    shard_reducer (ShardReducer | None): Joins them again.
    normalizer (Callable[[str], str] | None): Folds the spelling of labels; lower case by default.
    exclusive_classes (bool): Whether exactly one label applies.
    allow_none (bool): Whether no label may apply, where they are not exclusive.
    verbose (bool): Whether to log answers that are of no use.
    scorer (Scorer | None): Scores the labels.
    RETURNS (JsonTextCatTask): The task.
    RAISES (UserError): If two labels are the same to the normalizer, or an example has an answer that
        is none.
    """
    names = list(dict.fromkeys(split_labels(labels)))
    normalize = normalizer or lowercase_normalizer()
    if len({normalize(name) for name in names}) < len(names):
        raise UserError(f"Two of the labels {names} are the same to the normalizer; rename one.")
    picker = examples if isinstance(examples, ExamplePicker) else None
    return JsonTextCatTask(
        picker=picker,
        prompt_example_type=JsonExample,
        labels=names,
        template=template,
        label_definitions=label_definitions,
        prompt_examples=[] if picker is not None else read_examples(examples),
        shard_mapper=shard_mapper or make_shard_mapper(),
        shard_reducer=shard_reducer or reduce_shards_to_doc,
        normalizer=normalize,
        exclusive_classes=exclusive_classes or len(names) == 1,
        allow_none=allow_none,
        verbose=verbose,
        scorer=scorer or score,
    )


def read_examples(examples: Any) -> list[JsonExample]:
    """Return the fixed examples of a config; [] without any."""
    rows = examples() if callable(examples) else examples
    return [JsonExample(**row) for row in rows or ()]
