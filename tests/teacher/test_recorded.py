import pytest
import srsly

from spacy_distill.errors import UserError
from spacy_distill.teacher.recorded import build_replay_v1
from spacy_distill.teacher.store.answers import AnswerStore
from spacy_distill.ty import Answer, Request


@pytest.fixture
def recorded(tmp_path):
    path = tmp_path / "some.jsonl.gz"
    rows = [{"prompt": "Classify.\nText: one", "responses": ["a", "b"]}]
    srsly.write_gzip_jsonl(path, rows)
    return path


def test_replay_answers_by_prompt_and_sample(recorded):
    model = build_replay_v1(str(recorded))
    requests = [Request("Classify.\nText: one", 1), Request("Classify.\nText: one", 0)]
    assert [a.response for a in model.answers(requests)] == ["b", "a"]
    assert model.params["source"] == "some"


def test_replay_of_another_file_with_the_same_name_is_another_teacher(recorded, tmp_path):
    other = tmp_path / "other" / recorded.name
    other.parent.mkdir()
    srsly.write_gzip_jsonl(other, [{"prompt": "Classify.\nText: one", "responses": ["c"]}])
    assert build_replay_v1(str(other)).params != build_replay_v1(str(recorded)).params


def test_replay_from_an_answer_store(tmp_path):
    with AnswerStore(tmp_path / "a.sqlite") as store:
        for sample, response in enumerate(["x", "y"]):
            store.add(Answer(Request("one", sample), response), "m", {})
        store.add(Answer(Request("two"), "z"), "m", {})
    model = build_replay_v1(str(tmp_path / "a.sqlite"))
    requests = [Request("two"), Request("one", 1), Request("one")]
    assert [a.response for a in model.answers(requests)] == ["z", "y", "x"]


def test_replay_from_a_store_of_several_models_is_refused(tmp_path):
    with AnswerStore(tmp_path / "a.sqlite") as store:
        for name in ("m", "n"):
            store.add(Answer(Request("one"), name), name, {})
    with pytest.raises(UserError, match="several models"):
        list(build_replay_v1(str(tmp_path / "a.sqlite")).answers([Request("one")]))


def test_replay_says_what_changed_in_a_prompt(recorded):
    model = build_replay_v1(str(recorded))
    with pytest.raises(UserError, match=r"now: +Classify now\.\n +recorded: Classify\."):
        list(model.answers([Request("Classify now.\nText: one")]))


def test_replay_says_how_many_samples_there_are(recorded):
    with pytest.raises(UserError, match="--samples 2"):
        list(build_replay_v1(str(recorded)).answers([Request("Classify.\nText: one", 2)]))


def test_replay_reads_nothing_when_made(tmp_path):
    model = build_replay_v1(str(tmp_path / "missing.jsonl"))
    with pytest.raises(UserError, match="No recorded answers"):
        list(model.answers([Request("p")]))


def test_replay_names_a_bad_row(tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text('{"prompt": "p", "responses": ["x"]}\n{"text": "p"}\n', encoding="utf8")
    with pytest.raises(UserError, match="row 2"):
        list(build_replay_v1(str(path)).answers([Request("p")]))


def test_replay_never_moves_an_answer_to_another_sample(tmp_path):
    with AnswerStore(tmp_path / "a.sqlite") as store:
        for sample in (0, 2):
            store.add(Answer(Request("one", sample), f"answer {sample}"), "m", {})
    model = build_replay_v1(str(tmp_path / "a.sqlite"))
    assert [x.response for x in model.answers([Request("one")])] == ["answer 0"]
    with pytest.raises(UserError, match="holds 1 answers"):
        list(model.answers([Request("one", 1)]))
