import json
import pickle
import random

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy_llm.registry import registry

from spacy_distill.attrs import content_id, get_distill
from spacy_distill.errors import UserError
from spacy_distill.shingles import normalize_text
from spacy_distill.tasks.fewshot.nearest import TextIndex
from spacy_distill.tasks.fewshot.similar import best, create_similar_examples, diverse
from spacy_distill.tasks.fewshot.ty import ExamplePicker

NLP = spacy.blank("en")
POOL = [
    {"text": "The delivery was late again, after two weeks.", "label": "delivery"},
    {"text": "My parcel never came; the delivery firm knows nothing.", "label": "delivery"},
    {"text": "Delivery took three weeks.", "label": "delivery"},
    {"text": "I was charged twice for one order.", "label": "billing"},
    {"text": "Please refund the order that you charged me for.", "label": "billing"},
    {"text": "Great camera, and the battery lasts.", "label": "praise"},
    {"text": "I love the camera of this phone.", "label": "praise"},
]


@pytest.fixture
def make_pool(tmp_path):
    def make(rows=POOL):
        path = tmp_path / "pool.jsonl"
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf8")
        return str(path)

    return make


def texts(picked):
    return [example.text for example in picked]


def test_it_is_registered_as_a_picker(make_pool):
    create = registry.misc.get("spacy-distill.similar_examples.v1")
    assert isinstance(create(make_pool()), ExamplePicker)


def test_nearest_text_stands_last(make_pool):
    picker = create_similar_examples(make_pool(), n_examples=3, per_label=3)
    picked = picker.pick(NLP.make_doc("Does the camera have a good battery?"))
    assert picked[-1].text == "Great camera, and the battery lasts."
    assert picked[-1].labels == ("praise",)
    assert len(picked) == 3


def test_labels_take_turns(make_pool):
    doc = NLP.make_doc("The delivery was late, the parcel took two weeks.")
    similar = create_similar_examples(make_pool(), n_examples=3, per_label=3).pick(doc)
    turns = create_similar_examples(make_pool(), n_examples=3, per_label=1).pick(doc)
    assert [example.labels[0] for example in similar] == ["delivery"] * 3
    assert sorted(example.labels[0] for example in turns) == ["billing", "delivery", "praise"]


@pytest.mark.parametrize(
    "text",
    [
        "I love the camera of this phone.",
        "i LOVE the camera\nof this phone!!",
        "I love the camera of this phone, I do",
    ],
)
def test_text_is_never_shown_its_own_gold(make_pool, text):
    picked = create_similar_examples(make_pool(), n_examples=50).pick(NLP.make_doc(text))
    assert len(picked) == len(POOL) - 1
    assert "I love the camera of this phone." not in texts(picked)


def test_every_text_of_the_pool_is_shown_all_others(make_pool):
    rows = [{"text": f"word{i} common{i % 3}", "label": f"{i % 4}"} for i in range(40)]
    picker = create_similar_examples(make_pool(rows), n_examples=40)
    for row in rows:
        assert sorted([*texts(picker.pick(NLP.make_doc(row["text"]))), row["text"]]) == sorted(
            other["text"] for other in rows
        )


def test_shard_is_not_shown_the_gold_of_the_whole_text(make_task, make_pool):
    long = "An opening about the weather. " + "The camera of this phone is great. " * 30
    picker = create_similar_examples(make_pool([*POOL, {"text": long, "label": "praise"}]), 50)
    task = make_task(["delivery", "billing", "praise"], examples=picker)
    ((prompts, shards),) = task.generate_prompts([NLP.make_doc(long)], context_length=330)
    assert len(shards) > 1
    for prompt, shard in zip(prompts, shards, strict=True):
        assert prompt.count("Answer: ") == len(POOL)
        assert long.strip() not in prompt
        assert shard.text in prompt


def test_picks_are_the_same_in_every_run(make_pool):
    doc = NLP.make_doc("Something else entirely")
    first, second = (create_similar_examples(make_pool(), 4).pick(doc) for _ in range(2))
    copied = pickle.loads(pickle.dumps(create_similar_examples(make_pool(), 4)))
    assert first == second == copied.pick(doc)
    assert len(first) == 4


def test_pool_may_be_a_corpus_with_gold(make_corpus):
    path = make_corpus({"A late delivery.": ["delivery"], "No gold.": None, "Neither.": []})
    picked = create_similar_examples(str(path)).pick(NLP.make_doc("Delivery?"))
    assert picked == [("Neither.", ()), ("A late delivery.", ("delivery",))]


def test_doc_is_known_by_its_id(make_corpus):
    path = make_corpus({"A late delivery.": ["delivery"], "Other.": ["praise"]})
    doc = NLP.make_doc("Quite another text by now")
    assert len(create_similar_examples(str(path)).pick(doc)) == 2
    get_distill(doc)["id"] = content_id("A late delivery.")
    assert texts(create_similar_examples(str(path)).pick(doc)) == ["Other."]


def test_several_labels_in_jsonl(make_task, make_pool):
    rows = [{"text": "Both.", "labels": ["good", "bad"]}, {"text": "Neither.", "labels": []}]
    ((prompts, _),) = make_task(examples=create_similar_examples(make_pool(rows))).generate_prompts(
        [NLP.make_doc("What?")]
    )
    assert 'Both.\n\'\'\'\nAnswer: {"labels": ["good", "bad"]}' in prompts[0]
    assert "Neither.\n'''\nAnswer: {\"labels\": []}" in prompts[0]


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        ([], "holds no gold"),
        ([{"text": "x"}], r"pool.jsonl, line 1: .*\"label\""),
        ([{"text": "x", "label": "a"}, {"label": "a"}], "line 2"),
        ([{"text": "x", "label": 3}], "line 1"),
        ([["x"]], "line 1"),
    ],
)
def test_malformed_pool_is_refused(make_pool, rows, match):
    with pytest.raises(UserError, match=match):
        create_similar_examples(make_pool(rows)).pick(NLP.make_doc("x"))


