"""The component that runs the filters and writes their verdicts."""

from collections.abc import Callable, Mapping
from typing import Any

from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc

from ..attrs import VerdictRecord, get_distill
from ..errors import UserError

FACTORY = "distill_curator"
Judge = Callable[[Doc], VerdictRecord]


class Curator(Pipe):
    """A pipeline component that asks every filter about a Doc and changes nothing but verdicts.

    Some filters remember the Docs that they have seen: build a new component for a new corpus.
    """

    def __init__(self, name: str, *, filters: Mapping[str, Judge]) -> None:
        """Create the component.

        name (str): The component's name.
        filters (Mapping[str, Judge]): The filters by the name in their verdicts, in order.
        RAISES (UserError): If one of them is no filter.
        """
        for filter_name, judge in filters.items():
            if not callable(judge):
                raise UserError(
                    f"The filter {filter_name!r} of {name!r} is {judge!r}, which can't judge a "
                    f'Doc; name its function, such as @misc = "spacy-distill.length_filter.v1".'
                )
        self.name = name
        self.filters = dict(filters)

    def __call__(self, doc: Doc) -> Doc:
        """Write the verdicts of all filters to `doc._.distill["verdicts"]`.

        doc (Doc): The Doc; verdicts of an earlier run are replaced.
        RETURNS (Doc): The same Doc. Each filter sees the verdicts of those before it.
        """
        verdicts: list[VerdictRecord] = []
        get_distill(doc)["verdicts"] = verdicts
        for name, judge in self.filters.items():
            verdict = judge(doc)
            verdict["filter"] = name
            verdicts.append(verdict)
        return doc


@Language.factory(FACTORY, assigns=["doc._.distill"])
def make_distill_curator(nlp: Language, name: str, filters: dict[str, Any]) -> Curator:
    """Create a curator: a component of filters that record verdicts and never delete.

    nlp (Language): The pipeline.
    name (str): The component's name.
    filters (dict[str, Judge]): The filters by name, in order. (The config system would check
        their type before it has built them.)
    RETURNS (Curator): The component.
    """
    return Curator(name, filters=filters)
