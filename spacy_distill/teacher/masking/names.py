"""Finds names with a trained pipeline that runs on this machine."""

from collections.abc import Sequence
from threading import Lock
from typing import Any

import spacy
from spacy.language import Language

from ...contract import LLM_FACTORIES
from ...errors import UserError
from .places import Place


class NameFinder:
    """Finds the names in texts with the entities of a spaCy pipeline, loaded at the first text.

    pipeline (str): The name of an installed pipeline, or the folder of a saved one.
    labels (Sequence[str]): Its entity labels for names.

    It can be pickled: a process loads the pipeline for itself.
    """

    _lock: Lock
    _nlp: Language | None

    def __init__(self, pipeline: str, labels: Sequence[str]) -> None:
        self.pipeline = pipeline
        self.labels = frozenset(labels)
        self._reset()

    def __getstate__(self) -> dict[str, Any]:
        return {"pipeline": self.pipeline, "labels": self.labels}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._reset()

    def find(self, texts: Sequence[str]) -> list[list[Place]]:
        """Find the names in texts.

        texts (Sequence[str]): The texts.
        RETURNS (list[list[tuple[int, int]]]): For each text where its names begin and end.
        RAISES (UserError): If the pipeline cannot be loaded, or does not know the labels.
        """
        with self._lock:  # the memory zone of a pipeline cannot be entered twice
            if self._nlp is None:
                self._nlp = load_names(self.pipeline, self.labels)
            with self._nlp.memory_zone():
                return [
                    [(x.start_char, x.end_char) for x in doc.ents if x.label_ in self.labels]
                    for doc in self._nlp.pipe(texts)
                ]

    def _reset(self) -> None:
        self._lock = Lock()
        self._nlp = None


def load_names(pipeline: str, labels: frozenset[str]) -> Language:
    """Load a pipeline that finds names.

    RAISES (UserError): If it is not there, asks an LLM itself, or does not know the labels.
    """
    try:
        nlp = spacy.load(pipeline)
    except OSError as error:
        raise UserError(
            f"The mask's pipeline for names, {pipeline!r}, is not installed and is no folder of a "
            f"saved pipeline; run `python -m spacy download {pipeline}`, or correct `names`."
        ) from error
    asking = [name for name, factory in nlp.pipe_factories.items() if factory in LLM_FACTORIES]
    if asking:
        raise UserError(f"{pipeline} finds names with the LLM in {asking}, which sees them then.")
    known = {label for found in nlp.pipe_labels.values() for label in found}
    if not known & labels:
        raise UserError(
            f"{pipeline} has no entities with one of the labels {sorted(labels)}; its labels are "
            f"{sorted(known)}. Set `name_labels` in the mask's block."
        )
    return nlp
