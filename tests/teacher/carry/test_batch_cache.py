"""Cache folders made by spacy-llm itself, with its faults."""

import pytest

from spacy_distill.errors import UserError
from spacy_distill.teacher.carry.batch_cache import COLLIDING
from spacy_distill.teacher.carry.settle import LABELS_ONLY, NOTHING_SAID


def test_cached_answers_become_labels(ask, reap, tmp_path):
    ask(["fine", "say: bad"], cache=tmp_path / "cache")
    report, docs, _ = reap("batch-cache", tmp_path / "cache")
    assert {text: doc.cats["bad"] for text, doc in docs.items()} == {"fine": 0.0, "say: bad": 1.0}
    assert report.n_stored == 2


def test_texts_with_the_same_key_keep_their_own_answers(ask, reap, tmp_path):
    texts = ["man bites dog say: bad", "bad say: dog bites man"]
    docs = ask([texts[0], "between", texts[1]], cache=tmp_path / "cache", size=3)
    assert docs[2].cats == {"good": 0.0, "bad": 0.0}  # asked together, so both were asked
    report, found, _ = reap("batch-cache", tmp_path / "cache")
    assert found[texts[0]].cats == {"good": 0.0, "bad": 1.0}
    assert found[texts[1]].cats == {}
    assert report.notes[COLLIDING] == 1


def test_answer_served_for_another_text_is_not_imported_for_it(ask, save, reap, tmp_path):
    first, second = "man bites dog", "dog bites man"
    ask([first], cache=tmp_path / "cache")
    served = ask([second], cache=tmp_path / "cache")
    assert served[0].text == first  # the fault of the cache
    _, found, _ = reap("batch-cache", tmp_path / "cache")
    assert list(found) == [first]


def test_labels_changed_under_the_same_template_are_rejected_by_prompt(ask, reap, tmp_path):
    ask(["old"], cache=tmp_path / "cache", labels='["spam", "ham"]')
    ask(["fine"], cache=tmp_path / "cache")
    report, found, _ = reap("batch-cache", tmp_path / "cache")
    assert list(found) == ["fine"]
    assert report.rejects == {"other prompt": 1}


def test_labels_changed_under_the_same_template_are_rejected_by_labels(ask, reap, tmp_path):
    ask(["old"], cache=tmp_path / "cache", labels='["spam", "ham"]', save_io="false")
    ask(["fine"], cache=tmp_path / "cache", save_io="false")
    report, found, _ = reap("batch-cache", tmp_path / "cache")
    assert list(found) == ["fine"]
    assert report.rejects == {"other labels": 1}
    assert report.n_stored == 0


@pytest.mark.parametrize(
    ("text", "exclusive", "cats", "note"),
    [
        ("fine", "true", {"good": 1.0, "bad": 0.0}, LABELS_ONLY),
        ("say: It is good.", "true", {}, NOTHING_SAID),
        ("say: good, bad", "false", {"good": 1.0, "bad": 1.0}, LABELS_ONLY),
        ("say: ==NONE==", "false", {}, NOTHING_SAID),
    ],
)
def test_labels_without_answers(ask, reap, tmp_path, make_config, text, exclusive, cats, note):
    ask([text], cache=tmp_path / "cache", save_io="false", exclusive=exclusive)
    report, found, _ = reap(
        "batch-cache", tmp_path / "cache", teacher=make_config(exclusive=exclusive)
    )
    assert found[text].cats == cats
    assert report.notes == {note: 1}
    assert report.n_labelled == bool(cats)


def test_labels_of_another_template_are_rejected(ask, reap, tmp_path):
    ask(["fine"], cache=tmp_path / "cache", save_io="false")
    (tmp_path / "cache" / "prompt_template.txt").write_text("{{ text }}", encoding="utf8")
    with pytest.raises(UserError, match="other template"):
        reap("batch-cache", tmp_path / "cache")


def test_a_file_is_no_cache(ask, save, reap):
    with pytest.raises(UserError, match="no folder"):
        reap("batch-cache", save(ask(["fine"])))
