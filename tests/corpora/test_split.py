import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_distill.attrs import content_id
from spacy_distill.corpora.groups import Groups
from spacy_distill.corpora.labels import NO_LABEL, configure_labels
from spacy_distill.corpora.split import DROPPED, LEAK, Splitter, hash_fraction
from spacy_distill.duplicates import NearDuplicates

from ..similarity import true_jaccard
from .conftest import CONTRACT, DROP, KEEP, make_doc

THRESHOLD = 0.5
CERTAIN = 0.65  # from here on the index finds a pair with a chance of a few in a million to miss
PARTS = ("my parcel is late", "the app crashes again", "love this kettle", "who can repair it?")
TEXTS = st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map(" and ".join)
POOLS = st.lists(TEXTS, max_size=12)
MANY = settings(max_examples=150, deadline=None)


def near(one, other, similarity=CERTAIN):
    return true_jaccard(one, other) >= similarity


def split(texts, gold=(), *, dev_size=0.4):
    index = NearDuplicates(THRESHOLD)
    for text in gold:
        index.add(text, text)
    pick = configure_labels("teacher", CONTRACT)
    splitter = Splitter(index, pick, dev_size=dev_size, threshold=THRESHOLD)
    for text in texts:
        splitter.add(make_doc(text, {"bug": 1.0}))
    return splitter


@MANY
@given(POOLS, POOLS)
def test_nothing_near_gold_gets_a_place(texts, gold):
    for text, place in zip(texts, split(texts, gold).places(), strict=True):
        if any(near(text, other) for other in gold):
            assert place == "out"


@MANY
@given(POOLS)
def test_near_duplicates_stay_together(texts):
    places = split(texts).places()
    for number, text in enumerate(texts):
        for other in range(number):
            if near(text, texts[other]):
                assert places[other] == places[number]


@MANY
@given(POOLS, POOLS, TEXTS)
def test_added_row_moves_an_older_one_only_by_joining_groups(texts, gold, added):
    before, after = split(texts, gold), split([*texts, added], gold)
    moved = {
        before.groups.oldest(number)
        for number, old, new in zip(before.numbers, before.places(), after.places(), strict=False)
        if old != new
    }
    n_old, n_all = len(before.groups.parents), len(after.groups.parents)
    joined = {
        before.groups.oldest(number)
        for number in range(n_old)
        if n_all > n_old and after.groups.oldest(number) == after.groups.oldest(n_old)
    }
    assert moved <= (joined if len(joined) >= 2 else set())


@MANY
@given(POOLS, POOLS, TEXTS)
def test_added_row_moves_none_into_or_out_of_gold(texts, gold, added):
    before, after = split(texts, gold).places(), split([*texts, added], gold).places()
    assert [place == "out" for place in before] == [place == "out" for place in after[:-1]]


def test_joining_groups_moves_the_younger_one():
    texts = ["one two three four five six", "nine ten eleven twelve thirteen"]
    bridge = f"{texts[0]} {texts[1]}"
    groups = Groups(0.4)
    assert [groups.oldest(groups.add(text)) for text in texts] == [0, 1]
    groups.add(bridge)
    assert [groups.oldest(number) for number in range(3)] == [0, 0, 0]


@pytest.mark.parametrize("dev_size", [0.05, 0.95])
def test_oldest_member_decides(dev_size):
    texts = ["my parcel is late again", "My parcel is late again!", "my parcel is late, again?"]
    place = "dev" if hash_fraction(content_id(texts[0])) < dev_size else "train"
    assert split(texts, dev_size=dev_size).places() == [place] * 3


def test_dev_gets_its_share():
    places = split([f"{n * 7919} {content_id(str(n))}" for n in range(2000)], dev_size=0.1).places()
    assert places.count("dev") == pytest.approx(200, abs=50)


@pytest.mark.parametrize(
    ("doc", "reason"),
    [
        (make_doc("The app crashes.", {"bug": 1.0}), ""),
        (make_doc("The app crashes.", {"bug": 1.0}, verdicts=[KEEP, KEEP]), ""),
        (make_doc("The app crashes.", {"bug": 1.0}, verdicts=[KEEP, DROP]), DROPPED),
        (make_doc("GOLD text, indeed!", {"bug": 1.0}), LEAK),
        (make_doc("The app crashes."), NO_LABEL),
    ],
)
def test_reasons_to_leave_a_doc_out(doc, reason):
    splitter = split([], ["gold text indeed"])
    assert splitter.add(doc) == reason
    assert splitter.places() == (["out"] if reason else ["train"])


def test_unlabelled_doc_still_holds_its_group_together():
    texts = ["one two three four five six seven", "nine ten eleven twelve thirteen"]
    bridge = f"{texts[0]} {texts[1]}"
    pick = configure_labels("teacher", CONTRACT)
    splitter = Splitter(NearDuplicates(0.4), pick, dev_size=0.5, threshold=0.4)
    splitter.add(make_doc(texts[0], {"bug": 1.0}))
    splitter.add(make_doc(bridge))
    splitter.add(make_doc(texts[1], {"bug": 1.0}))
    first, bridged, second = splitter.places()
    assert (bridged, second) == ("out", first)


@pytest.mark.parametrize(
    ("content", "fraction"), [("0" * 16, 0.0), ("8" + "0" * 15, 0.5), ("f" * 16, 1.0)]
)
def test_hash_fraction(content, fraction):
    assert hash_fraction(content) == pytest.approx(fraction)
    assert hash_fraction(content) < 1.0
