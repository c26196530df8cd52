"""What a task expects of a picker of examples, and of a mask."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from spacy.tokens import Doc
from spacy.vocab import Vocab


class Picked(NamedTuple):
    """A text with the human labels that apply to it."""

    text: str
    labels: Sequence[str]


class TextMask(Protocol):
    """Replaces private strings; what it returns has the masked Doc as its `doc`."""

    def mask(self, doc: Doc) -> Any:
        """Mask a Doc, which stays as it is."""


@runtime_checkable
class ExamplePicker(Protocol):
    """Chooses the examples that the prompt about a Doc shows."""

    def pick(self, doc: Doc, whole: Doc) -> list[Picked]:
        """Return the examples in the order of the prompt.

        doc (Doc): What the prompt is about.
        whole (Doc): The Doc that it is a shard of, else itself; its text must not be an example.
        """

    def mask_texts(self, mask: TextMask) -> None:
        """Show masked texts from now on; the Docs to pick for are masked as well."""


def masked_text(text: str, mask: TextMask | None) -> str:
    """Return a text without its private strings; as it is where there is no mask."""
    if mask is None:
        return text
    masked: str = mask.mask(Doc(Vocab(), words=[text], spaces=[False])).doc.text
    return masked
