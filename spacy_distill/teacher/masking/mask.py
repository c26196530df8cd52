"""The mask: which kinds of private strings are replaced before anything is asked about a text."""

from collections.abc import Sequence

from spacy.tokens import Doc

from ...errors import UserError
from .masked import Masked
from .names import NameFinder
from .strings import KINDS, find_strings

NAME_LABELS = ("PERSON", "PER")


class Mask:
    """Replaces private strings in Docs by placeholders that the answers can be read back from.

    kinds (Sequence[str]): Some of "email", "iban", "card", "ip" and "phone".
    regions (Sequence[str]): Countries whose national phone numbers are known, such as "US".
    names (NameFinder | None): Finds names; None to leave them.

    It holds settings and a pipeline, nothing of any text, and can be pickled.
    """

    def __init__(
        self, kinds: Sequence[str], regions: Sequence[str], *, names: NameFinder | None = None
    ) -> None:
        self.kinds = tuple(kinds)
        self.regions = tuple(regions)
        self.names = names

    def mask(self, doc: Doc) -> Masked:
        """Mask one Doc, which stays as it is."""
        return self.mask_all([doc])[0]

    def mask_all(self, docs: Sequence[Doc]) -> list[Masked]:
        """Mask Docs, which stay as they are; quicker than one by one where names are masked.

        docs (Sequence[Doc]): The Docs.
        RETURNS (list[Masked]): One for each, in order.
        RAISES (UserError): If the pipeline for names cannot be loaded.
        """
        texts = [doc.text for doc in docs]
        names = self.names.find(texts) if self.names is not None else [[] for _ in texts]
        return [
            Masked(doc, find_strings(text, self.kinds, self.regions, places))
            for doc, text, places in zip(docs, texts, names, strict=True)
        ]


def create_pii_mask(
    kinds: list[str] | None = None,
    regions: list[str] | None = None,
    names: str | None = None,
    name_labels: list[str] | None = None,
) -> Mask:
    """Create the mask of a component `distill_llm`; the pipeline for names is loaded at first use.

    kinds (list[str] | None): What to mask: some of "email", "iban", "card", "ip" and "phone"; None
        for all of them.
    regions (list[str] | None): Countries whose phone numbers are known without a country code, as
        two-letter codes; [] for none. Must be set where kinds has "phone".
    names (str | None): A spaCy pipeline whose entities are names to mask, installed or a folder;
        None to mask no names.
    name_labels (list[str] | None): The entity labels of names; None for PERSON and PER.
    RETURNS (Mask): The mask.
    RAISES (UserError): For a kind or region that does not exist, or if nothing would be masked.
    """
    kinds = list(KINDS) if kinds is None else kinds
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise UserError(f"The mask's kinds {unknown} do not exist; choose from {list(KINDS)}.")
    if not kinds and names is None:
        raise UserError("The mask masks nothing: give it kinds or a pipeline for names.")
    if "phone" in kinds:
        check_regions(regions)
    finder = NameFinder(names, name_labels or NAME_LABELS) if names is not None else None
    return Mask(kinds, regions or (), names=finder)


def check_regions(regions: list[str] | None) -> None:
    """Refuse countries that nobody knows the phone numbers of.

    RAISES (UserError): For such a country, or if it was not said which.
    """
    from phonenumbers import SUPPORTED_REGIONS

    if regions is None:
        raise UserError(
            'The mask needs regions = ["US"], say: the countries whose phone numbers your texts have '
            "without a country code. [] is for international numbers alone."
        )
    unknown = [region for region in regions if region not in SUPPORTED_REGIONS]
    if unknown:
        raise UserError(
            f"The mask's regions {unknown} do not exist; give two-letter codes in capitals, such as "
            f"US, GB or DE."
        )
