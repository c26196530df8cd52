import pytest
from spacy.util import load_config

from spacy_distill.cli.app import distill_app
from spacy_distill.errors import UserError
from spacy_distill.io import read_json
from spacy_distill.teacher.label import label
from spacy_distill.teacher.plan import plan

from .conftest import CONFIG

TEXTS = ["fine thing", "say: bad", "fine thing indeed", " "]


@pytest.fixture
def corpora(make_corpus):
    return [make_corpus(TEXTS), make_corpus(["a gold text", "fine thing"], "gold")]


@pytest.fixture
def unbuilt_config(tmp_path):
    """A config whose model is not even registered: building it would fail."""
    path = tmp_path / "unbuilt.cfg"
    model = '@llm_models = "nobody.HasThis.v1"\nname = "big"\napi_key = "sk-verysecretindeed"'
    path.write_text(CONFIG.format(model=model), encoding="utf8")
    return path


def test_model_is_never_built(unbuilt_config, corpora, tmp_path):
    found = plan(unbuilt_config, corpora, store_path=tmp_path / "answers.sqlite")
    assert [one.n_new for one in found.corpora] == [3, 1]
    assert (found.model, found.params) == ("nobody.HasThis.v1", {"name": "big"})
    assert not (tmp_path / "answers.sqlite").exists()


def test_counts_add_up(unbuilt_config, corpora, tmp_path):
    texts, gold = plan(
        unbuilt_config, corpora, store_path=tmp_path / "answers.sqlite", samples=2
    ).corpora
    assert (texts.n_docs, texts.n_empty, texts.n_calls, texts.n_new) == (4, 1, 6, 6)
    assert (gold.n_docs, gold.n_calls, gold.n_repeated, gold.n_new) == (2, 4, 2, 2)


