import json
import os
import pickle
import shutil
import signal
import threading
from collections.abc import Iterable

import pytest
import spacy
from spacy.tokens import Doc
from spacy.vocab import Vocab
from spacy_llm.registry import registry

from spacy_distill.attrs import content_id, get_distill
from spacy_distill.curate.run import curate
from spacy_distill.errors import UserError
from spacy_distill.io import read_docs
from spacy_distill.teacher.shards import warn_once

from .test_shards import in_fork

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
TEXTCAT = {
    "@llm_tasks": "spacy.TextCat.v3",
    "labels": ["good", "bad"],
    "exclusive_classes": True,
}
NER = {"@llm_tasks": "spacy.NER.v2", "labels": ["person"]}
CURATE = """
[nlp]
lang = "en"
pipeline = ["curator"]

[components]

[components.curator]
factory = "distill_curator"

[components.curator.filters]

[components.curator.filters.unparsed]
@misc = "spacy-distill.unparsed_filter.v1"
"""


class Says:
    """Answers with what stands behind "say:" in the text, else "good"."""

    def __init__(self, context_length):
        self.context_length = context_length

    def __call__(self, prompts: Iterable[Iterable[str]]) -> Iterable[Iterable[str]]:
        for doc_prompts in prompts:
            texts = [prompt.split("'''")[-2] for prompt in doc_prompts]
            yield [text.split("say:")[1].strip() if "say:" in text else "good" for text in texts]


@registry.llm_models("test.Says.v1")
def says(context_length: int):
    return Says(context_length)


def add_llm(nlp, factory="llm", *, task=TEXTCAT, name="llm", context_length=10_000, **config):
    model = {"@llm_models": "test.Says.v1", "context_length": context_length}
    settings = {"save_io": factory == "llm", "validate_types": False, **config}
    nlp.add_pipe(factory, name=name, config={"task": task, "model": model, **settings})
    return nlp


def serve(path, factory="llm", *, shard_size=3, **config):
    nlp = add_llm(spacy.blank("en"), factory, **config)
    nlp.add_pipe("distill_collector", config={"path": str(path), "shard_size": shard_size})
    return nlp


def collected(nlp):
    collector = nlp.get_pipe("distill_collector")
    collector.close()
    return list(read_docs(collector.writer.folder, Vocab()))


def counts(nlp):
    return dict(nlp.get_pipe("distill_collector").writer.counts)


@pytest.fixture
def live(tmp_path):
    return tmp_path / "live"


@pytest.mark.parametrize("factory", ["llm", "distill_llm"])
def test_collector_keeps_audited_labels(live, factory):
    nlp = serve(live, factory)
    list(nlp.pipe(["one say: bad", "say: neither of them, I fear"]))
    good, unparsed = collected(nlp)
    assert dict(good.cats) == {"bad": 1.0, "good": 0.0}
    assert dict(unparsed.cats) == {}
    records = [get_distill(doc) for doc in (good, unparsed)]
    assert [record["n_ok"] for record in records] == [1, 0]
    assert [record["answers"][0]["outcome"] for record in records] == ["ok", "unparsed"]
    assert records[0]["answers"][0]["response"] == "bad"
    assert [record["id"] for record in records] == [
        content_id(good.text),
        content_id(unparsed.text),
    ]


@pytest.mark.parametrize("task", [TEXTCAT, NER])
@pytest.mark.parametrize("factory", ["llm", "distill_llm"])
def test_collector_changes_nothing_for_the_app(live, factory, task):
    texts = ["Anna say: person: Anna", "one say: bad", "say: I fear that neither is right"]
    without = add_llm(spacy.blank("en"), factory, task=task)
    nlp = serve(live, factory, task=task)
    for expected, doc in zip(without.pipe(texts), nlp.pipe(texts), strict=True):
        assert doc.to_bytes() == expected.to_bytes()
        assert doc.user_data == expected.user_data
    doc = without(texts[0])
    assert nlp.get_pipe("distill_collector")(doc) is doc
    assert doc.to_bytes() == without(texts[0]).to_bytes()
    assert counts(nlp) == {"kept": 4}


def test_collector_keeps_votes_as_they_are(live):
    nlp = serve(live, "distill_llm", samples=3)
    doc = nlp("one say: bad")
    (kept,) = collected(nlp)
    assert get_distill(kept)["agreement"] == 1.0
    assert len(get_distill(kept)["answers"]) == 3
    assert dict(kept.cats) == dict(doc.cats)


def test_collector_audits_every_shard_of_a_long_text(live):
    nlp = serve(live, context_length=130)
    nlp("word " * 60 + "say: bad")
    (kept,) = collected(nlp)
    assert len(get_distill(kept)["answers"]) > 1
    assert 0.0 < kept.cats["bad"] < 1.0
    assert sum(kept.cats.values()) == pytest.approx(1.0)


