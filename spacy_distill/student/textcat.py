"""Text classifiers that learn from soft, weighted and missing labels.

Both load as stock `textcat` / `textcat_multilabel` from the same bytes: only the loss differs.
"""

from collections.abc import Callable, Iterable
from typing import Any

from spacy.language import Language
from spacy.pipeline.textcat import DEFAULT_SINGLE_TEXTCAT_MODEL, TextCategorizer
from spacy.pipeline.textcat_multilabel import (
    DEFAULT_MULTI_TEXTCAT_MODEL,
    MultiLabel_TextCategorizer,
)
from spacy.training import Example
from thinc.api import Model

from ..attrs import get_distill

SCORE_WEIGHTS = {
    "cats_score": 1.0,
    "cats_score_desc": None,
    "cats_micro_p": None,
    "cats_micro_r": None,
    "cats_micro_f": None,
    "cats_macro_p": None,
    "cats_macro_r": None,
    "cats_macro_f": None,
    "cats_macro_auc": None,
    "cats_f_per_type": None,
}


class SoftTextCategorizer(TextCategorizer):
    """Exclusive text classifier whose targets are distributions over the labels.

    The gradient of softmax cross-entropy, `scores - targets`, holds for any distribution. A row is
    a Doc: if none of its labels is known the whole row is masked; a partly known row keeps the
    known probabilities and masks the other columns. `doc._.distill["weight"]` scales a row.

    label_smoothing (float): The share of each target that goes to all labels alike.
    """

    label_smoothing = 0.0

    @property
    def support_missing_values(self) -> bool:
        """Treat an absent label as unknown, not as negative."""
        return True

    def _validate_categories(self, examples: Iterable[Example]) -> None:
        validate_soft_cats(examples, exclusive=True)

    def _examples_to_truth(self, examples: Iterable[Example]) -> tuple[Any, Any]:
        truths, not_missing = super()._examples_to_truth(examples)
        return smoothed(truths, self.label_smoothing, 1 / max(len(self.labels), 1)), not_missing

    def get_loss(self, examples: Iterable[Example], scores: Any) -> tuple[float, Any]:
        """Return the mean squared error and the weighted, masked gradient of a batch."""
        loss, d_scores = super().get_loss(examples, scores)
        return weigh_loss(self.model, list(examples), loss, d_scores)


class SoftMultiLabelTextCategorizer(MultiLabel_TextCategorizer):
    """Multilabel text classifier whose targets are probabilities, each of which may be missing.

    label_smoothing (float): The share of each target that goes to yes and no alike.
    """

    label_smoothing = 0.0

    def _validate_categories(self, examples: Iterable[Example]) -> None:
        validate_soft_cats(examples, exclusive=False)

    def _examples_to_truth(self, examples: Iterable[Example]) -> tuple[Any, Any]:
        truths, not_missing = super()._examples_to_truth(examples)
        return smoothed(truths, self.label_smoothing, 0.5), not_missing

    def get_loss(self, examples: Iterable[Example], scores: Any) -> tuple[float, Any]:
        """Return the mean squared error and the weighted, masked gradient of a batch."""
        loss, d_scores = super().get_loss(examples, scores)
        return weigh_loss(self.model, list(examples), loss, d_scores)


def smoothed(truths: Any, share: float, towards: float) -> Any:
    """Move targets towards a constant by a share of the way."""
    return truths if share == 0.0 else truths * (1.0 - share) + share * towards


def weigh_loss(
    model: Model[Any, Any], examples: list[Example], loss: float, d_scores: Any
) -> tuple[float, Any]:
    """Scale each row of a gradient by the weight of its Doc.

    model (Model): The model, for its array module.
    examples (list[Example]): The batch; weights are read from the reference Docs.
    loss (float): The unweighted loss, returned as it is where no Doc has a weight.
    d_scores (Floats2d): The gradient, shape (Docs, labels).
    RETURNS (tuple[float, Floats2d]): The loss and the gradient, weighted.
    """
    weights = [get_distill(eg.reference).get("weight", 1.0) for eg in examples]
    if all(weight == 1.0 for weight in weights):
        return loss, d_scores
    d_scores *= model.ops.asarray2f([[weight] for weight in weights])
    return float((d_scores**2).mean()), d_scores


def validate_soft_cats(examples: Iterable[Example], *, exclusive: bool) -> None:
    """Check that all gold categories are probabilities.

    examples (Iterable[Example]): Examples with `doc.cats` on the reference.
    exclusive (bool): Whether the labels of a Doc may add up to 1.0 at most.
    RAISES (ValueError): For a value outside 0 to 1 or, if exclusive, a sum above 1.
    """
    for eg in examples:
        cats = eg.reference.cats
        if any(not 0.0 <= value <= 1.0 for value in cats.values()):
            raise ValueError(f"doc.cats must hold probabilities from 0 to 1, found {cats}.")
        if exclusive and sum(cats.values()) > 1.0 + 1e-4:
            raise ValueError(
                f"The labels of distill_textcat are exclusive, so their probabilities may not add "
                f"up to more than 1: {cats}. Use distill_textcat_multilabel for several labels."
            )


@Language.factory(
    "distill_textcat",
    assigns=["doc.cats"],
    default_config={
        "threshold": 0.0,
        "label_smoothing": 0.0,
        "model": DEFAULT_SINGLE_TEXTCAT_MODEL,
        "scorer": {"@scorers": "spacy.textcat_scorer.v2"},
    },
    default_score_weights=SCORE_WEIGHTS,
)
def make_distill_textcat(
    nlp: Language,
    name: str,
    model: Model[Any, Any],
    threshold: float,
    label_smoothing: float,
    scorer: Callable[..., Any] | None,
) -> SoftTextCategorizer:
    """Create an exclusive text classifier that learns from soft, weighted and missing labels.

    nlp (Language): The pipeline.
    name (str): The component's name: the teacher component's, for the swap.
    model (Model[List[Doc], Floats2d]): As for stock `textcat`.
    threshold (float): Unused, as in stock `textcat`.
    label_smoothing (float): The share of each target that goes to all labels alike, in training.
    scorer (Callable | None): The scoring method.
    """
    pipe = SoftTextCategorizer(nlp.vocab, model, name, threshold=threshold, scorer=scorer)
    pipe.label_smoothing = label_smoothing
    return pipe


@Language.factory(
    "distill_textcat_multilabel",
    assigns=["doc.cats"],
    default_config={
        "threshold": 0.5,
        "label_smoothing": 0.0,
        "model": DEFAULT_MULTI_TEXTCAT_MODEL,
        "scorer": {"@scorers": "spacy.textcat_multilabel_scorer.v2"},
    },
    default_score_weights=SCORE_WEIGHTS,
)
def make_distill_textcat_multilabel(
    nlp: Language,
    name: str,
    model: Model[Any, Any],
    threshold: float,
    label_smoothing: float,
    scorer: Callable[..., Any] | None,
) -> SoftMultiLabelTextCategorizer:
    """Create a multilabel text classifier that learns from soft, weighted and missing labels.

    nlp (Language): The pipeline.
    name (str): The component's name: the teacher component's, for the swap.
    model (Model[List[Doc], Floats2d]): As for stock `textcat_multilabel`.
    threshold (float): Score from which a label counts as assigned.
    label_smoothing (float): The share of each target that goes to yes and no alike, in training.
    scorer (Callable | None): The scoring method.
    """
    pipe = SoftMultiLabelTextCategorizer(nlp.vocab, model, name, threshold=threshold, scorer=scorer)
    pipe.label_smoothing = label_smoothing
    return pipe
