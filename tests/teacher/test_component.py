import pytest
import spacy
from confection import Config
from spacy.util import load_model_from_config

from spacy_distill.attrs import get_distill
from spacy_distill.errors import UserError
from spacy_distill.teacher.pipeline import load_teacher

from .conftest import CONFIG


@pytest.fixture
def nlp(http_config, tmp_path):
    return load_teacher(http_config, "llm", store_path=tmp_path / "a.sqlite")


def test_component_labels_a_stream_in_order(nlp):
    docs = list(nlp.pipe(["one say: bad", "two", "three say: bad"]))
    assert [doc.text for doc in docs] == ["one say: bad", "two", "three say: bad"]
    assert [max(doc.cats, key=doc.cats.get) for doc in docs] == ["bad", "good", "bad"]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("", "empty"),
        ("  \n ", "empty"),
        ("fail", "failed"),
        ("say: The label is bad, I think.", "unparsed"),
        ("say: ugly", "outside"),
        ("say: good, bad", "several"),
        ("say: I'm sorry, I can't do that", "refused"),
        ("say:", "unparsed"),
    ],
)
def test_component_leaves_the_label_absent(nlp, text, outcome):
    before, doc, after = nlp.pipe(["fine", text, "fine too"])
    assert before.cats == after.cats == {"bad": 0.0, "good": 1.0}
    assert dict(doc.cats) == {}
    (answer,) = get_distill(doc)["answers"]
    assert (answer["outcome"], get_distill(doc)["n_ok"]) == (outcome, 0)
    assert answer["reason"]


def test_component_keeps_text_identity_and_user_data(nlp):
    doc = nlp.make_doc("Some  text\n\nwith 👍 space ")
    doc.user_data["mine"] = 1
    labelled = nlp.get_pipe("llm")(doc)
    assert labelled is doc
    assert doc.user_data["mine"] == 1


def test_component_asks_for_equal_texts_once(nlp, teacher):
    list(nlp.pipe(["same", "same", "other"]))
    assert teacher.delivered == {"same": 1, "other": 1}


def test_component_shards_vote_by_length(teacher, tmp_path, model_file):
    spacy.util.import_file("http_model", model_file)
    path = tmp_path / "sharded.cfg"
    model = f'@llm_models = "test.Http.v1"\nurl = "{teacher.url}"'
    path.write_text(CONFIG.format(model=model), encoding="utf8")
    nlp = load_teacher(path, "llm", store_path=tmp_path / "b.sqlite")
    pipe = nlp.get_pipe("llm")
    pipe.answer_model.context_length = 130
    text = "word " * 60 + "say: bad"
    doc = nlp(text)
    assert doc.text == text
    assert len(get_distill(doc)["answers"]) > 1
    assert 0.0 < doc.cats["bad"] < 1.0
    assert sum(doc.cats.values()) == pytest.approx(1.0)


def test_component_works_in_a_plain_app(http_config, tmp_path):
    text = http_config.read_text(encoding="utf8").replace(
        '"llm"\n\n[comp', '"distill_llm"\n\n[comp'
    )
    nlp = load_model_from_config(Config().from_str(text), auto_fill=True)
    good, bad = nlp.pipe(["fine", "fail"])
    assert good.cats["good"] == 1.0
    assert dict(bad.cats) == {}


def test_component_save_io_keeps_prompt_and_response(http_config, tmp_path):
    text = http_config.read_text(encoding="utf8")
    path = tmp_path / "save.cfg"
    path.write_text(text.replace('factory = "llm"', 'factory = "llm"\nsave_io = true'), "utf8")
    doc = load_teacher(path, "llm", store_path=tmp_path / "a.sqlite")("one say: bad")
    io = doc.user_data["llm_io"]["llm"]
    assert "one say: bad" in io["prompt"][0]
    assert io["response"] == ["bad"]


def test_component_runs_other_tasks_with_their_own_parser(teacher, tmp_path, model_file):
    spacy.util.import_file("http_model", model_file)
    text = CONFIG.format(model=f'@llm_models = "test.Http.v1"\nurl = "{teacher.url}"')
    text = text.replace("spacy.TextCat.v3", "spacy.NER.v2").replace(
        "exclusive_classes = true\n", ""
    )
    path = tmp_path / "ner.cfg"
    path.write_text(text, encoding="utf8")
    nlp = load_teacher(path, "llm", store_path=tmp_path / "a.sqlite")
    found, failed = nlp.pipe(["Anna met Ben say: GOOD: Anna", "fail"])
    assert next((ent.text, ent.label_) for ent in found.ents) == ("Anna", "good")
    assert get_distill(failed)["answers"][0]["outcome"] == "failed"


def test_component_refuses_no_samples(http_config, tmp_path):
    with pytest.raises(UserError, match="samples = 0"):
        load_teacher(http_config, "llm", store_path=tmp_path / "a.sqlite", samples=0)