def test_collector_leaves_other_tasks_to_their_parser(live):
    nlp = serve(live, task=NER)
    nlp("Anna say: person: Anna")
    (kept,) = collected(nlp)
    assert {(ent.text, ent.label_) for ent in kept.ents} == {("Anna", "person")}
    (answer,) = get_distill(kept)["answers"]
    assert (answer["outcome"], answer["response"]) == ("ok", "person: Anna")
    assert get_distill(kept)["n_ok"] == 1


@pytest.mark.parametrize("task", [TEXTCAT, NER])
def test_collector_takes_no_error_for_an_answer(live, task):
    nlp = serve(live, task=task)
    nlp("Anna say: " + json.dumps({"error": "too many requests"}))
    (kept,) = collected(nlp)
    (answer,) = get_distill(kept)["answers"]
    assert (answer["outcome"], answer["reason"]) == ("failed", "too many requests")
    assert (get_distill(kept)["n_ok"], dict(kept.cats)) == (0, {})


def test_collector_drops_saved_io_that_the_answers_repeat(live):
    nlp = add_llm(spacy.blank("en"), task=NER, name="other")
    add_llm(nlp)
    nlp.add_pipe("distill_collector", config={"path": str(live), "component": "llm"})
    doc = nlp("one say: bad")
    (kept,) = collected(nlp)
    assert set(kept.user_data["llm_io"]) == {"other"}
    assert kept.user_data["llm_io"]["other"]["response"] == ("bad",)
    assert set(doc.user_data["llm_io"]) == {"llm", "other"}


def test_collector_keeps_the_context_but_no_secrets(live):
    nlp = serve(live)
    context = {"user": 7, "api_key": "k", "request": object(), 3: "no name"}
    ((_, after),) = nlp.pipe([("one", context)], as_tuples=True)
    (kept,) = collected(nlp)
    assert get_distill(kept)["meta"] == {"user": 7}
    assert after is context


def test_collector_leaves_out_user_data_that_cannot_be_stored(live, caplog):
    nlp = serve(live)
    for _ in range(2):
        doc = nlp.make_doc("one")
        doc.user_data.update(fine=[1, 2], lock=threading.Lock())
        doc = nlp.get_pipe("distill_collector")(nlp.get_pipe("llm")(doc))
        assert "lock" in doc.user_data
    kept, _ = collected(nlp)
    assert kept.user_data["fine"] == (1, 2)
    assert "lock" not in kept.user_data
    assert [record.getMessage() for record in caplog.records] == [
        "User data that a DocBin can't hold is not collected: ['lock']"
    ]


def test_collector_skips_docs_that_nobody_was_asked_about(live, caplog):
    nlp = serve(live)
    list(nlp.pipe(["one", "two"], disable=["llm"]))
    assert counts(nlp) == {"skipped": 2}
    assert not live.exists()
    assert caplog.text.count("has no answers of 'llm'") == 1


def test_collector_keeps_id_and_metadata_of_a_doc(live):
    nlp = serve(live, "distill_llm")
    doc = nlp.make_doc("one")
    get_distill(doc).update(id="0123456789abcdef", source="row-1", meta={"shop": "a"})
    nlp.get_pipe("distill_collector")(nlp.get_pipe("llm")(doc))
    record = get_distill(collected(nlp)[0])
    assert (record["id"], record["source"]) == ("0123456789abcdef", "row-1")
    assert record["meta"] == {"shop": "a"}


def test_collector_works_in_a_memory_zone(live):
    nlp = serve(live)
    with nlp.memory_zone():
        for doc in nlp.pipe(["unheardof", "neverseen"]):
            assert doc.cats["good"] == 1.0
    assert [doc.text for doc in collected(nlp)] == ["unheardof", "neverseen"]