def test_broken_json_is_refused(make_pool, tmp_path):
    path = make_pool()
    (tmp_path / "pool.jsonl").write_text("{nonsense", encoding="utf8")
    with pytest.raises(UserError, match=r"pool\.jsonl"):
        create_similar_examples(path).pick(NLP.make_doc("x"))


def test_missing_pool_is_named_at_the_first_prompt(tmp_path):
    picker = create_similar_examples(str(tmp_path / "none.jsonl"))
    with pytest.raises(FileNotFoundError, match=r"none\.jsonl"):
        picker.pick(NLP.make_doc("x"))


@pytest.mark.parametrize("setting", ["n_examples", "per_label"])
def test_numbers_must_be_positive(setting):
    with pytest.raises(UserError, match=f"{setting} = 0"):
        create_similar_examples("pool.jsonl", **{setting: 0})


@pytest.mark.parametrize(
    ("settings", "row"),
    [
        ({"exclusive_classes": True}, {"text": "x", "labels": ["good", "bad"]}),
        ({"exclusive_classes": True}, {"text": "x", "labels": []}),
        ({}, {"text": "x", "labels": ["superb"]}),
    ],
)
def test_gold_that_is_no_answer_is_refused(make_task, make_pool, settings, row):
    task = make_task(examples=create_similar_examples(make_pool([row])), **settings)
    with pytest.raises(UserError, match='"x" has the gold labels'):
        list(task.generate_prompts([NLP.make_doc("What?")]))


def test_pool_is_masked_like_the_texts(make_task, make_pool):
    class Masked:
        def __init__(self, doc):
            self.doc = NLP.make_doc(doc.text.replace("Bob", "[NAME_1]"))

    class Mask:
        mask = Masked

    rows = [{"text": "Bob is great.", "label": "good"}, {"text": "Bob is so bad.", "label": "bad"}]
    task = make_task(examples=create_similar_examples(make_pool(rows)))
    task.mask_examples(Mask())
    ((prompts, _),) = task.generate_prompts([NLP.make_doc("[NAME_1] is great.")])
    assert "[NAME_1] is so bad." in prompts[0]
    assert prompts[0].count("[NAME_1] is great.") == 1
    assert "Bob" not in prompts[0]


WORDS = st.lists(st.text("abc é中", max_size=12), min_size=1, max_size=6)


@given(WORDS, st.text("abc é中", max_size=12))
def test_similarity_is_that_of_the_vectors_written_out(pool, text):
    pool = [normalize_text(x) for x in pool]
    scores = TextIndex(pool).similarities(normalize_text(text))
    assert np.allclose(scores, written_out(pool, normalize_text(text)), atol=1e-5)


def written_out(pool, text):
    grams = [
        {f" {w} "[i : i + 4] for w in x.split() for i in range(max(len(w) - 1, 1))} for x in pool
    ]
    asked = {f" {w} "[i : i + 4] for w in text.split() for i in range(max(len(w) - 1, 1))}
    counts = {gram: sum(gram in other for other in grams) for other in grams for gram in other}
    idf = {gram: np.log((1 + len(pool)) / (1 + n)) + 1 for gram, n in counts.items()}
    scores = []
    for other in grams:
        dot = sum(idf[gram] ** 2 for gram in asked & other)
        norm = np.sqrt(
            sum(idf[gram] ** 2 for gram in other) * sum(idf[g] ** 2 for g in asked if g in idf)
        )
        scores.append(dot / norm if norm else 0.0)
    return scores


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40), st.integers(1, 50))
def test_best_are_in_order_and_the_first_among_equals(scores, n):
    ranked = best(np.array(scores, float), n)
    expected = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
    assert ranked[:n] == expected[:n]


@given(
    st.lists(st.lists(st.sampled_from("abc"), unique=True), max_size=30),
    st.integers(1, 10),
    st.integers(1, 3),
)
def test_no_label_comes_again_while_another_waits(labels, n, per_label):
    chosen = diverse(labels, n, per_label)
    assert len(chosen) == min(n, len(labels))
    assert chosen == sorted(set(chosen))
    singles = [names[0] for names in labels if len(names) == 1]
    if len(singles) == len(labels):
        taken = [labels[place][0] for place in chosen]
        for label in set(singles):
            if taken.count(label) > per_label:
                waiting = [x for x in set(singles) - {label} if singles.count(x) > taken.count(x)]
                assert all(taken.count(x) >= per_label for x in waiting)


def test_more_of_a_pool_is_more_of_the_right_labels(make_pool):
    """Words of three topics: the picked examples are of the text's topic more often than chance."""
    chance = random.Random(0)
    topics = {name: [f"{name}{i}" for i in range(30)] for name in ("sport", "music", "food")}
    rows = [
        {"text": " ".join(chance.sample(topics[name], 6)), "label": name}
        for name in topics
        for _ in range(40)
    ]
    picker = create_similar_examples(make_pool(rows), n_examples=5, per_label=5)
    hits = [
        example.labels == (name,)
        for name in topics
        for example in picker.pick(NLP.make_doc(" ".join(chance.sample(topics[name], 6))))
    ]
    assert sum(hits) >= 14