def test_characters_are_those_of_the_prompts(unbuilt_config, corpora, tmp_path):
    found = plan(unbuilt_config, corpora[:1], store_path=tmp_path / "a.sqlite", n_shown=9)
    assert len(found.prompts) == 3
    assert found.corpora[0].n_chars == sum(map(len, found.prompts))
    assert found.forecasts.basis == "characters"
    rough = found.forecasts.total.prompt_tokens
    assert (rough.value, rough.low) == (-(-found.corpora[0].n_chars // 4), None)


def test_shown_prompts_are_the_first(unbuilt_config, corpora, tmp_path):
    found = plan(unbuilt_config, corpora, store_path=tmp_path / "answers.sqlite", n_shown=2)
    assert [prompt.rsplit("'''", 2)[1].strip() for prompt in found.prompts] == [
        "fine thing",
        "say: bad",
    ]


def test_what_label_has_stored_is_found_again(http_config, corpora, tmp_path, teacher):
    store = tmp_path / "answers.sqlite"
    label(http_config, corpora[:1], tmp_path / "out", store_path=store)
    asked = teacher.delivered.total()
    found = plan(http_config, corpora, store_path=store)
    assert [(one.n_stored, one.n_new) for one in found.corpora] == [(3, 0), (0, 1)]
    assert found.corpora[0].n_chars == 0
    assert teacher.delivered.total() == asked


def test_failures_would_be_asked_again(http_config, make_corpus, tmp_path):
    corpus, store = make_corpus(["fail here", "fine"]), tmp_path / "answers.sqlite"
    label(http_config, [corpus], tmp_path / "out", store_path=store)
    (found,) = plan(http_config, [corpus], store_path=store).corpora
    assert (found.n_stored, found.n_new) == (1, 1)


def test_plan_asks_as_many_questions_as_label(http_config, make_corpus, tmp_path, teacher):
    corpus = make_corpus(["one", "two", "one more", "two"])
    (found,) = plan(http_config, [corpus], store_path=tmp_path / "a.sqlite").corpora
    label(http_config, [corpus], tmp_path / "out", store_path=tmp_path / "a.sqlite")
    assert teacher.delivered.total() == found.n_new == 3


def test_own_model_tells_its_identity_inside_stored(tmp_path, corpora):
    model = f"""@llm_models = "spacy-distill.Stored.v1"
path = "{(tmp_path / "own.sqlite").as_posix()}"

[components.llm.model.model]
@llm_models = "spacy-distill.ChatModel.v1"
model = "m"
base_url = "http://127.0.0.1:9"
context_length = 1000
"""
    path = tmp_path / "stored.cfg"
    path.write_text(CONFIG.format(model=model), encoding="utf8")
    found = plan(path, corpora, store_path="elsewhere.sqlite")
    assert (found.model, found.params) == ("m", {"base_url": "http://127.0.0.1:9"})
    assert found.store.endswith("own.sqlite")
    assert found.sharded


def test_trained_teacher_is_refused(tmp_path, corpora):
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("textcat").add_label("a")
    nlp.get_pipe("textcat").add_label("b")
    nlp.initialize()
    nlp.to_disk(tmp_path / "trained")
    with pytest.raises(UserError, match="trained pipeline"):
        plan(tmp_path / "trained", corpora, store_path=tmp_path / "a.sqlite")


def test_command_prints_prompts_and_counts(unbuilt_config, corpora, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["plan", unbuilt_config, *corpora, "--report", "plan.json", "--samples", "3"]
    distill_app([str(word) for word in words], standalone_mode=False)
    out = capsys.readouterr().out
    assert out.count("Here is the text that needs classification") == 3
    assert "12 questions would be asked" in " ".join(out.split())
    report = read_json(tmp_path / "plan.json")
    assert sum(one["n_new"] for one in report["corpora"]) == 12
    assert "verysecret" not in out + str(report)


def test_collector_of_the_app_takes_no_part(http_config, make_corpus, tmp_path):
    config = load_config(http_config)
    live = tmp_path / "live"
    config["components"]["collect"] = {"factory": "distill_collector", "path": str(live)}
    config["components"]["llm"]["save_io"] = True
    config["nlp"]["pipeline"].append("collect")
    config.to_disk(tmp_path / "app.cfg")
    corpus, store = make_corpus(["one", "two"]), tmp_path / "answers.sqlite"
    (found,) = plan(tmp_path / "app.cfg", [corpus], store_path=store).corpora
    (report,) = label(tmp_path / "app.cfg", [corpus], tmp_path / "out", store_path=store)
    assert found.n_new == report.n_labelled == 2
    assert not list(tmp_path.glob("live/*"))


def two_teachers(http_config, path):
    config = load_config(http_config)
    other = {**config["components"]["llm"], "model": {"@llm_models": "nobody.HasThis.v1"}}
    config["components"]["other"] = other
    config["nlp"]["pipeline"].append("other")
    config.to_disk(path)
    return path


def test_other_llms_are_neither_built_nor_asked(http_config, make_corpus, tmp_path, teacher):
    path = two_teachers(http_config, tmp_path / "two.cfg")
    corpus, store = make_corpus(["one", "two"]), tmp_path / "answers.sqlite"
    (found,) = plan(path, [corpus], store_path=store, component="llm").corpora
    (report,) = label(path, [corpus], tmp_path / "out", store_path=store, component="llm")
    assert found.n_new == report.n_labelled == teacher.delivered.total() == 2


def test_variables_in_the_model_block_change_no_key(http_config, make_corpus, tmp_path, teacher):
    config = load_config(http_config, interpolate=False)
    config["vars"] = {"url": teacher.url, "cold": 0.25}
    config["components"]["llm"]["model"]["url"] = "${vars.url}"
    config["components"]["llm"]["model"]["temperature"] = "${vars.cold}"
    config.to_disk(tmp_path / "vars.cfg", interpolate=False)
    corpus, store = make_corpus(["one", "two"]), tmp_path / "answers.sqlite"
    label(tmp_path / "vars.cfg", [corpus], tmp_path / "out", store_path=store)
    found = plan(tmp_path / "vars.cfg", [corpus], store_path=store)
    assert found.params["temperature"] == 0.25
    assert found.corpora[0].n_stored == 2


def test_labels_from_the_initialize_block_are_in_the_prompt(unbuilt_config, corpora, tmp_path):
    config = load_config(unbuilt_config)
    del config["components"]["llm"]["task"]["labels"]
    config["initialize"] = {"components": {"llm": {"labels": ["fine", "poor"]}}}
    config.to_disk(tmp_path / "initialize.cfg")
    found = plan(tmp_path / "initialize.cfg", corpora, store_path=tmp_path / "a.sqlite")
    assert "fine, poor" in found.prompts[0]


def test_task_that_cannot_be_built_is_a_clear_error(unbuilt_config, corpora, tmp_path):
    config = load_config(unbuilt_config)
    reader = {"@misc": "spacy.FewShotReader.v1", "path": "nowhere.yml"}
    config["components"]["llm"]["task"]["examples"] = reader
    config.to_disk(tmp_path / "examples.cfg")
    with pytest.raises(UserError, match=r"nowhere\.yml"):
        plan(tmp_path / "examples.cfg", corpora, store_path=tmp_path / "a.sqlite")