def test_collector_serves_many_threads(live):
    nlp = serve(live)
    texts = [f"text {i}" for i in range(40)]
    threads = [threading.Thread(target=lambda n=n: [nlp(t) for t in texts[n::4]]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(doc.text for doc in collected(nlp)) == sorted(texts)
    assert counts(nlp) == {"kept": 40}


@pytest.mark.parametrize("factory", ["llm", "distill_llm"])
def test_collector_works_in_several_processes(live, factory):
    nlp = serve(live, factory)
    texts = [f"text {i}" for i in range(20)]
    assert [doc.text for doc in nlp.pipe(texts, n_process=2, batch_size=4)] == texts
    assert sorted(doc.text for doc in read_docs(live, Vocab())) == sorted(texts)
    assert {path.suffix for path in live.iterdir()} == {".spacy"}


def test_collector_loses_nothing_when_killed(live):
    def serve_until_killed():
        for i in range(4):
            nlp(f"text {i}")
        os.kill(os.getpid(), signal.SIGKILL)

    nlp = serve(live)
    assert in_fork(serve_until_killed) == -signal.SIGKILL
    assert [doc.text for doc in collected(nlp)] == [f"text {i}" for i in range(4)]


def test_collector_failure_does_not_reach_the_app(live, caplog):
    nlp = serve(live, shard_size=1)
    live.write_text("a file where the folder should be", encoding="utf8")
    assert [doc.cats["good"] for doc in nlp.pipe(["one", "two"])] == [1.0, 1.0]
    assert counts(nlp) == {"lost": 2}
    assert caplog.text.count("Docs are not collected") == 1
    live.unlink()
    nlp("three")
    assert [doc.text for doc in read_docs(live, Vocab())] == ["three"]
    assert counts(nlp) == {"lost": 2, "kept": 1}


def test_collector_survives_a_folder_that_goes_away(live):
    nlp = serve(live, shard_size=2)
    nlp("one")
    shutil.rmtree(live)
    nlp("two")
    assert [doc.text for doc in read_docs(live, Vocab())] == ["one", "two"]


def test_collected_shards_can_be_curated_while_the_app_serves(live, tmp_path):
    nlp = serve(live)
    config = tmp_path / "curate.cfg"
    config.write_text(CURATE, encoding="utf8")
    list(nlp.pipe(["one", "say: neither of them, I fear", "three say: bad", "not yet in a shard"]))
    curate(live, tmp_path / "curated", config_path=config)
    verdicts = {
        doc.text: get_distill(doc)["verdicts"][0]["keep"]
        for doc in read_docs(tmp_path / "curated", Vocab())
    }
    assert verdicts == {"one": True, "say: neither of them, I fear": False, "three say: bad": True}


def test_collector_loads_from_disk_without_writing(live, tmp_path):
    serve(live).to_disk(tmp_path / "saved")
    nlp = spacy.load(tmp_path / "saved")
    assert not live.exists()
    nlp.from_bytes(nlp.to_bytes())
    nlp("one")
    assert [doc.text for doc in collected(nlp)] == ["one"]


def test_collector_pickles(live):
    nlp = serve(live, "distill_llm")
    doc = nlp("one")
    copy = pickle.loads(pickle.dumps(nlp.get_pipe("distill_collector")))
    copy(doc)
    copy.close()
    assert [doc.text for doc in read_docs(live, Vocab())] == ["one"]
    assert len(collected(nlp)) == 2


def test_collector_finds_the_only_llm(live):
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    add_llm(nlp, name="classify")
    nlp.add_pipe("distill_collector", config={"path": str(live), "max_seconds": 5})
    nlp("one")
    assert get_distill(collected(nlp)[0])["n_ok"] == 1


@pytest.mark.parametrize(
    ("llms", "config", "message"),
    [
        ({}, {}, r"no LLM component among \[\]; add it before"),
        ({"a": True, "b": True}, {}, r"several LLM components, \['a', 'b'\]; name one"),
        ({"a": True}, {"component": "b"}, r"'b' does not stand before it; the pipeline has \['a'"),
        ({"a": False}, {}, r"'a' does not keep the answers; set `save_io = true`"),
        ({"a": True}, {"shard_size": 0}, "shard_size = 0"),
    ],
)
def test_collector_refuses_a_pipeline_without_answers(live, llms, config, message):
    nlp = spacy.blank("en")
    for name, save_io in llms.items():
        add_llm(nlp, name=name, save_io=save_io)
    with pytest.raises(UserError, match=message):
        nlp.add_pipe("distill_collector", config={"path": str(live), **config})


def test_collector_refuses_a_component_that_is_no_llm(live):
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    config = {"path": str(live), "component": "sentencizer"}
    with pytest.raises(UserError, match="'sentencizer' is no LLM component"):
        nlp.add_pipe("distill_collector", config=config)


def test_collector_refuses_a_file(live):
    live.write_text("", encoding="utf8")
    with pytest.raises(UserError, match="is a file; name a folder"):
        serve(live)


def test_reading_a_doc_leaves_no_record_on_it(live):
    nlp = serve(live)
    doc = Doc(nlp.vocab, words=["one"])
    nlp.get_pipe("distill_collector")(doc)
    assert doc.user_data == {}


def test_collector_keeps_no_secrets_of_the_apps_user_data(live):
    if not Doc.has_extension("api_key"):
        Doc.set_extension("api_key", default=None)
    nlp = serve(live)
    doc = nlp.make_doc("good")
    doc.user_data["password"] = "hunter2hunter2"
    doc.user_data["request"] = ({"authorization": "Bearer abcdefgh1234"}, "kept")
    doc._.api_key = "sk-abcdefgh1234"
    nlp(doc)
    nlp.get_pipe("distill_collector").close()
    (kept,) = read_docs(live, Vocab())
    assert "hunter2" not in str(kept.user_data)
    assert "abcdefgh1234" not in str(kept.user_data)
    assert kept.user_data["request"] == ({}, "kept")


def test_same_trouble_with_other_files_is_logged_once(caplog):
    for number in range(3):
        warn_once("some folder: no", OSError(28, "No space", f"/tmp/{number}"))
    warn_once("some folder: no", PermissionError(13, "Denied", "/tmp/4"))
    assert len(caplog.records) == 2
