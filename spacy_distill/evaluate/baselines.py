"""What a student must beat: TF-IDF with logistic regression, and the majority class."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import UserError
from ..scoring.predictions import Predictions, make_predictions
from ..scoring.ty import Floats
from .inputs import TrainSet
from .systems import MAJORITY

C = 10.0  # accuracy hardly moves from here to 1,000 on texts of this length; 1.0 underfits
MAX_ITER = 2_000

TextScores = Callable[[Sequence[str]], Floats]


def train_tfidf(train: TrainSet, *, exclusive: bool) -> TextScores:
    """Train TF-IDF with logistic regression on the labels that the student learned from.

    A soft label counts as its most likely value, weighted by that value's probability.

    train (TrainSet): The training Docs.
    exclusive (bool): One classifier over all labels if true, else one per label.
    RETURNS (TextScores): Called with texts, gives probabilities of shape (texts, labels).
    RAISES (UserError): If scikit-learn is not installed.
    """
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ImportError as error:
        raise UserError(
            'The baseline needs scikit-learn: pip install "spacy-distill[evaluate]".'
        ) from error
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    features = vectorizer.fit_transform(train.texts)
    decided = make_predictions("train", train.scores, exclusive=exclusive).decided
    if exclusive:
        weights = train.scores.max(axis=1) * train.weights
        model = _fit(features, decided.argmax(axis=1), weights)
        return partial(_exclusive_scores, vectorizer, model, train.scores.shape[1])
    sure = np.maximum(train.scores, 1.0 - train.scores) * train.weights[:, None]
    targets = decided.astype(int)
    models = [_fit(features, targets[:, i], sure[:, i]) for i in range(targets.shape[1])]
    return partial(_multilabel_scores, vectorizer, models)


def majority(train: TrainSet, n: int, *, exclusive: bool) -> Predictions:
    """Give n Docs the one answer that is right most often in training.

    train (TrainSet): The training Docs.
    n (int): The number of Docs to label.
    exclusive (bool): The most frequent label if true, else every label that most Docs have.
    RETURNS (Predictions): The same labels for every Doc, with scores of 1.0 or 0.0.
    """
    shares = train.scores.mean(axis=0)
    chosen = np.arange(len(shares)) == shares.argmax() if exclusive else shares >= 0.5
    scores = np.tile(chosen.astype(np.float64), (n, 1))
    return make_predictions(MAJORITY, scores, exclusive=exclusive)


def _fit(features: Any, targets: npt.NDArray[np.int_], weights: Floats) -> Any:
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LogisticRegression

    single = len(np.unique(targets)) == 1  # logistic regression refuses a single class
    model = DummyClassifier() if single else LogisticRegression(C=C, max_iter=MAX_ITER)
    return model.fit(features, targets, sample_weight=weights)


def _class_scores(model: Any, features: Any, n_classes: int) -> Floats:
    scores = np.zeros((features.shape[0], n_classes))
    scores[:, model.classes_] = model.predict_proba(features)
    return scores


def _exclusive_scores(vectorizer: Any, model: Any, n_labels: int, texts: Sequence[str]) -> Floats:
    return _class_scores(model, vectorizer.transform(texts), n_labels)


def _multilabel_scores(vectorizer: Any, models: list[Any], texts: Sequence[str]) -> Floats:
    features = vectorizer.transform(texts)
    return np.column_stack([_class_scores(model, features, 2)[:, 1] for model in models])
