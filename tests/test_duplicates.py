import json
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from spacy.tokenizer import Tokenizer
from spacy.vocab import Vocab

from spacy_distill.attrs import content_id, get_distill
from spacy_distill.duplicates import NearDuplicates, choose_bands, index_corpora
from spacy_distill.errors import UserError
from spacy_distill.io import write_docs
from spacy_distill.shingles import MAX_HASHES, hash_bands, hash_shingles, normalize_text, sketch

from .similarity import true_jaccard

ASSETS = Path(__file__).parent.parent / "assets"
WORDS = "the battery of my new phone died after two weeks and nobody at the shop cares".split()
TEXTS = st.lists(st.sampled_from(WORDS), min_size=6, max_size=30).map(" ".join)


def read_assets(*names):
    for name in names:
        with (ASSETS / f"{name}.jsonl").open(encoding="utf8") as lines:
            yield from map(json.loads, lines)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("Hello,  World!\n", "hello world"),
        ("don't", "dont"),
        ("ＡＢＣ ①", "abc 1"),
        ("STRASSE Straße", "strasse strasse"),
        ("  ", ""),
        ("?!", "?!"),
        ("👍", "👍"),
    ],
)
def test_normalize_text(text, normal):
    assert normalize_text(text) == normal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Where is my parcel?", "where  is my PARCEL"),
        ("ok", "OK!"),
        ("👍", "👍"),
        ("", " "),
        ("Can't log in.", "can’t log in"),
    ],
)
def test_find_equal_after_normalisation(one, other):
    index = NearDuplicates()
    index.add("one", one)
    assert index.find(other) == ("one", 1.0)


@pytest.mark.parametrize(
    ("one", "other"), [("ok", "no"), ("👍", "👎"), ("", "a"), ("Where is it?", "The app crashes.")]
)
def test_find_nothing_similar(one, other):
    index = NearDuplicates()
    index.add("one", one)
    assert index.find(other) is None


def test_find_in_empty_index():
    assert NearDuplicates().find("text") is None


def test_find_best():
    index = NearDuplicates(0.3)
    index.add("near", "my phone died after two weeks")
    index.add("nearest", "my phone died after two weeks, sadly")
    assert index.find("My phone died after two weeks, sadly!")[0] == "nearest"


def test_find_first_among_equals():
    index = NearDuplicates()
    index.add("first", "my phone died")
    index.add("second", "My phone died!")
    assert index.find("my phone died") == ("first", 1.0)


def test_matches_in_order_of_addition():
    index = NearDuplicates(0.3)
    index.add(0, "my phone died after two weeks")
    index.add(1, "the shop was nice to me on Monday")
    index.add(2, "my phone died after two weeks, sadly")
    assert [key for key, _ in index.matches("my phone died after two weeks, sadly")] == [0, 2]


@given(TEXTS, TEXTS)
def test_similarity_is_exact(one, other):
    index = NearDuplicates(0.1)
    index.add("one", one)
    found = index.find(other)
    assume(found is not None)
    assert found[1] == pytest.approx(true_jaccard(one, other))


@settings(max_examples=300)
@given(TEXTS, st.data())
def test_edited_copy_is_found(text, data):
    words = text.split()
    for place in data.draw(st.lists(st.integers(0, len(words) - 1), max_size=3)):
        words[place] = data.draw(st.sampled_from(["camera", "blue", "x", ""]))
    edited = " ".join(words)
    assume(true_jaccard(text, edited) >= 0.65)
    index = NearDuplicates(0.5)
    index.add("original", text)
    assert index.find(edited) is not None


def test_long_texts_are_estimated_in_bounded_memory():
    texts = [row["text"] for row in read_assets("gold_pool")]
    one = " ".join(texts[:60])
    other = " ".join([*texts[:30], *texts[40:60]])
    index = NearDuplicates(0.3)
    index.add("one", one)
    assert len(sketch(one, 8, 1)[1]) == MAX_HASHES
    assert index.find(other)[1] == pytest.approx(true_jaccard(one, other), abs=0.06)


def test_long_text_holds_a_short_one():
    texts = [row["text"] for row in read_assets("gold_pool")]
    index = NearDuplicates(0.1)
    index.add("short", texts[0])
    assert index.find(" ".join(texts[:60])) is None


def test_bands_do_not_depend_on_the_chunks(monkeypatch):
    hashes = hash_shingles(" ".join(row["text"] for row in read_assets("gold_dev")))
    whole = hash_bands(hashes, 8, 3)
    monkeypatch.setattr("spacy_distill.shingles.CHUNK", 100)
    assert len(hashes) > 1_000
    assert hash_bands(hashes, 8, 3).tolist() == whole.tolist()


def test_bands_are_the_same_everywhere():
    bands, hashes = sketch("My phone died!", 2, 3)
    assert (bands.tolist(), hashes[:3].tolist()) == (
        [3982496092, 308822855],
        [189103489, 1121644439, 2066787138],
    )


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.5, 0.7, 0.9, 1.0])
def test_choose_bands_finds_pairs_at_the_threshold(threshold):
    n_bands, n_rows = choose_bands(threshold)
    assert n_bands * n_rows <= 128
    assert 1 - (1 - threshold**n_rows) ** n_bands >= 0.98


@pytest.mark.parametrize("threshold", [0.0, -0.5, 1.01])
def test_threshold_out_of_range(threshold):
    with pytest.raises(UserError, match=f"not {threshold}"):
        NearDuplicates(threshold)


def test_index_corpora_tells_corpus_and_doc(tmp_path):
    doc = Tokenizer(Vocab())("my phone died after two weeks")
    get_distill(doc)["source"] = "w1-001"
    write_docs([doc], tmp_path / "gold_dev.spacy")
    index = index_corpora([tmp_path / "gold_dev.spacy"], 0.5)
    name = f"gold_dev {content_id(doc.text)} (w1-001)"
    assert index.find("My phone died after two weeks!") == (name, 1.0)


def test_demo_reposts_are_found_and_nothing_else():
    gold = {row["id"]: row["text"] for row in read_assets("gold_dev", "gold_pool", "gold_test")}
    comments = {row["id"]: row["text"] for row in read_assets("comments")}
    index = NearDuplicates()
    for name, text in gold.items():
        index.add(name, text)
    dirt = list(read_assets("dirt"))
    found = {row["id"]: index.find(comments[row["id"]]) for row in dirt}
    assert {name: match[0] for name, match in found.items() if match} == {
        row["id"]: row["source"] for row in dirt if row["kind"] == "repost"
    }


def test_demo_texts_are_hardly_near_duplicates():
    rows = list(read_assets("gold_dev", "gold_pool", "gold_test"))
    index = NearDuplicates()
    pairs = []
    for row in rows:
        if match := index.find(row["text"]):
            pairs.append({row["id"], match[0]})
        index.add(row["id"], row["text"])
    assert len(pairs) <= 0.005 * len(rows)
