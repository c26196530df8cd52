import json

import pytest
from spacy_llm.util import assemble

from spacy_distill.attrs import content_id, get_distill
from spacy_distill.errors import UserError
from spacy_distill.io import write_docs
from spacy_distill.teacher.label import label
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.ty import Request

from .conftest import FAKE


def test_saved_answers_become_labels(ask, save, reap):
    report, docs, rejects = reap("llm-io", save(ask(["fine", "say: bad"])))
    assert {text: doc.cats for text, doc in docs.items()} == {
        "fine": {"good": 1.0, "bad": 0.0},
        "say: bad": {"good": 0.0, "bad": 1.0},
    }
    assert rejects == []
    assert report.n_stored == 2


def test_doc_is_as_label_writes_it(ask, save, reap):
    _, docs, _ = reap("llm-io", save(ask(["fine"])))
    record = get_distill(docs["fine"])
    assert record["id"] == content_id("fine")
    assert record["source"] == "docs.spacy:1"
    assert record["n_ok"] == 1
    assert record["copies"] == 1
    assert [answer["outcome"] for answer in record["answers"]] == ["ok"]
    assert "llm_io" not in docs["fine"].user_data


def test_unparsed_answer_leaves_the_label_absent(ask, save, reap):
    report, docs, _ = reap("llm-io", save(ask(["say: The label is bad."])))
    assert docs["say: The label is bad."].cats == {}
    assert report.outcomes == {"unparsed": 1}
    assert report.n_labelled == 0


def test_label_asks_nothing_that_was_harvested(ask, save, make_config, tmp_path, reap):
    config = make_config(model='@llm_models = "test.Fake.v1"')
    reap("llm-io", save(ask(["fine", "say: bad"])), teacher=config)
    reports = label(
        config, [tmp_path / "out"], tmp_path / "labelled", store_path=tmp_path / "answers.sqlite"
    )
    assert reports[0].requests["stored"] == 2
    assert reports[0].requests.get("asked", 0) == 0


def test_answers_carry_a_tag(ask, save, reap, tmp_path, prompt_of):
    reap("llm-io", save(ask(["fine"])))
    with AnswerStore(tmp_path / "answers.sqlite") as store:
        params = {"base_url": "https://api.openai.com/v1", "temperature": 0.0}
        found = store.get(Request(prompt_of("fine")), "gpt-4o-mini", params)
        assert found is not None
        assert found.response == "good"
        assert [total.answers for total in store.totals({"harvested": "llm-io"})] == [1]


def test_gold_and_source_of_a_doc_stay(ask, save, reap):
    docs = ask(["fine"])
    get_distill(docs[0]).update(source="row-7", gold=["bad"], meta={"a": 1}, n_ok=5)
    _, found, _ = reap("llm-io", save(docs))
    record = get_distill(found["fine"])
    assert record["source"] == "row-7"
    assert list(record["gold"]) == ["bad"]
    assert record["n_ok"] == 1


def test_same_text_twice_is_one_doc_that_votes(ask, save, reap):
    docs = ask(["fine", "fine"])
    docs[1].user_data["llm_io"]["llm"]["response"] = ["bad"]
    report, found, _ = reap("llm-io", save(docs))
    assert found["fine"].cats == {"good": 0.5, "bad": 0.5}
    assert get_distill(found["fine"])["copies"] == 2
    assert report.n_stored == 2


def test_answer_to_another_labels_prompt_is_rejected(ask, save, reap):
    docs = [*ask(["fine"]), *ask(["nice"], labels='["good", "evil"]')]
    report, found, rejects = reap("llm-io", save(docs))
    assert list(found) == ["fine"]
    assert report.rejects == {"other prompt": 1}
    assert rejects[0]["line"] == 2
    assert "evil" in rejects[0]["detail"]


def test_answer_that_was_put_on_another_text_is_rejected(ask, save, reap):
    one, two = ask(["fine", "nice"])
    two.user_data["llm_io"] = one.user_data["llm_io"]
    report, found, _ = reap("llm-io", save([one, two]))
    assert list(found) == ["fine"]
    assert report.rejects == {"text not in the prompt": 1}


BAD_IO = [
    (None, "no saved answer"),
    ({"other": {"prompt": ["p"], "response": ["r"]}}, "no saved answer"),
    ({"llm": {"prompt": [], "response": []}}, "no saved answer"),
    ({"llm": {"prompt": ["a", "b"], "response": ["r"]}}, "malformed answer"),
    ({"llm": {"prompt": [1], "response": ["r"]}}, "malformed answer"),
    ({"llm": "text"}, "malformed answer"),
]


