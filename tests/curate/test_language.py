import json

import pytest

from spacy_distill.curate.filters.language import create_language_filter
from spacy_distill.errors import UserError

from .conftest import ROOT, make_doc


@pytest.mark.parametrize(
    ("text", "languages", "keep"),
    [
        ("Where is my parcel? It was due on Friday.", ["en"], True),
        ("Wo bleibt mein Paket? Es sollte am Freitag kommen.", ["en"], False),
        ("Wo bleibt mein Paket? Es sollte am Freitag kommen.", ["de", "en"], True),
        ("Où est mon colis ?", ["en"], False),
        ("не работает совсем", ["en"], False),
        ("バッテリーがすぐ切れる", ["en"], False),
        ("Where is my parcel? It was due on Friday.", ["de"], False),
        ("Danke!", ["en"], True),
        ("12345 67890 12345", ["en"], True),
    ],
)
def test_language_filter(text, languages, keep):
    judge = create_language_filter(languages, threshold=0.1, min_chars=10)
    assert judge(make_doc(text))["keep"] is keep


def test_language_filter_evidence():
    verdict = create_language_filter(["en"], 0.1, 10)(make_doc("Das Gerät geht nicht mehr an."))
    assert verdict["evidence"].startswith("de 1.00, then")
    assert 0.0 <= verdict["score"] < verdict["threshold"] == 0.1


def test_language_filter_short_text():
    verdict = create_language_filter(["en"], 0.1, 10)(make_doc("Danke!"))
    assert (verdict["score"], verdict["evidence"]) == (1.0, "not judged below 10 characters")


def test_language_filter_without_languages():
    with pytest.raises(UserError, match="has no languages"):
        create_language_filter([], 0.1, 10)


def test_language_filter_with_unknown_language():
    judge = create_language_filter(["english"], 0.1, 10)
    with pytest.raises(UserError, match=r"can't recognise \['english'\].*'en'"):
        judge(make_doc("Where is my parcel?"))


def test_language_filter_keeps_the_english_of_the_demo():
    judge = create_language_filter(["en"], 0.1, 10)
    dropped = []
    for name in ("gold_dev", "gold_pool", "gold_test"):
        with (ROOT / "assets" / f"{name}.jsonl").open(encoding="utf8") as lines:
            texts = [json.loads(line)["text"] for line in lines]
        dropped += [text for text in texts if not judge(make_doc(text))["keep"]]
    assert dropped == []
