"""A filter on the language of a text."""

from functools import lru_cache
from typing import Any

from spacy.tokens import Doc

from ...attrs import VerdictRecord
from ...errors import UserError

NO_LANGUAGE = "zxx"  # what has no words, such as numbers, is in no other language either


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
            score, evidence = self.weigh(text)
        return VerdictRecord(
            filter="language",
            keep=score >= self.threshold,
            score=score,
            threshold=self.threshold,
            evidence=evidence,
        )

    def weigh(self, text: str) -> tuple[float, str]:
        """Weigh the wanted languages against the likeliest other one.

        text (str): The text.
        RETURNS (tuple[float, str]): The score, and the likeliest languages.
        RAISES (UserError): If a wanted language is not among those that can be told apart.
        """
        ranking = load_identifier().rank(text)
        chances = dict(ranking)
        unknown = [language for language in self.languages if language not in chances]
        if unknown:
            raise UserError(
                f"The language filter can't recognise {unknown}; it knows {sorted(chances)}."
            )
        wanted = sum(chances[language] for language in set(self.languages))
        not_other = {*self.languages, NO_LANGUAGE}
        others = (chance for language, chance in ranking if language not in not_other)
        other = max(others, default=0.0)
        first, second = ranking[:2]
        evidence = f"{first[0]} {first[1]:.2f}, then {second[0]} {second[1]:.2f}"
        return wanted / (wanted + other), evidence


@lru_cache(maxsize=1)
def load_identifier() -> Any:
    """Load py3langid's own model, with scores that are probabilities."""
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError as error:
        raise UserError(
            'The language filter needs py3langid: run pip install "spacy-distill[curate]".'
        ) from error
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
