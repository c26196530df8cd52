"""Which language a text is in, as py3langid finds it."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from .errors import UserError

NO_LANGUAGE = "zxx"  # what has no words, such as numbers, is in no other language either


def weigh_languages(text: str, languages: Sequence[str]) -> tuple[float, str]:
    """Weigh the wanted languages against the likeliest other one.

    text (str): The text.
    languages (Sequence[str]): ISO 639 codes of the wanted languages.
    RETURNS (tuple[float, str]): The score, from 0.0 to 1.0 and 0.5 if both are equally likely; and
        the likeliest languages.
    RAISES (UserError): If a wanted language is not among those that can be told apart.
    """
    ranking = load_identifier().rank(text)
    chances = dict(ranking)
    unknown = [language for language in languages if language not in chances]
    if unknown:
        raise UserError(f"py3langid can't recognise {unknown}; it knows {sorted(chances)}.")
    wanted = sum(chances[language] for language in set(languages))
    not_other = {*languages, NO_LANGUAGE}
    others = (chance for language, chance in ranking if language not in not_other)
    other = max(others, default=0.0)
    first, second = ranking[:2]
    evidence = f"{first[0]} {first[1]:.2f}, then {second[0]} {second[1]:.2f}"
    return wanted / (wanted + other), evidence


@lru_cache(maxsize=1)
def load_identifier() -> Any:
    """Load py3langid's own model, with scores that are probabilities.

    RAISES (UserError): If py3langid is not installed.
    """
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError as error:
        raise UserError(
            'Telling languages apart needs py3langid: run pip install "spacy-distill[curate]".'
        ) from error
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
