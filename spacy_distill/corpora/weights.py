"""Weights that make up for an unbalanced corpus."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from spacy.tokens import Doc

from ..attrs import get_distill

Balance = Literal["none", "sqrt", "inverse"]
POWERS: dict[Balance, float] = {"none": 0.0, "sqrt": 0.5, "inverse": 1.0}
ClassWeights = dict[str | None, float]


def class_shares(cats: Mapping[str, float]) -> ClassWeights:
    """Divide a Doc among its classes.

    cats (Mapping[str, float]): Its labels, soft or hard.
    RETURNS (dict[str | None, float]): The share of each label above 0.0, adding up to 1.0. A Doc
        to which no label applies is of a class of its own, None.
    """
    total = sum(cats.values())
    if total <= 0.0:
        return {None: 1.0}
    return {label: score / total for label, score in cats.items() if score > 0.0}


def balance_weights(cats: Iterable[Mapping[str, float]], balance: Balance) -> ClassWeights:
    """Weigh classes against their frequency.

    cats (Iterable[Mapping[str, float]]): The labels of each training Doc, soft or hard.
    balance ("none" | "sqrt" | "inverse"): No weights, or weights that fall with the frequency's
        square root or with the frequency itself.
    RETURNS (dict[str | None, float]): The weight of each class; weighing each Doc by its classes'
        gives a mean of 1.0.
    """
    sizes: ClassWeights = {}
    for doc_cats in cats:
        for label, share in class_shares(doc_cats).items():
            sizes[label] = sizes.get(label, 0.0) + share
    raw = {label: size ** -POWERS[balance] for label, size in sizes.items()}
    mean = sum(raw[label] * size for label, size in sizes.items()) / (sum(sizes.values()) or 1.0)
    return {label: weight / mean for label, weight in raw.items()}


def weigh_docs(docs: Iterable[Doc], weights: ClassWeights) -> Iterator[Doc]:
    """Set `doc._.distill["weight"]` of each Doc by the weights of its classes.

    docs (Iterable[Doc]): Docs with labels.
    weights (dict[str | None, float]): The weight of each class.
    YIELDS (Doc): The same Docs.
    """
    for doc in docs:
        shares = class_shares(doc.cats)
        get_distill(doc)["weight"] = sum(weights[label] * share for label, share in shares.items())
        yield doc