def test_every_bad_doc_is_rejected_and_the_others_go_on(ask, save, reap):
    docs = ask([*(f"odd {i}" for i in range(len(BAD_IO))), "fine"])
    for doc, (io, _) in zip(docs, BAD_IO, strict=False):
        doc.user_data["llm_io"] = io
    _, found, rejects = reap("llm-io", save(docs))
    assert list(found) == ["fine"]
    assert [x["reason"] for x in rejects] == [reason for _, reason in BAD_IO]
    assert [x["row"] for x in rejects] == [f"odd {i}" for i in range(len(BAD_IO))]


def test_json_strings_are_read_as_lists(ask, save, reap):
    docs = ask(["fine"])
    io = docs[0].user_data["llm_io"]["llm"]
    docs[0].user_data["llm_io"] = {"llm": {key: json.dumps(list(io[key])) for key in io}}
    _, found, _ = reap("llm-io", save(docs))
    assert found["fine"].cats["good"] == 1.0


def test_error_of_a_lenient_model_is_no_answer(ask, save, reap):
    docs = ask(["fine"])
    docs[0].user_data["llm_io"]["llm"]["response"] = ['{"error": "Rate limited"}']
    report, found, _ = reap("llm-io", save(docs))
    assert found["fine"].cats == {}
    assert report.outcomes == {"failed": 1}
    assert report.n_stored == 0


def test_cut_file_is_a_reject(ask, save, reap, tmp_path):
    whole = save(ask(["fine"]))
    (tmp_path / "cut.spacy").write_bytes(whole.read_bytes()[:50])
    report, found, _ = reap("llm-io", tmp_path / "cut.spacy", whole)
    assert list(found) == ["fine"]
    assert report.rejects == {"unreadable file": 1}


def test_folder_of_shards_is_read(ask, reap, tmp_path):
    write_docs(ask(["fine", "say: bad", "nice"]), tmp_path / "shards", shard_size=2)
    _, found, _ = reap("llm-io", tmp_path / "shards")
    assert len(found) == 3


def test_nothing_usable_is_an_error_and_leaves_the_rejects(ask, save, reap, tmp_path):
    docs = ask(["fine"])
    del docs[0].user_data["llm_io"]
    with pytest.raises(UserError, match=r"No row of 1 can be used: \{'no saved answer': 1\}"):
        reap("llm-io", save(docs))
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "rejects.jsonl").read_text(encoding="utf8").count("\n") == 1


def test_recording_as_teacher_stores_nothing(recorded, reap, tmp_path, make_config, ask, save):
    model = '@llm_models = "spacy-distill.Replay.v1"\npath = "missing.jsonl"'
    report, found, _ = reap("llm-io", save(ask(["fine"])), teacher=make_config(model=model))
    assert found["fine"].cats["good"] == 1.0
    assert report.not_stored == {"the config's model is none that is asked": 1}
    assert not (tmp_path / "answers.sqlite").exists()


def test_label_map_applies(ask, save, reap):
    _, found, _ = reap("llm-io", save(ask(["fine"])), label_map={"good": "positive"})
    assert found["fine"].cats == {"positive": 1.0, "bad": 0.0}


def test_other_tasks_are_left_to_their_parser(tmp_path, save, reap):
    config = tmp_path / "ner.cfg"
    config.write_text(
        '[nlp]\nlang = "xx"\npipeline = ["llm"]\n[components]\n[components.llm]\nfactory = "llm"\n'
        'save_io = true\n[components.llm.task]\n@llm_tasks = "spacy.NER.v2"\nlabels = ["PERSON"]\n'
        '[components.llm.model]\n@llm_models = "test.Names.v1"\n',
        encoding="utf8",
    )
    docs = list(assemble(config).pipe(["Ada met Bob."]))
    _, found, _ = reap("llm-io", save(docs), teacher=config)
    assert [(x.text, x.label_) for x in found["Ada met Bob."].ents] == [
        ("Ada", "PERSON"),
        ("Bob", "PERSON"),
    ]


def test_shards_of_a_long_text_stand_together(ask, save, reap, make_config):
    model = FAKE + "\ncontext_length = 150"
    text = " ".join(f"word{i}" for i in range(150))
    docs = ask([text], model=model)
    assert len(docs[0].user_data["llm_io"]["llm"]["prompt"]) > 1
    report, found, _ = reap("llm-io", save(docs), teacher=make_config(model=model))
    assert found[text].cats == {"good": 1.0, "bad": 0.0}
    assert report.n_stored == len(docs[0].user_data["llm_io"]["llm"]["prompt"])


def test_teacher_that_masks_stores_nothing(ask, save, reap, config, tmp_path):
    text = config.read_text(encoding="utf8").replace('factory = "llm"', 'factory = "distill_llm"')
    mask = '\n[components.llm.mask]\n@misc = "spacy-distill.pii_mask.v1"\nregions = []\n'
    config.write_text(text + mask, encoding="utf8")
    report, found, _ = reap("llm-io", save(ask(["fine"])), teacher=config)
    assert found["fine"].cats["good"] == 1.0
    assert list(report.not_stored.values()) == [1]
    assert not (tmp_path / "answers.sqlite").exists()
