"""A filter on the language of a text."""

from spacy.tokens import Doc

from ...attrs import VerdictRecord
from ...errors import UserError
from ...language import weigh_languages


def create_language_filter(
    languages: list[str], threshold: float, min_chars: int
) -> "LanguageFilter":
    """Create a filter that drops texts in other languages than those wanted.

    languages (list[str]): ISO 639 codes of the languages that are kept.
    threshold (float): The lowest score that is kept, from 0.0 to 1.0. The score weighs the wanted
        languages against the likeliest other one: 0.5 if they are equally likely.
    min_chars (int): Shorter texts are kept, since too little speaks for any language.
    RETURNS (LanguageFilter): The filter.
    RAISES (UserError): If no language is given.
    """
    if not languages:
        raise UserError('The language filter has no languages; set languages = ["en"], say.')
    return LanguageFilter(languages, threshold, min_chars)


class LanguageFilter:
    """Judges by the language that py3langid finds; its model is loaded when the first Doc comes."""

    def __init__(self, languages: list[str], threshold: float, min_chars: int) -> None:
        self.languages = languages
        self.threshold = threshold
        self.min_chars = min_chars

    def __call__(self, doc: Doc) -> VerdictRecord:
        """Judge a Doc."""
        text = doc.text.strip()
        if len(text) < self.min_chars:
            score, evidence = 1.0, f"not judged below {self.min_chars} characters"
        else:
            score, evidence = weigh_languages(text, self.languages)
        return VerdictRecord(
            filter="language",
            keep=score >= self.threshold,
            score=score,
            threshold=self.threshold,
            evidence=evidence,
        )
